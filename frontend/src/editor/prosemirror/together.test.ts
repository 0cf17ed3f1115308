import { history, redo, undo } from 'prosemirror-history'
import { EditorState, type Transaction } from 'prosemirror-state'
import { expect, test } from 'vitest'
import type { Delta } from '../../delta'
import { ModelServer } from '../../sync/testing/model-server'
import { SimulatedTab, settle } from '../../sync/testing/simulation'
import { VirtualSchedule } from '../../sync/testing/virtual-schedule'
import { forSeeds, type Random } from '../../testing/random'
import { randomEdit } from '../testing/random-edit'
import { applyDelta } from './apply'
import { contentOf, docOf } from './content'
import { oneLine } from './one-line'
import { deltaOf } from './steps'

/** A tab whose text is a real editor state. */
class RichTab {
  state = EditorState.create({ doc: docOf([]) })

  constructor(readonly tab: SimulatedTab) {
    tab.editor = {
      load: (content) => {
        const plugins = [history(), oneLine]
        this.state = EditorState.create({ doc: docOf(content), plugins })
      },
      apply: (change) => {
        const transaction = applyDelta(this.state.tr, change).setMeta('addToHistory', false)
        this.state = this.state.apply(transaction)
      },
    }
  }

  edit(random: Random): void {
    const perform = (transaction: Transaction) => {
      const delta = deltaOf(transaction)
      this.state = this.state.apply(transaction)
      if (delta.length > 0) this.tab.type(delta)
    }
    const what = random.next()
    if (what < 0.1) undo(this.state, perform)
    else if (what < 0.15) redo(this.state, perform)
    else perform(randomEdit(random, this.state))
  }

  get content(): Delta {
    return contentOf(this.state.doc)
  }
}

test('rich editors and a client that is only a Delta stay equal through random edits and lost connections', () => {
  forSeeds(60, (random) => {
    const server = new ModelServer([{ insert: 'Hello 😀\n' }])
    const schedule = new VirtualSchedule(random)
    const tabs = Array.from({ length: 3 }, () => new SimulatedTab(random, server, schedule))
    const [plain, ...others] = tabs as [SimulatedTab, SimulatedTab, SimulatedTab]
    const rich = others.map((tab) => new RichTab(tab))
    settle(tabs, schedule)
    for (let n = 0; n < 150; n++) {
      if (random.chance(0.15)) random.pick(rich).edit(random)
      else if (random.chance(0.1)) plain.edit({ rich: true, lone: true, keepLast: true })
      else if (random.chance(0.03)) random.pick(tabs).cut()
      else if (random.chance(0.12)) schedule.advance(random.below(300))
      else random.pick(tabs).step()
    }
    settle(tabs, schedule)
    expect(server.log.length).toBeGreaterThan(5)
    expect(plain.shown).toEqual(server.content)
    for (const { content } of rich) expect(content).toEqual(contentOf(docOf(server.content)))
  })
})
