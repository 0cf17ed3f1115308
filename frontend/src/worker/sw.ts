/// <reference lib="webworker" />
import { PRECACHED, VERSION } from 'virtual:precached'

// The service worker: it opens pages without the server. Documents themselves are kept by the pages, see sync/copies.ts.
const worker = self as unknown as ServiceWorkerGlobalScope

const PREFIX = 'quire-'
const CACHE = `${PREFIX}${VERSION}`
/** The page of every document. */
const SHELL = './document.html'
/** Where the server is, as in place.ts. */
const ROOT = new URL('./', worker.location.href).pathname

worker.addEventListener('install', (event) => {
  event.waitUntil(precache())
})

async function precache(): Promise<void> {
  const cache = await caches.open(CACHE)
  await cache.addAll(PRECACHED.map((path) => new Request(path, { cache: 'reload' })))
}

worker.addEventListener('activate', (event) => {
  event.waitUntil(dropOld().then(() => worker.clients.claim()))
})

/** Files of the version before stay: tabs that still show it load parts of it when they need them. */
async function dropOld(): Promise<void> {
  const ours = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE)
  for (const name of ours.slice(0, -1)) await caches.delete(name)
}

/** A page asks for the new version, after its user said so. */
worker.addEventListener('message', (event) => {
  if (event.data === 'take over') void worker.skipWaiting()
})

worker.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== worker.location.origin) return
  if (request.mode === 'navigate' && pathname.startsWith(`${ROOT}d/`)) {
    event.respondWith(fromCache(SHELL, request))
  } else if (request.mode === 'navigate' && pathname === ROOT) {
    event.respondWith(fetch(request).catch(() => fromCache('./', request)))
  } else if (request.mode === 'navigate' && pathname === `${ROOT}diagram.html`) {
    event.respondWith(fromCache('./diagram.html', request))
  } else if (pathname.startsWith(`${ROOT}assets/`) || pathname === `${ROOT}favicon.svg`) {
    event.respondWith(file(request))
  }
})

/** What is kept under a path in the present version, or else what the server answers. */
async function fromCache(path: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE)
  return (await cache.match(path)) ?? fetch(request)
}

/** A file that never changes, of whatever version; kept when it is first used. */
async function file(request: Request): Promise<Response> {
  const kept = await caches.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) {
    const cache = await caches.open(CACHE)
    await cache.put(request, answer.clone())
  }
  return answer
}
