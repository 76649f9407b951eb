// Ends what an earlier worker of this site began: what it kept goes, and so does this one. Browsers ask for it with the
// next page that they open here.
"use strict";
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => {
  const end = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(`kept ${registration.scope} `)) await caches.delete(name);
    }
    await registration.unregister();
  };
  event.waitUntil(end());
});
