import { t } from '../i18n'
import { at } from '../place'

/** What the frame is asked for that draws diagrams. It answers SVG, or null for what is no diagram. */
export interface DiagramRequest {
  readonly source: string
  readonly dark: boolean
}

/** The frame that draws, once there was a diagram. It has a policy of its own, and is out of sight. */
let frame: Promise<MessagePort> | null = null

function openFrame(): Promise<MessagePort> {
  const element = document.createElement('iframe')
  element.className = 'drawing-board'
  element.tabIndex = -1
  element.ariaHidden = 'true'
  element.setAttribute('sandbox', 'allow-scripts allow-same-origin')
  element.src = at('diagram.html')
  document.body.append(element)
  return new Promise((resolve, reject) => {
    element.addEventListener('load', () => {
      // Without the network there is an error page of the browser's. The next diagram tries again.
      if (!element.contentDocument?.querySelector('script')) {
        frame = null
        element.remove()
        reject(new Error('the frame did not load'))
        return
      }
      const { port1, port2 } = new MessageChannel()
      element.contentWindow?.postMessage(null, location.origin, [port2])
      resolve(port1)
    })
  })
}

/** One diagram is drawn at a time, so that each answer is that to the last question. */
let last: Promise<void> = Promise.resolve()

function isDark(): boolean {
  const chosen = document.documentElement.style.colorScheme
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches
}

/** Draws the diagram whose source an element holds. Where that fails, the source stays, with a sentence. */
export function drawDiagram(place: HTMLElement): Promise<void> {
  last = last.then(() => draw(place))
  return last
}

/** How long the frame may take, in ms: the library that draws comes over the network, the first time. */
const PATIENCE = 60_000

/** Has the frame draw; rejects if that is no diagram, or the frame does not answer. */
async function ask(request: DiagramRequest): Promise<string> {
  frame ??= openFrame()
  const port = await frame
  return new Promise((resolve, reject) => {
    const wait = setTimeout(() => reject(new Error('no answer')), PATIENCE)
    port.onmessage = ({ data }: MessageEvent<string | null>) => {
      clearTimeout(wait)
      if (data) resolve(data)
      else reject(new Error('no diagram'))
    }
    port.postMessage(request)
  })
}

async function draw(place: HTMLElement): Promise<void> {
  const source = place.textContent ?? ''
  try {
    place.replaceWith(picture(await ask({ source, dark: isDark() }), source))
  } catch {
    const note = document.createElement('p')
    note.className = 'problem'
    note.textContent = t('preview.diagramBroken')
    place.before(note)
  }
}

/** The diagram as a picture, in which nothing can run and whose styles stay inside. */
function picture(svg: string, source: string): HTMLElement {
  const [, width = '', height = ''] = /viewBox="\S+ \S+ ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
  // A picture is as large as its root says; mermaid's says 100 %.
  const sized = svg.replace('width="100%"', `width="${width}" height="${height}"`)
  const image = document.createElement('img')
  image.className = 'diagram'
  image.width = Math.ceil(Number(width))
  image.height = Math.ceil(Number(height))
  image.alt = t('preview.diagram', { source })
  image.src = `data:image/svg+xml;utf8,${encodeURIComponent(sized)}`
  return image
}
