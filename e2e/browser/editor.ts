import { expect, type Locator, type Page } from '@playwright/test'

/** A person's window on a document. */
export class Editor {
  readonly text: Locator
  readonly state: Locator
  readonly title: Locator
  readonly people: Locator

  constructor(readonly page: Page) {
    this.text = page.getByRole('textbox', { name: 'Document text' })
    this.state = page.locator('[role=status][data-state]')
    this.title = page.getByRole('textbox', { name: 'Document title' })
    this.people = page.getByRole('list', { name: 'People here' })
  }

  /** Waits until the document can be written in. */
  async ready(): Promise<void> {
    await expect(this.text).toBeEditable()
    await this.saved()
  }

  /** Waits until the page says that everything is on the server's disk. */
  async saved(): Promise<void> {
    await expect(this.state).toHaveAttribute('data-state', 'saved')
  }

  /** Puts the caret at one end of the text, as a person would with the keyboard. */
  async goTo(end: 'start' | 'end'): Promise<void> {
    await this.text.focus()
    await this.page.keyboard.press(end === 'start' ? 'Control+Home' : 'Control+End')
  }

  /** Types at the caret, one key after another. */
  async type(text: string): Promise<void> {
    await this.text.focus()
    await this.page.keyboard.type(text)
  }

  /** Puts text in as an input method does, in one piece. */
  async insert(text: string): Promise<void> {
    await this.text.focus()
    await this.page.keyboard.insertText(text)
  }

  async callMyself(name: string): Promise<void> {
    await this.page.getByRole('button', { name: /Change name/ }).click()
    await this.page.getByLabel('Your name').fill(name)
    await this.page.keyboard.press('Enter')
    await this.page.keyboard.press('Escape')
  }

  caretOf(name: string): Locator {
    return this.page.locator(`.remote-caret[data-name="${name}"]`)
  }

  /** The lines that the person sees, without other people's carets. */
  async lines(): Promise<string[]> {
    return await this.text.evaluate((editable) => {
      const copy = editable.cloneNode(true) as HTMLElement
      for (const extra of copy.querySelectorAll('.remote-caret, .cm-placeholder')) extra.remove()
      return [...copy.querySelectorAll('.cm-line, .line')].map((line) => line.textContent ?? '')
    })
  }

  async shows(text: string): Promise<void> {
    await expect.poll(() => this.shown()).toBe(text)
  }

  async shown(): Promise<string> {
    return (await this.lines()).join('\n')
  }
}
