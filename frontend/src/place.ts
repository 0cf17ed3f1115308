/** Where on its host the server is: "/", or below a path such as "/docs/". The server writes it into its pages. */
export const root = rootIn(
  typeof document === 'undefined' ? null : document.querySelector('meta[name="root"]'),
)

function rootIn(meta: Element | null): string {
  const path = meta?.getAttribute('content') ?? ''
  return path.startsWith('/') ? path : '/'
}

/** The address of something that the server answers. */
export const at = (path: string): string => root + path

const PICTURES = 'api/v1/documents/'

/**
 * Documents keep the addresses of their pictures as if the server were at "/", so that it can be moved. This is what to load.
 */
export const shown = (address: string): string =>
  address.startsWith(`/${PICTURES}`) ? root + address.slice(1) : address

let ticket = ''

/** Takes what opens the pictures of the document where cookies do not reach. */
export function showTicket(text: string): void {
  ticket = `?ticket=${text}`
}

/** What an `<img>` of a document is to load. */
export const pictured = (address: string): string => {
  const at = shown(address)
  return address.startsWith(`/${PICTURES}`) ? at + ticket : at
}

/** The inverse of `pictured`. */
export const kept = (address: string): string =>
  address.startsWith(root + PICTURES)
    ? `/${address.slice(root.length)}`.replace(/\?ticket=.*/, '')
    : address
