/** Made by the build, see vite.config.ts. */
declare module 'virtual:precached' {
  /** Paths of everything that a page needs before one can type, whatever the kind of document. */
  export const PRECACHED: readonly string[]
  /** Changes with every one of these files. */
  export const VERSION: string
}
