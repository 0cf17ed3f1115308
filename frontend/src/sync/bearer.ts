/** What the page shows the server where its cookies may not reach: in a frame of another site. Kept nowhere but here. */
let bearer = ''

/** Shows this from now on. */
export function bear(token: string): void {
  bearer = token
}

/** What goes into a handshake; undefined where cookies do. */
export const borne = (): string | undefined => bearer || undefined

/** A request with what the page shows, if anything. */
export const authorized = (request: RequestInit): RequestInit =>
  bearer
    ? { ...request, headers: { ...request.headers, authorization: `Bearer ${bearer}` } }
    : request
