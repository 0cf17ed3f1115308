/** One of two views of a text that scroll together. */
export interface View {
  readonly element: HTMLElement
  /** The line at the top, counted from 0; a fraction says how much of it is above. */
  topLine(): number
  showAtTop(line: number): void
}

/** What a person does to a view that scrolls it. */
const HANDS = ['pointerdown', 'wheel', 'touchstart', 'keydown', 'focusin'] as const

/**
 * Scrolls either view with the other. The one that the user touched last leads: a view that follows also tells that it
 * scrolled, and would lead the other astray.
 */
export function keepInStep(a: View, b: View): () => void {
  let leader = a
  const leading = (view: View) => () => {
    leader = view
  }
  const scrolled = (view: View, other: View) => () => {
    if (view === leader) other.showAtTop(view.topLine())
  }
  const stops = [
    [a, b],
    [b, a],
  ].flatMap(([view, other]) => {
    if (!view || !other) return []
    const { element } = view
    const lead = leading(view)
    const scroll = scrolled(view, other)
    element.addEventListener('scroll', scroll, { passive: true })
    for (const hand of HANDS) element.addEventListener(hand, lead, { passive: true })
    return [
      () => {
        element.removeEventListener('scroll', scroll)
        for (const hand of HANDS) element.removeEventListener(hand, lead)
      },
    ]
  })
  return () => {
    for (const stop of stops) stop()
  }
}
