import { signal } from '@preact/signals'
import type { Page } from './api'

/** A list that comes from the server in pages. What was asked for last is what is shown, whatever is answered first. */
export class Paged<T extends { readonly id: string }, P extends Page<T>> {
  readonly documents = signal<readonly T[]>([])
  /** The newest page; null until there is one. */
  readonly page = signal<P | null>(null)
  readonly problem = signal('')
  private asked = 0

  constructor(private readonly read: (after: string) => Promise<P>) {}

  /** Reads the list from its beginning. */
  async reload(): Promise<void> {
    await this.add([], '')
  }

  /** Reads what comes next. */
  async more(): Promise<void> {
    const next = this.page.value?.next
    if (next) await this.add(this.documents.value, next)
  }

  replace(id: string, change: Partial<T>): void {
    this.documents.value = this.documents.value.map((one) =>
      one.id === id ? { ...one, ...change } : one,
    )
  }

  /** Takes one away, once the server has done so. */
  async remove(id: string, act: Promise<unknown>): Promise<boolean> {
    try {
      await act
      this.problem.value = ''
      this.documents.value = this.documents.value.filter((one) => one.id !== id)
      return true
    } catch (error) {
      this.problem.value = (error as Error).message
      return false
    }
  }

  private async add(before: readonly T[], after: string): Promise<void> {
    this.asked++
    const { asked } = this
    try {
      const page = await this.read(after)
      if (asked !== this.asked) return
      this.documents.value = [...before, ...page.documents]
      this.page.value = page
      this.problem.value = ''
    } catch (error) {
      if (asked === this.asked) this.problem.value = (error as Error).message
    }
  }
}
