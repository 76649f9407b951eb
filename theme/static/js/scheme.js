// The reader's choice of light or dark colours, remembered on this device.
const root = document.documentElement;
const key = "scheme";
let store = null;
try {
  store = window.localStorage;
} catch {
  // Not allowed to remember: the choice holds for this page.
}
const chosen = store && store.getItem(key);
if (chosen === "dark" || chosen === "light") root.dataset.scheme = chosen;

const button = document.querySelector("[data-scheme-switch]");
if (button) {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const other = () => ((root.dataset.scheme || (system.matches ? "dark" : "light")) === "dark" ? "light" : "dark");
  const show = () => {
    button.textContent = button.dataset[other()];
  };
  button.addEventListener("click", () => {
    root.dataset.scheme = other();
    if (store) store.setItem(key, root.dataset.scheme);
    show();
  });
  system.addEventListener("change", show);
  show();
  button.parentElement.hidden = false;
}
