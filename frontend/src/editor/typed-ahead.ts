/**
 * Takes the keys while the panel that they are meant for is still loaded, so
 * that nothing of them ends up in the text. Answers what hands them over to the
 * panel's field; without a field, the focus goes back to where it was.
 */
export function typedAhead(name: string): (field: HTMLInputElement | null) => void {
  const before = document.activeElement as HTMLElement | null
  const waiting = document.createElement('input')
  waiting.className = 'unseen'
  waiting.ariaLabel = name
  waiting.autocomplete = 'off'
  waiting.tabIndex = -1
  document.body.append(waiting)
  waiting.focus()
  return (field) => {
    const { value } = waiting
    const stillThere = document.activeElement === waiting
    waiting.remove()
    if (field && value) {
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    if (stillThere) (field ?? before)?.focus()
  }
}
