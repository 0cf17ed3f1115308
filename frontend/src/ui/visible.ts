/**
 * Keeps the page as high as what can be seen of it. Most browsers shrink the page for their keyboard when asked to; those
 * that put it over the page tell only this way.
 */
export function fitTheVisible(): void {
  const { visualViewport } = window
  visualViewport?.addEventListener('resize', () => {
    const covered = innerHeight - visualViewport.height * visualViewport.scale > 1
    const { style } = document.documentElement
    if (covered) style.setProperty('--visible', `${visualViewport.height}px`)
    else style.removeProperty('--visible')
    if (covered) scrollTo(0, 0)
  })
}
