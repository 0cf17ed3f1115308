/** Made by the build, see vite.config.ts. */
declare module 'virtual:host-script' {
  /** The file that pages of other sites load, in this version. */
  export const NAME: string
  /** By which a browser knows that it is this one. */
  export const INTEGRITY: string
}
