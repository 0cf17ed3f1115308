import './desk.css'
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { forgetMe, whoAmI } from '../account'
import { claimDocuments, type Mine, restoreDocument, type Trashed } from './api'
import { MyDocuments } from './Mine'
import { titleOf } from './Row'
import { Trash } from './Trash'
import { d } from './texts'

const TABS = ['recent', 'mine', 'trash'] as const
type Tab = (typeof TABS)[number]

const tabIn = (fragment: string) => TABS.find((tab) => `#${tab}` === fragment)

/** The user's documents: those opened on this device, those of their own, and what is in the trash. */
export function Desk({ recent, empty }: { recent: ComponentChildren; empty: boolean }) {
  const [tab, setTab] = useState<Tab>(tabIn(location.hash) ?? (empty ? 'mine' : 'recent'))
  const [news, setNews] = useState<{ text: string; undo?: () => Promise<unknown> } | null>(null)
  /** Counts what has changed behind the back of a list, which is then made anew. */
  const [changes, setChanges] = useState(0)
  const [guest, setGuest] = useState(true)
  useEffect(() => void whoAmI().then((me) => setGuest(me?.guest ?? true)), [])
  // What was pressed has gone with its row.
  const undoButton = useRef<HTMLButtonElement>(null)
  useEffect(() => undoButton.current?.focus(), [news])
  const choose = (chosen: Tab) => {
    setTab(chosen)
    setNews(null)
    history.replaceState(history.state, '', `#${chosen}`)
  }
  const trashed = (one: Mine) =>
    setNews({
      text: d('trashed', { title: titleOf(one) }),
      undo: () => restoreDocument(one.id),
    })
  const restored = (one: Trashed) => setNews({ text: d('trash.restored', { title: titleOf(one) }) })
  const undo = async () => {
    await news?.undo?.().catch(() => {}) // it is in the trash then, where it can be restored as well
    setNews(null)
    setChanges(changes + 1)
  }
  return (
    <section aria-label={d('documents')}>
      <Claim
        onClaimed={() => {
          choose('mine')
          setChanges(changes + 1)
        }}
      />
      <div class="tabs">
        {TABS.map((one) => (
          <button key={one} type="button" aria-pressed={one === tab} onClick={() => choose(one)}>
            {d(`tab.${one}`)}
          </button>
        ))}
      </div>
      <p class="news" role="status">
        {news && (
          <>
            <bdi>{news.text}</bdi>
            {news.undo && (
              <button ref={undoButton} type="button" class="link" onClick={() => void undo()}>
                {d('undo')}
              </button>
            )}
          </>
        )}
      </p>
      {tab === 'recent' && recent}
      {tab === 'mine' && <MyDocuments key={changes} guest={guest} onTrash={trashed} />}
      {tab === 'trash' && <Trash onRestored={restored} />}
    </section>
  )
}

/** Offers who has signed in what they have as a guest of this browser. */
function Claim({ onClaimed }: { onClaimed: () => void }) {
  const [count, setCount] = useState(0)
  const [problem, setProblem] = useState('')
  useEffect(() => void whoAmI().then((me) => setCount(me?.claimable ?? 0)), [])
  if (count === 0) return null
  const claim = async () => {
    try {
      await claimDocuments()
      forgetMe()
      setCount(0)
      onClaimed()
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  return (
    <div class="claim">
      <p>{problem || d('claim', { count })}</p>
      <button type="button" class="button" onClick={() => void claim()}>
        {d('claim.do')}
      </button>
    </div>
  )
}
