// The service worker of a verify page: it keeps the page's own files, so that
// the page works without a network. scripts/verifier.mjs puts in the version,
// which changes with any of the files, and their list.
'use strict'
const version = 'VERSION'
const family = version.slice(0, version.lastIndexOf('-') + 1)
const files = new Set([/* FILES */].map((f) => new URL(f, self.location).href))

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(version)
    await cache.addAll([...files].map((url) => new Request(url, { cache: 'reload', credentials: 'omit' })))
    await self.skipWaiting()
  })())
})

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(family) && name !== version) await caches.delete(name)
    }
    await self.clients.claim()
  })())
})

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  url.search = url.hash = ''
  if (event.request.method !== 'GET' || !files.has(url.href)) return // the browser's own way
  event.respondWith((async () => {
    const cache = await caches.open(version)
    return (await cache.match(url.href)) ?? fetch(event.request)
  })())
})
