{#- Expects `version`, `offline` and `drawn_with` (addresses). Stories are never kept: see cms/public/installing.py. -#}
const NAME = {{ ("offline-" ~ version)|tojson }};
const OFFLINE = {{ offline|tojson }};
const DRAWN_WITH = {{ drawn_with|tojson }}; // named by their content, so what is kept of them is never old

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll([OFFLINE, ...DRAWN_WITH])).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([
    caches.keys().then((names) => Promise.all(names.filter((name) => name !== NAME).map((name) => caches.delete(name)))),
    self.registration.navigationPreload?.enable(),
    self.clients.claim(),
  ]));
});

self.addEventListener("fetch", (event) => {
  const { mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (mode === "navigate") {
    if (!/^\/(admin|api|preview)(\/|$)/.test(pathname)) event.respondWith(page(event));
  } else if (origin === location.origin && DRAWN_WITH.includes(pathname)) {
    event.respondWith(asset(event.request));
  }
});

async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE)) ?? Response.error();
  }
}

async function asset(request) {
  return (await caches.match(request)) ?? fetch(request);
}
