// Keeps pages that were read, for when the site cannot be reached. The network comes first: whoever reaches the site
// reads what is there now. What is kept ends after some pages and some days, and with a site that no longer wants it.
"use strict";
const SHELL = []; // files that every kept page needs, and the pages for when the site is blocked: the build names them
const VERSION = ""; // changes when those have to be fetched anew
const OWN = `kept ${registration.scope} `; // sites below one host share its caches
const LIMITS = { pages: 40, parts: 200 };
const DAYS = 30;
const PATIENCE = 5; // seconds after which a page that is kept is shown
const HOPE = 20; // and those after which one that is not counts as out of reach
const NAMED_BY_CONTENT = /[./][0-9a-f]{8,}\.\w+$/;

const address = (request) => request.url.replace(/[?#].*/, "");
const open = (what) => caches.open(OWN + what);

async function keep(what, request, answer) {
  const cache = await open(what);
  await cache.put(address(request), answer);
  const keys = await cache.keys();
  const late = keys.slice(0, Math.max(0, keys.length - LIMITS[what]));
  for (const key of keys) {
    const made = Date.parse((await cache.match(key))?.headers.get("date"));
    if (late.includes(key) || Date.now() - made > DAYS * 86_400_000) await cache.delete(key);
  }
}

async function find(request) {
  const url = address(request);
  const names = [url, url.endsWith("/") ? `${url}index.html` : url.replace(/\/index\.html$/, "/")];
  for (const what of ["pages", "parts", `shell ${VERSION}`]) {
    const cache = await open(what);
    for (const name of names) {
      const found = await cache.match(name);
      if (found) return found;
    }
  }
}

const late = (seconds) => new Promise((_, give_up) => setTimeout(give_up, seconds * 1000, new Error("late")));

// A page from the site; else as it was when it was read; else the page that says where else the site is.
async function page(event) {
  const { request } = event;
  const kept = await find(request);
  const fetched = fetch(request).then((answer) => {
    if (answer.ok && (answer.headers.get("content-type") || "").startsWith("text/html")) {
      event.waitUntil(keep("pages", request, answer.clone()));
    }
    if (answer.status === 404 || answer.status === 410) event.waitUntil(forget(request)); // taken off the site
    return answer;
  });
  event.waitUntil(fetched.catch(() => {})); // it may come too late to be shown, and early enough to be kept
  try {
    const answer = await Promise.race([fetched, late(kept ? PATIENCE : HOPE)]);
    return answer.status >= 500 && kept ? kept : answer;
  } catch {
    return kept || blocked(request);
  }
}

async function forget(request) {
  await (await open("pages")).delete(address(request));
}

function blocked(request) {
  const pages = SHELL.filter((name) => name.endsWith("blocked.html")).map((name) => new URL(name, registration.scope).href);
  const own = pages.filter((each) => request.url.startsWith(each.slice(0, -"blocked.html".length)));
  const nearest = own.sort((one, other) => other.length - one.length)[0]; // in the language of the page
  return nearest && nearest !== address(request) ? Response.redirect(nearest) : Response.error();
}

// Style sheets, scripts and pictures: their names change with what they hold.
async function part(event) {
  const { request } = event;
  const kept = await find(request);
  if (kept && NAMED_BY_CONTENT.test(address(request))) return kept;
  try {
    const answer = await fetch(request);
    if (answer.ok) event.waitUntil(keep("parts", request, answer.clone()));
    return answer;
  } catch {
    return kept || Response.error();
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || !request.url.startsWith(registration.scope) || request.headers.has("range")) return;
  if (request.mode === "navigate") {
    if (!/\.zip$|\/months\/[^/]+$|\.xml$/.test(address(request))) event.respondWith(page(event));
  } else if (["style", "script", "image", "font"].includes(request.destination)) event.respondWith(part(event));
});

// The page that began this worker was read before there was one.
addEventListener("message", (event) => {
  const [read, ...parts] = event.data;
  const store = async (what, url) => {
    if (!url.startsWith(registration.scope)) return;
    const answer = await fetch(url);
    if (answer.ok) await keep(what, new Request(url), answer);
  };
  const all = [store("pages", read), ...parts.filter((url) => NAMED_BY_CONTENT.test(url)).map((url) => store("parts", url))];
  event.waitUntil(Promise.allSettled(all));
});

addEventListener("install", (event) => {
  const fresh = SHELL.map((name) => new Request(new URL(name, registration.scope), { cache: "reload" }));
  event.waitUntil(open(`shell ${VERSION}`).then((cache) => cache.addAll(fresh)));
  skipWaiting();
});

addEventListener("activate", (event) => {
  const end = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(`${OWN}shell `) && name !== `${OWN}shell ${VERSION}`) await caches.delete(name);
    }
    await clients.claim();
  };
  event.waitUntil(end());
});
