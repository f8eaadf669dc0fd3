// For pages with a form that is kept (keep.js), and for nothing else: each registers it for its
// own address. With a line it changes nothing; without one it opens the page that was kept.
const CACHE = "kept-pages-1";

addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => {
  const old = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name))),
  );
  event.waitUntil(Promise.all([old, clients.claim()]));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method === "GET" && request.url.startsWith(location.origin)) {
    event.respondWith(answered(request));
  }
});

async function answered(request) {
  const isPage = request.mode === "navigate";
  try {
    const line = isPage ? { signal: AbortSignal.timeout(10000) } : undefined;
    const answer = await fetch(request, line);
    if (!isPage || answer.status < 500) return answer;
    throw new TypeError("away");
  } catch (problem) {
    const cache = await caches.open(CACHE);
    const kept =
      (await cache.match(request, { ignoreVary: true })) ||
      (isPage && (await cache.match(request, { ignoreVary: true, ignoreSearch: true })));
    if (kept) return kept;
    throw problem;
  }
}
