import { describe, expect, test } from 'vitest'
import { forSeeds, Random } from '../testing/random'
import { Chat, type Unsaid } from './chat'
import { VirtualSchedule } from './testing/virtual-schedule'
import type { Outgoing } from './wire'

type Raw = Record<string, unknown>

/** A conversation as the server keeps it. */
class Room {
  readonly log: Raw[] = []
  readonly tabs = new Set<Tab>()

  receive(tab: Tab, message: Raw): void {
    const { a, v, id, before, m } = message as {
      a: string
      v?: number
      id?: string
      before?: number
      m?: Raw
    }
    if (a === 'q:chats') {
      const to = before ?? this.log.length
      const from = before === undefined && v !== undefined && to - v <= 6 ? v : Math.max(0, to - 4)
      tab.hear({ a, me: tab.name, from, to, messages: this.readable(tab, from, to) })
      tab.listening = true
    } else if (a === 'q:chat') {
      const copy = this.log
        .slice(v ?? this.log.length)
        .find((s) => s.id === id && s.person === tab.name)
      if (copy) tab.hear(copy)
      else this.say({ a, n: this.log.length, at: 1, person: tab.name, id, ...m })
    }
  }

  private say(said: Raw): void {
    this.log.push(said)
    for (const tab of this.tabs) if (tab.listening && tab.mayRead(said)) tab.hear(said)
  }

  private readable(tab: Tab, from: number, to: number): Raw[] {
    return this.log.slice(from, to).filter((said) => tab.mayRead(said))
  }
}

/** A tab with a line that breaks. */
class Tab {
  listening = false
  online = false
  readonly up: Raw[] = []
  readonly down: Raw[] = []
  kept: readonly Unsaid[] = []
  chat: Chat

  constructor(
    readonly name: string,
    private readonly room: Room,
    private readonly schedule: VirtualSchedule,
  ) {
    this.chat = this.open()
  }

  /** The page is opened, or reloaded with what the device kept. */
  open(): Chat {
    const tab = this
    const host = {
      document: 'D',
      me: { name: this.name, color: '#123456' },
      send(message: Outgoing) {
        if (tab.online) tab.up.push(structuredClone(message) as unknown as Raw)
        return tab.online
      },
      keep: (unsaid: readonly Unsaid[]) => {
        this.kept = structuredClone(unsaid)
      },
      changed: () => {},
    }
    this.chat = new Chat(host, this.schedule, this.kept)
    return this.chat
  }

  mayRead(said: Raw): boolean {
    return !said.to || said.to === this.name || said.person === this.name
  }

  hear(message: Raw): void {
    if (this.room.tabs.has(this)) this.down.push(structuredClone(message))
  }

  connect(): void {
    this.room.tabs.add(this)
    this.online = true
    this.chat.connected()
  }

  /** What was sent may still arrive; what was answered does not. */
  cut(random: Random): void {
    if (random.chance(0.5)) for (const message of this.up) this.room.receive(this, message)
    this.room.tabs.delete(this)
    this.up.length = 0
    this.down.length = 0
    this.online = false
    this.listening = false
  }

  step(): void {
    const sent = this.up.shift()
    if (sent) this.room.receive(this, sent)
    const heard = this.down.shift()
    if (heard) this.chat.received(heard)
  }
}

describe('a conversation', () => {
  test('has each message once, in one order, whatever the line does', () => {
    forSeeds(200, (random) => {
      const room = new Room()
      const schedule = new VirtualSchedule(random)
      const tabs = ['ann', 'ben', 'cid'].map((name) => new Tab(name, room, schedule))
      const said: string[] = []
      for (const tab of tabs) tab.connect()
      for (let n = 0; n < 150; n++) {
        const tab = random.pick(tabs)
        const what = random.next()
        if (what < 0.15) {
          said.push(`${n}`)
          tab.chat.say(`${n}`, random.chance(0.3) ? random.pick(tabs).name : '', [])
        } else if (what < 0.2) tab.cut(random)
        else if (what < 0.23) {
          tab.cut(random)
          tab.open()
        } else if (!tab.online) tab.connect()
        else tab.step()
      }
      for (const tab of tabs) if (!tab.online) tab.connect()
      for (let n = 0; n < 500; n++) for (const tab of tabs) tab.step()
      for (const tab of tabs) {
        for (let n = 0; n < 100 && tab.chat.hasOlder; n++) {
          tab.chat.older()
          while (tab.up.length + tab.down.length > 0) tab.step()
        }
        expect(tab.chat.unsaid).toEqual([])
        expect(tab.chat.said.map(({ text }) => text)).toEqual(
          room.log.filter((message) => tab.mayRead(message)).map(({ text }) => text),
        )
      }
      expect(room.log.map(({ text }) => text as string).sort()).toEqual([...said].sort())
    })
  })

  test('keeps a message that the server refuses, until the user gives it up', () => {
    const room = new Room()
    const tab = new Tab('ann', room, new VirtualSchedule(new Random(1)))
    tab.connect()
    while (tab.up.length + tab.down.length > 0) tab.step()
    tab.chat.say('x', '', [])
    const [{ id } = { id: '' }] = tab.chat.unsaid
    tab.chat.received({ a: 'q:chat', id, error: { code: 'ERR_MESSAGE_BADLY_FORMED' } })
    expect(tab.kept.map(({ text, refused }) => [text, refused])).toEqual([['x', true]])
    tab.chat.forget(id)
    expect(tab.kept).toEqual([])
  })

  test('shows who is writing, until they have said it or stopped', () => {
    const schedule = new VirtualSchedule(new Random(1))
    const tab = new Tab('ann', new Room(), schedule)
    tab.connect()
    while (tab.up.length + tab.down.length > 0) tab.step()
    const typing = (person: string) => tab.chat.received({ a: 'q:typing', person, name: person })
    typing('ben')
    schedule.advance(3_000)
    typing('cid')
    tab.chat.received({ a: 'q:chat', n: 0, person: 'ben', id: '1', text: 'done' })
    expect([...tab.chat.typists.keys()]).toEqual(['cid'])
    schedule.advance(6_000)
    expect(tab.chat.typists.size).toBe(0)
  })
})
