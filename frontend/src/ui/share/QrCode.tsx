import { useEffect, useState } from 'preact/hooks'
import { t } from '../../i18n'
import { s } from './texts'

interface Code {
  readonly size: number
  readonly path: string
}

/** A text as a code for cameras. What draws it is loaded when somebody wants one. */
export function QrCode({ text, name }: { text: string; name: string }) {
  const [code, setCode] = useState<Code | null>(null)
  const [problem, setProblem] = useState('')
  useEffect(() => {
    draw(text).then(setCode, () => setProblem(t('problem.unreachable')))
  }, [text])
  if (!code) return <p role="alert">{problem}</p>
  return (
    <figure class="qr">
      <svg viewBox={`0 0 ${code.size} ${code.size}`} role="img" aria-label={`${s('qr')}: ${name}`}>
        <path d={code.path} />
      </svg>
      <figcaption>{name}</figcaption>
    </figure>
  )
}

/** Light squares around the code, which cameras need. */
const BORDER = 3

async function draw(text: string): Promise<Code> {
  const { encode } = await import('uqr')
  const { data, size } = encode(text, { ecc: 'M', border: BORDER })
  const squares = data.flatMap((row, y) =>
    row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])),
  )
  return { size, path: squares.join('') }
}
