import '../style/missing.css'
import { effect } from '@preact/signals'
import { render } from 'preact'
import { type Config, FRAME_NAME, type Problem } from '../../embed/messages'
import type { Standing } from '../../sync/wire'
import type { DocumentPage } from '../document/page'
import { Admission, type Need } from './admission'
import { Contents } from './contents'
import { tellOf } from './events'
import { Host, problemOf } from './host'
import { methodsOf } from './methods'
import { Parameters } from './parameters'
import { arrange } from './shape'
import { e } from './texts'

export { openPictures } from './pictures'

/** How long a frame that `<quire-editor>` made waits for its host to answer, in ms; then it is as any other. */
const ANSWER_WITHIN = 1_000

/** What those who only read may do at most. */
const READING = ['read', 'history', 'messages']

/**
 * Prepares the page of a document for a frame in another site: dresses it, and finds out who its user is, if the site's server says
 * so. Answers what is to be done with the document's page before it opens.
 */
export async function enter(
  place: HTMLElement,
  id: string,
  hash: string,
): Promise<(page: DocumentPage) => void> {
  const embedding = new Embedding(id, place)
  await embedding.begin(/^#t=([\w.-]+)$/.exec(hash)?.[1] ?? '')
  return (page) => embedding.attach(page)
}

/** A document in a frame: what its host, its address and its token say of it. */
class Embedding {
  private readonly parameters = new Parameters()
  private readonly host = parent === self ? null : new Host(embedders())
  private readonly admission: Admission
  private page: DocumentPage | null = null
  /** What the server lets the user do. */
  private standing: Standing | null = null
  private admitted: () => void = () => {}
  private readonly whenAdmitted = new Promise<void>((resolve) => {
    this.admitted = resolve
  })

  constructor(
    id: string,
    private readonly place: HTMLElement,
  ) {
    const origin = () => this.host?.origin ?? ''
    this.admission = new Admission(id, origin, (reason, exp) => this.needToken(reason, exp))
    this.host?.offer({
      setToken: (token) => this.show(token),
      configure: (said) => this.configure(said),
      setReadOnly: (readOnly) => {
        this.parameters.setReadOnly(readOnly === true)
        this.restrainAnew()
      },
      pauseFocus: (paused) => {
        place.inert = paused === true
      },
    })
  }

  /** Ends when the document can be opened. */
  async begin(token: string): Promise<void> {
    await this.parameters.dress()
    const config = await this.firstConfig()
    if (config) await this.configure(config)
    else void this.host?.connected.then((late) => this.connectedLate(late))
    const first = config?.token ?? token
    if (!first && config?.asks === undefined) return
    render(<main class="missing" aria-busy="true" />, this.place)
    if (first) await this.show(first).catch(this.tellProblem)
    else this.needToken('start', 0)
    await this.whenAdmitted
    render(null, this.place)
  }

  attach(page: DocumentPage): void {
    const { host, parameters } = this
    this.page = page
    page.session.document.restrain = (standing) => {
      this.standing = standing
      return parameters.readOnly ? reading(standing) : standing
    }
    effect(() => {
      if (page.saved.value && page.session.isExpired) this.admission.end()
    })
    arrange(page, parameters, host)
    if (!host) return
    const contents = new Contents(page)
    host.offer(methodsOf(page, contents))
    void host.connected.then(() => tellOf(page, contents, host, parameters))
  }

  private async firstConfig(): Promise<Config | null> {
    if (!this.host || window.name !== FRAME_NAME) return null
    const tooLate = new Promise<null>((resolve) => {
      setTimeout(() => resolve(null), ANSWER_WITHIN)
    })
    return Promise.race([this.host.connected, tooLate])
  }

  /** A host that took its time is listened to all the same. */
  private async connectedLate({ token, asks, ...parameters }: Config): Promise<void> {
    await this.configure(parameters)
    if (token) await this.show(token).catch(this.tellProblem)
    else if (asks !== undefined) this.needToken('start', 0)
  }

  private async configure(said: unknown): Promise<void> {
    this.parameters.take(said)
    await this.parameters.dress()
    this.restrainAnew()
    if (this.page) arrange(this.page, this.parameters, this.host)
  }

  private restrainAnew(): void {
    const { standing } = this
    if (standing) this.page?.session.document.received({ a: 'q:role', standing })
  }

  private async show(token: unknown) {
    try {
      const admitted = await this.admission.show(token)
      this.admitted()
      if (this.page) this.page.problem.value = ''
      return admitted
    } catch (error) {
      if (!this.page) this.refuse(problemOf(error))
      throw error
    }
  }

  private needToken(reason: Need, exp: number): void {
    this.host?.tell('token-needed', { reason, exp })
    if (!this.page) return
    if (reason === 'expired') this.page.problem.value = e('expired')
    else if (!this.host?.origin) this.page.problem.value = e('expiring')
  }

  private refuse(problem: Problem): void {
    render(<NotOpened problem={problem} origin={this.host?.origin ?? ''} />, this.place)
  }

  private readonly tellProblem = (error: unknown) => this.host?.tell('error', problemOf(error))
}

/** Why the document could not be opened. The texts of another language than English may come a little later. */
const NotOpened = ({ problem, origin }: { problem: Problem; origin: string }) => (
  <main class="missing">
    <h1>{e('opening.failed')}</h1>
    <p role="alert">{sentenceOf(problem, origin)}</p>
  </main>
)

function sentenceOf({ code, message }: Problem, origin: string): string {
  switch (code) {
    case 'token-expired':
      return e('token.expired')
    case 'token-invalid':
      return e('token.invalid')
    case 'origin-refused':
      return e('token.origin', { origin })
    case 'server-busy':
      return e('token.busy')
    default:
      return message
  }
}

const reading = ({ may }: Standing): Standing => ({
  role: 'viewer',
  may: may.filter((action) => READING.includes(action)),
})

/** The origins whose pages may embed this document, as the server says in the page. */
function embedders(): readonly string[] {
  const said = document.querySelector<HTMLMetaElement>('meta[name="embedders"]')?.content ?? ''
  return said.split(' ').filter(Boolean)
}
