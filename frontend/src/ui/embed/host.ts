import {
  type Code,
  type Config,
  isConnect,
  isRequest,
  type Problem,
  type Reply,
  type Request,
  VERSION,
} from '../../embed/messages'

/** Why the frame did not do what it was asked to. */
export class Refusal extends Error {
  constructor(
    readonly code: Code,
    message: string,
  ) {
    super(message)
  }
}

/** What the frame does when its host asks. Each gets what the host sent, which may be anything. */
export type Methods = { readonly [name: string]: (params: unknown) => unknown }

/**
 * The page around this frame. It is greeted once, and believed if it is of one of the origins that may embed the document: then it
 * hands over one end of a channel, and no other is taken for as long as this page lasts.
 */
export class Host {
  /** What the host wants at the start. */
  readonly connected: Promise<Config>
  /** Where the host's page is from; '' until it has answered. */
  origin = ''

  private port: MessagePort | null = null
  private methods: Methods = {}
  private readonly nonce = nonce()
  private resolve: (config: Config) => void = () => {}

  constructor(private readonly origins: readonly string[]) {
    this.connected = new Promise((resolve) => {
      this.resolve = resolve
    })
    addEventListener('message', this.answered)
    // It says nothing that is not for everybody: whose page this is is not known yet.
    parent.postMessage({ quire: VERSION, type: 'hello', nonce: this.nonce }, '*')
  }

  /** Has the frame do these things from now on, beside those that it did. */
  offer(methods: Methods): void {
    this.methods = { ...this.methods, ...methods }
  }

  /** Tells the host that something happened. */
  tell(event: string, data: unknown): void {
    this.port?.postMessage({ event, data })
  }

  private readonly answered = (event: MessageEvent): void => {
    const [port] = event.ports
    if (event.source !== parent || !port || !this.origins.includes(event.origin)) return
    if (!isConnect(event.data, this.nonce)) return
    removeEventListener('message', this.answered)
    this.origin = event.origin
    this.port = port
    port.onmessage = ({ data }) => {
      if (isRequest(data)) void this.answer(data).then((reply) => port.postMessage(reply))
    }
    this.resolve(event.data.config)
  }

  private async answer({ id, method, params }: Request): Promise<Reply> {
    try {
      if (!Object.hasOwn(this.methods, method)) {
        throw new Refusal('unknown-method', `There is no method ${method}.`)
      }
      return { id, result: await this.methods[method]?.(params) }
    } catch (error) {
      return { id, error: problemOf(error) }
    }
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) return { code: error.code, message: error.message }
  return { code: 'bad-request', message: String(error) }
}

/** 128 random bits. */
const nonce = () =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('.')
