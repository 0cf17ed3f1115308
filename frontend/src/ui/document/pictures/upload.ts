import type { Picture } from '../../../editor/editor'
import { t } from '../../../i18n'
import { at } from '../../../place'
import { borne } from '../../../sync/bearer'
import { refusal } from '../../api'

/** Why the server did not take a picture, in the user's language. */
function reason(status: number): string {
  switch (status) {
    case 409:
      return t('image.quota')
    case 413:
      return t('image.tooLarge')
    case 415:
      return t('image.unknown')
    case 422:
      return t('image.damaged')
    case 507:
      return t('image.diskFull')
    default:
      return refusal(status)
  }
}

export interface Sending {
  /** The picture; null if it was cancelled; rejects with a sentence for the user. */
  readonly done: Promise<Picture | null>
  cancel(): void
}

/** Sends a picture to the server. `onProgress` hears which part has gone, from 0 to 1. */
export function send(document: string, file: Blob, onProgress: (part: number) => void): Sending {
  // fetch does not tell how far it is.
  const request = new XMLHttpRequest()
  const done = new Promise<Picture | null>((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0)
    request.onabort = () => resolve(null)
    request.onerror = () => reject(new Error(t('problem.unreachable')))
    request.onload = () => {
      if (request.status === 201) resolve(request.response as Picture)
      else reject(new Error(reason(request.status)))
    }
  })
  request.open('POST', at(`api/v1/documents/${encodeURIComponent(document)}/images`))
  request.responseType = 'json'
  const bearer = borne()
  if (bearer) request.setRequestHeader('authorization', `Bearer ${bearer}`)
  request.send(file)
  return { done, cancel: () => request.abort() }
}
