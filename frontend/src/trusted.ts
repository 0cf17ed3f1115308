import { at } from './place'

interface Policy {
  createHTML(html: string): string
  createScriptURL(address: string): string
}

/** Trusted types, where the browser has them: there HTML and scripts come from policies that the server names, and nowhere else. */
const { trustedTypes } = globalThis as {
  trustedTypes?: { createPolicy(name: string, policy: Policy): Policy }
}

const plain: Policy = {
  createHTML: (html) => html,
  createScriptURL: (address) => (address === at('sw.js') ? address : ''),
}

const policy = trustedTypes?.createPolicy('quire', plain) ?? plain

/** HTML that is read, in a document of its own in which nothing runs, and never shown as it is. */
export const inert = (html: string): string => policy.createHTML(html)

/** The one script that is named at run time. */
export const serviceWorker = (): string => policy.createScriptURL(at('sw.js'))
