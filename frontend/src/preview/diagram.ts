import { t } from '../i18n'

type Mermaid = typeof import('mermaid').default

let drawn = 0
/** One diagram is drawn at a time: they share an element to measure text in. */
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

async function draw(place: HTMLElement): Promise<void> {
  try {
    const { default: mermaid } = await import('mermaid')
    place.replaceWith(await picture(mermaid, place.textContent ?? ''))
  } catch {
    const note = document.createElement('p')
    note.className = 'problem'
    note.textContent = t('preview.diagramBroken')
    place.before(note)
  }
}

/** The diagram as a picture, in which nothing can run and whose styles stay inside. */
async function picture(mermaid: Mermaid, source: string): Promise<HTMLElement> {
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: isDark() ? 'dark' : 'neutral',
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    suppressErrorRendering: true,
    fontFamily: 'system-ui, sans-serif',
  })
  const { svg } = await mermaid.render(`diagram-${drawn++}`, source)
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
