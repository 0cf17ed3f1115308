import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Delta, isInsert, textOf } from '../../delta'
import type { Selection } from '../../sync/presence'
import type { Asking, Past } from './past'
import { moment } from './people'
import { h } from './texts'

/** Asks before something is done. The text stays in view. */
export function Ask({ past }: { past: Past }) {
  const asking = past.asking.value
  if (!asking) return null
  return <Question key={asking.what} past={past} asking={asking} />
}

function Question({ past, asking }: { past: Past; asking: Asking }) {
  switch (asking.what) {
    case 'restore':
      return (
        <Panel past={past} title={h('restore')} act={h('restore.do')} onAct={() => past.restore()}>
          <p>{h('restore.ask', { time: moment(past.time.value) })}</p>
        </Panel>
      )
    case 'undo': {
      const { removes, restores } = asking.preview
      const undo = () => past.undo(asking.edit, asking.to)
      return (
        <Panel past={past} title={h('undo')} act={h('undo')} onAct={undo}>
          <p>{h('undo.ask', { removes, restores })}</p>
        </Panel>
      )
    }
    case 'fork':
      return <Fork past={past} />
    case 'name':
      return <Name past={past} title={h('versions.name')} name="" onName={(n) => past.name(n)} />
    case 'rename': {
      const { version } = asking
      const title = h('versions.rename', { name: version.name })
      const rename = (name: string) => past.name(name, version)
      return <Name past={past} title={title} name={version.name} onName={rename} />
    }
    case 'redact':
      return <Redact past={past} />
  }
}

function Fork({ past }: { past: Past }) {
  const [history, setHistory] = useState(false)
  return (
    <Panel past={past} title={h('fork')} act={h('fork.do')} onAct={() => past.fork(history)}>
      <p>{h('fork.ask')}</p>
      <label class="tick">
        <input
          type="checkbox"
          checked={history}
          onChange={(event) => setHistory(event.currentTarget.checked)}
        />
        {h('fork.history')}
      </label>
    </Panel>
  )
}

interface NameProps {
  past: Past
  title: string
  name: string
  onName: (name: string) => void
}

function Name({ past, title, name, onName }: NameProps) {
  const [text, setText] = useState(name)
  const act = () => text.trim() && onName(text.trim())
  return (
    <Panel past={past} title={title} act={h('versions.save')} disabled={!text.trim()} onAct={act}>
      <label class="field">
        <span>{h('versions.label')}</span>
        <input
          class="entry"
          maxLength={60}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
    </Panel>
  )
}

/** The longest text that is repeated in the question. */
const SHOWN = 60

function Redact({ past }: { past: Past }) {
  const selection = past.selection.value
  const text = selection ? selectedText(past.shown.value?.delta ?? [], selection) : ''
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
  const act = () => selection && past.redact(selection)
  return (
    <Panel past={past} title={h('redact')} act={h('redact.do')} disabled={!text} danger onAct={act}>
      <p>{text ? h('redact.ask', { text: shown }) : h('redact.choose')}</p>
    </Panel>
  )
}

function selectedText(content: Delta, { index, length }: Selection): string {
  return textOf(content.filter(isInsert)).slice(index, index + length)
}

interface PanelProps {
  past: Past
  title: string
  act: string
  onAct: () => void
  disabled?: boolean
  danger?: boolean
  children: ComponentChildren
}

function Panel({ past, title, act, onAct, disabled, danger, children }: PanelProps) {
  const panel = useRef<HTMLFormElement>(null)
  useEffect(() => {
    const { current } = panel
    current?.querySelector<HTMLElement>('input, .button.primary')?.focus()
  }, [])
  return (
    <form
      class="ask"
      ref={panel}
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault()
        if (!disabled) onAct()
      }}
    >
      <h3>{title}</h3>
      {children}
      <div class="ask-buttons">
        <button
          type="button"
          class="button"
          onClick={() => {
            past.asking.value = null
          }}
        >
          {h('cancel')}
        </button>
        <button
          type="submit"
          class={danger ? 'button danger' : 'button primary'}
          disabled={disabled}
        >
          {act}
        </button>
      </div>
    </form>
  )
}
