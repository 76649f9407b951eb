// Where the site wants it, its worker keeps the pages that are read here (theme/worker/keep.js).
const { worker } = document.currentScript.dataset;
if (worker && navigator.serviceWorker) {
  const url = new URL(worker, document.baseURI).href;
  const start = async () => {
    const first = !navigator.serviceWorker.controller;
    const policy = window.trustedTypes && trustedTypes.createPolicy("site", { createScriptURL: () => url });
    await navigator.serviceWorker.register(policy ? policy.createScriptURL("") : url, { updateViaCache: "none" });
    const { active } = await navigator.serviceWorker.ready;
    const parts = performance.getEntriesByType("resource").map((each) => each.name);
    if (first) active.postMessage([location.href, ...parts]);
  };
  addEventListener("load", () => start().catch(() => {})); // a browser that allows none, as in private windows

  const button = document.querySelector("[data-forget]");
  if (button) {
    button.addEventListener("click", async () => {
      const own = `kept ${new URL("./", url).href} `;
      for (const what of ["pages", "parts"]) await caches.delete(own + what);
      button.textContent = button.dataset.done;
    });
    button.setAttribute("aria-live", "polite");
    button.parentElement.hidden = false;
  }
}
