import { signal } from '@preact/signals'
import { serviceWorker } from '../trusted'

/** A newer version of the pages is on this device and waits for a word. */
export const updateWaits = signal(false)

let registration: ServiceWorkerRegistration | null = null

/** Keeps the pages on this device, so that they open without the server. Browsers allow it over TLS and on localhost. */
export async function keepPages(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  try {
    registration = await navigator.serviceWorker.register(serviceWorker())
  } catch {
    return // Without it everything works but opening a page offline.
  }
  const look = () => {
    updateWaits.value = registration?.waiting != null && navigator.serviceWorker.controller !== null
  }
  look()
  registration.addEventListener('updatefound', () => {
    registration?.installing?.addEventListener('statechange', look)
  })
}

/** Least time between two questions for a newer version, in ms. */
const ASK_EVERY = 60_000
let asked = Number.NEGATIVE_INFINITY

/** Asks whether there is a newer version: a server that comes back may have been updated. */
export function lookForUpdate(): void {
  if (!registration || performance.now() - asked < ASK_EVERY) return
  asked = performance.now()
  registration.update().catch(() => {}) // The server is away: it is asked again when it is back.
}

/** Shows the new version in this tab. Others go on with the old one until they are reloaded. */
export function update(): void {
  const waiting = registration?.waiting
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), {
    once: true,
  })
  if (waiting) waiting.postMessage('take over')
  else location.reload()
}
