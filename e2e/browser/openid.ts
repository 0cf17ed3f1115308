import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

/** A running provider of OpenID Connect, at which anybody can sign in by any name. */
export class OpenID {
  static readonly client = { id: 'quire', secret: 'a secret between the two' }

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  /** Starts one that sends people back to a server's address. */
  static async start(back: string): Promise<OpenID> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: OpenID.client.id,
          client_secret: OpenID.client.secret,
          redirect_uris: [back],
        },
      ],
      claims: { openid: ['sub'], profile: ['name'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['of this test'] },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: async () => ({ sub: id, name: `${id} of the provider` }),
      }),
    })
    server.on('request', provider.callback())
    return new OpenID(server, issuer)
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }
}
