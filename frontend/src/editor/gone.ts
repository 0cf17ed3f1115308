/** Text that is there no more, shown where it was. */
export function goneElement(text: string, color: string | undefined): HTMLElement {
  const element = document.createElement('del')
  element.className = 'gone'
  element.textContent = text
  if (color) element.style.setProperty('--person', color)
  return element
}
