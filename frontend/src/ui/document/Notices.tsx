import type { DocumentPage } from './page'
import { CopyButton } from './Share'

/** What the user must know: text that could not be stored, whatever else did not work. */
export function Notices({ page }: { page: DocumentPage }) {
  const refusals = page.refusals.value
  const problem = page.problem.value
  return (
    <div class="notices" role="alert">
      {refusals.length > 0 && (
        <div class="notice">
          <p>
            A change could not be stored: {reason(refusals[0]?.error.code)} We kept a copy of what
            you wrote.
          </p>
          <CopyButton text={refusals.map(({ text }) => text).join('\n')}>Copy my text</CopyButton>
          <button type="button" class="button" onClick={() => page.dismissRefusals()}>
            Dismiss
          </button>
        </div>
      )}
      {problem && (
        <div class="notice">
          <p>{problem}</p>
        </div>
      )}
    </div>
  )
}

function reason(code: string | undefined): string {
  switch (code) {
    case 'ERR_OP_SUBMIT_REJECTED':
      return 'you may only read this document.'
    case 'ERR_MESSAGE_TOO_LARGE':
      return 'it is larger than the server accepts.'
    case 'ERR_DOC_WAS_DELETED':
      return 'the document was deleted.'
    default:
      return `the server did not accept it (${code ?? 'no reason given'}).`
  }
}
