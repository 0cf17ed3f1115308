import type { DiagramRequest } from './diagram'

// This runs in a frame of its own, see diagram.ts: the library that draws makes style elements and sets HTML, which no other page
// of ours may do.

let drawn = 0

/** Draws a diagram as SVG. */
async function draw({ source, dark }: DiagramRequest): Promise<string> {
  const { default: mermaid } = await import('mermaid')
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    theme: dark ? 'dark' : 'neutral',
    htmlLabels: false,
    flowchart: { htmlLabels: false },
    suppressErrorRendering: true,
    fontFamily: 'system-ui, sans-serif',
  })
  return (await mermaid.render(`diagram-${drawn++}`, source)).svg
}

/** The page that shows this frame gives it the other end of a channel, by which it asks for one diagram after the other. */
addEventListener('message', ({ source, origin, ports: [port] }) => {
  if (source !== parent || origin !== location.origin || !port) return
  port.onmessage = async ({ data }: MessageEvent<DiagramRequest>) =>
    port.postMessage(await draw(data).catch(() => null))
})
