/** What the page shows the server where its cookies may not reach: in a frame of another site. Kept nowhere but here. */
let bearer = ''
const bearers = new Set<() => void>()

/** Shows this from now on. */
export function bear(token: string): void {
  bearer = token
  for (const tell of bearers) tell()
}

/** Hears of each newer one. */
export const onBear = (tell: () => void) => bearers.add(tell)

/** What goes into a handshake; undefined where cookies do. */
export const borne = (): string | undefined => bearer || undefined

/** A request with what the page shows, if anything. */
export const authorized = (request: RequestInit): RequestInit =>
  bearer
    ? { ...request, headers: { ...request.headers, authorization: `Bearer ${bearer}` } }
    : request
