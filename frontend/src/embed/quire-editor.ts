// The script that pages of other sites load. It depends on nothing, and is not larger than it has to be.
import {
  type Config,
  type Connect,
  FRAME_NAME,
  isEvent,
  isHello,
  isReply,
  METHODS,
  PARAMETERS,
  type Problem,
  VERSION,
} from './messages'

type Settle = readonly [resolve: (result: unknown) => void, reject: (reason: Error) => void]

/** Given to `getToken`: why a token is needed. */
interface Need {
  readonly reason: 'start' | 'expiring' | 'expired'
}

/** What the frame may do: it is of another origin, so that this keeps it from nothing that it needs. */
const SANDBOX =
  'scripts same-origin forms popups popups-to-escape-sandbox downloads modals'.replace(
    /\S+/g,
    'allow-$&',
  )

/**
 * `<quire-editor src="https://docs.example/embed/ID">`: a document in a frame, with the frame's commands as methods and what happens
 * in it as events. The frame greets whenever its page is loaded, which is also when the element is moved; each greeting is answered
 * with a channel of its own.
 */
class QuireEditor extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['src', 'title', ...PARAMETERS]

  /** Gets a token of the host's user from the host's server: at the start, before one expires, and after. */
  declare getToken?: (need: Need) => string | Promise<string>
  private isReady: (about: unknown) => void = () => {}
  /** Settled when the document can be used first. */
  readonly ready = new Promise<unknown>((resolve) => {
    this.isReady = resolve
  })
  private readonly frame = document.createElement('iframe')
  private origin = ''
  private port: MessagePort | undefined
  private readonly waiting = new Map<number, Settle>()
  private requests = 0

  connectedCallback(): void {
    const { frame } = this
    this.style.display ||= 'block'
    frame.name = FRAME_NAME
    frame.allow = 'clipboard-read; clipboard-write; fullscreen'
    frame.referrerPolicy = 'origin'
    frame.setAttribute('sandbox', SANDBOX)
    frame.style.cssText = 'display:block;border:0;width:100%;height:100%;min-height:inherit'
    addEventListener('message', this.greeted)
    frame.title ||= 'Quire'
    this.load()
    this.append(frame)
  }

  disconnectedCallback(): void {
    removeEventListener('message', this.greeted)
    this.hangUp()
    this.frame.remove()
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === 'title') this.frame.title = after ?? ''
    if (before === after || !this.isConnected) return
    if (name === 'src') this.load()
    else if (this.port) void this.call('configure', { [name]: after ?? 'default' }).catch(() => {})
  }

  /** Asks something of the frame. */
  call(method: string, params?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (!this.port) return reject(new Error('not connected'))
      this.waiting.set(++this.requests, [resolve, reject])
      this.port.postMessage({ id: this.requests, method, params })
    })
  }

  override focus(): void {
    this.frame.focus()
    void this.call('focus').catch(() => {})
  }

  override blur(): void {
    void this.call('blur').catch(() => {})
  }

  private load(): void {
    const address = new URL(this.getAttribute('src') ?? '', location.href)
    this.origin = address.origin
    this.frame.src = address.href
  }

  private readonly greeted = (event: MessageEvent): void => {
    const { contentWindow } = this.frame
    if (event.source !== contentWindow || event.origin !== this.origin) return
    if (!isHello(event.data)) return
    this.hangUp()
    const { port1, port2 } = new MessageChannel()
    this.port = port1
    port1.onmessage = ({ data }) => this.hear(data)
    const answer: Connect = {
      quire: VERSION,
      type: 'connect',
      nonce: event.data.nonce,
      config: this.config(),
    }
    contentWindow?.postMessage(answer, this.origin, [port2])
  }

  private config(): Config {
    const said = PARAMETERS.map((name) => [name, this.getAttribute(name)])
    const config = Object.fromEntries(said.filter(([, value]) => value !== null))
    return this.getToken ? { ...config, asks: '' } : config
  }

  private hear(said: unknown): void {
    if (isEvent(said)) this.happened(said.event, said.data)
    else if (isReply(said)) {
      const settle = this.waiting.get(said.id)
      this.waiting.delete(said.id)
      if ('error' in said) settle?.[1](failure(said.error))
      else settle?.[0](said.result)
    }
  }

  private happened(event: string, data: unknown): void {
    if (event === 'ready') this.isReady(data)
    if (event === 'resize') this.fit((data as { height: number }).height)
    if (event === 'token-needed') void this.renew(data as Need)
    this.dispatchEvent(new CustomEvent(`quire-${event}`, { detail: data, bubbles: true }))
  }

  private async renew(need: Need): Promise<void> {
    try {
      const token = await this.getToken?.(need)
      if (token) await this.call('setToken', token)
    } catch (error) {
      this.happened('error', { code: 'token-invalid', message: String(error) })
      // So that the frame says why it shows nothing.
      if (need.reason === 'start') void this.call('setToken', '').catch(() => {})
    }
  }

  /** As tall as what it shows, within bounds. */
  private fit(height: number): void {
    const bound = (name: string, otherwise: number) => Number(this.getAttribute(name)) || otherwise
    const fitting = Math.max(bound('min', 0), Math.min(height, bound('max', Number.MAX_VALUE)))
    this.style.height = `${fitting}px`
  }

  private hangUp(): void {
    this.port?.close()
    this.port = undefined
    for (const [, reject] of this.waiting.values()) reject(new Error('not connected'))
    this.waiting.clear()
  }
}

const failure = (problem: Problem) => Object.assign(new Error(problem.message), problem)

for (const method of METHODS) {
  Object.assign(QuireEditor.prototype, {
    [method](this: QuireEditor, params?: unknown) {
      return this.call(method, params)
    },
  })
}

customElements.get('quire-editor') ?? customElements.define('quire-editor', QuireEditor)
