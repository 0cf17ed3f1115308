import { beforeEach, describe, expect, test } from 'vitest'
import { VirtualSchedule } from '../../sync/testing/virtual-schedule'
import { forSeeds } from '../../testing/random'
import { Announcer } from './announcer'

describe('what screen readers hear', () => {
  let said: string[]
  let time: VirtualSchedule
  let announcer: Announcer

  beforeEach(() => {
    said = []
    forSeeds(1, (random) => {
      time = new VirtualSchedule(random)
    })
    announcer = new Announcer((sentences) => said.push(sentences), time)
    announcer.people([], true)
  })

  test('comings and goings are one message in ten seconds', () => {
    announcer.people(['Ben'])
    time.advance(2_000)
    announcer.people(['Ben', 'Cara'])
    time.advance(9_000)
    expect(said).toEqual(['Ben and Cara joined'])
    announcer.people(['Cara'])
    announcer.people(['Cara', 'Ben'])
    time.advance(20_000)
    expect(said).toHaveLength(1)
    announcer.people([])
    time.advance(10_000)
    expect(said.at(-1)).toMatch(/left$/)
  })

  test('many who come are a number', () => {
    announcer.people(['a', 'b', 'c', 'd', 'e'])
    time.advance(10_000)
    expect(said).toEqual(['5 people joined'])
  })

  test('a run of edits is announced once, and summed up after a pause', () => {
    for (let n = 0; n < 6; n++) {
      announcer.edited('Ben', () => 'in “Budget”')
      time.advance(400)
    }
    expect(said).toEqual(['Ben is editing in “Budget”'])
    time.advance(3_000)
    expect(said).toEqual(['Ben is editing in “Budget”', 'Ben made 6 changes in “Budget”'])
  })

  test('a thousand edits are two messages', () => {
    for (let n = 0; n < 1_000; n++) {
      announcer.edited('Ben', () => 'here')
      time.advance(50)
    }
    time.advance(5_000)
    expect(said).toHaveLength(2)
  })

  test('nothing is said while the user types, and then all at once', () => {
    for (let n = 0; n < 20; n++) {
      announcer.typed()
      if (n === 3) announcer.edited('Ben', () => 'here')
      if (n === 5) announcer.connection(false)
      time.advance(300)
    }
    expect(said).toEqual([])
    time.advance(1_500)
    expect(said).toHaveLength(1)
    expect(said[0]).toContain('Ben is editing here')
    expect(said[0]).toContain('You are offline.')
  })

  test('what others did can be heard again', () => {
    announcer.repeat()
    expect(said).toEqual([])
    announcer.edited('Ben', () => 'here')
    time.advance(3_000)
    announcer.repeat()
    expect(said.at(-1)).toBe('Ben made 1 change here')
  })
})
