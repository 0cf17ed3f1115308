// These bring no types: this is as much of them as the tests use.

declare module 'sharedb/lib/client/index.js' {
  export interface Doc {
    data: { ops: unknown[] }
    subscribe(done: (error?: Error) => void): void
    create(data: unknown, type: string, done: (error?: Error) => void): void
    submitOp(op: unknown, options: { source: unknown }, done?: (error?: Error) => void): void
    whenNothingPending(done: () => void): void
    on(event: 'op', handler: (op: { ops: unknown[] }, source: unknown) => void): void
  }
  export class Connection {
    constructor(socket: unknown)
    get(collection: string, id: string): Doc
    close(): void
  }
  export const types: { register(type: unknown): void }
}

declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'
  export interface Account {
    accountId: string
    claims(): Promise<{ sub: string; name: string }>
  }
  export interface Configuration {
    clients: { client_id: string; client_secret: string; redirect_uris: string[] }[]
    claims: Record<string, string[]>
    conformIdTokenClaims: boolean
    cookies: { keys: string[] }
    findAccount(context: unknown, id: string): Account
  }
  export default class Provider {
    constructor(issuer: string, configuration: Configuration)
    callback(): RequestListener
  }
}

declare module 'rich-text' {
  export const type: { uri: string }
}
