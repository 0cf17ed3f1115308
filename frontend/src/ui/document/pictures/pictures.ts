import { signal } from '@preact/signals'
import { type Delta, transformPosition } from '../../../delta'
import { t } from '../../../i18n'
import type { DocumentPage } from '../page'
import { type Sending, send } from './upload'

/** A picture on its way to the server. */
export interface Upload {
  readonly name: string
  /** From 0 to 1. */
  readonly part: number
  readonly sending: Sending
  /** Where in the text it will be; moves with the text. */
  at: number
}

/** What the server can look into. */
export const TYPES = 'image/png,image/jpeg,image/gif,image/webp,image/avif'

/** The pictures that the user puts into a document, from paste, drop or choice to their place in the text. */
export class Pictures {
  readonly uploads = signal<readonly Upload[]>([])

  constructor(private readonly page: DocumentPage) {}

  /** Adds files at a place in the text. What is no picture is refused with a word; the rest goes on. */
  add(files: readonly File[], at: number): void {
    const { page } = this
    const pictures = files.filter(({ type }) => TYPES.split(',').includes(type))
    page.problem.value = ''
    if (pictures.length < files.length) page.problem.value = t('image.unknown')
    if (pictures.length === 0) return
    if (!page.session.isConnected) {
      page.problem.value = t('image.offline')
      return
    }
    for (const file of pictures) void this.upload(file, at)
  }

  /** Has the user choose files. */
  choose(): void {
    const field = document.createElement('input')
    field.type = 'file'
    field.multiple = true
    field.accept = TYPES
    field.onchange = () => this.add([...(field.files ?? [])], this.page.caret())
    field.click()
  }

  /** The text changed, by whomever: places move along. */
  moved(change: Delta): void {
    for (const upload of this.uploads.peek()) {
      upload.at = transformPosition(change, upload.at, false)
    }
  }

  private async upload(file: File, at: number): Promise<void> {
    const sending = send(this.page.id, file, (part) => this.progress(sending, part))
    const upload: Upload = { name: file.name, part: 0, sending, at }
    this.uploads.value = [...this.uploads.value, upload]
    try {
      const picture = await sending.done
      const place = this.uploads.value.find((one) => one.sending === sending)
      if (picture && place) this.page.insertPicture(place.at, picture)
    } catch (error) {
      this.page.problem.value = (error as Error).message
    }
    this.uploads.value = this.uploads.value.filter((one) => one.sending !== sending)
  }

  private progress(sending: Sending, part: number): void {
    this.uploads.value = this.uploads.value.map((one) =>
      one.sending === sending ? { ...one, part } : one,
    )
  }
}
