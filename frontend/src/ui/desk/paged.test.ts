import { expect, test } from 'vitest'
import type { Page } from './api'
import { Paged } from './paged'

type One = { readonly id: string; readonly name?: string }

/** A list whose pages are answered when the test says so. */
function answered() {
  const waiting: { after: string; answer: (page: Page<One>) => void; fail: (e: Error) => void }[] =
    []
  const list = new Paged<One, Page<One>>(
    (after) => new Promise((answer, fail) => waiting.push({ after, answer, fail })),
  )
  return { list, waiting }
}

const ids = (list: Paged<One, Page<One>>) => list.documents.value.map(({ id }) => id).join('')
const page = (all: string, next = ''): Page<One> => ({
  documents: [...all].map((id) => ({ id })),
  next,
})

test('pages follow each other', async () => {
  const { list, waiting } = answered()
  const first = list.reload()
  waiting[0]?.answer(page('ab', 'here'))
  await first
  const second = list.more()
  expect(waiting[1]?.after).toBe('here')
  waiting[1]?.answer(page('c'))
  await second
  expect(ids(list)).toBe('abc')
  await list.more()
  expect(waiting).toHaveLength(2)
})

test('what was asked for last is shown, whatever is answered first', async () => {
  const { list, waiting } = answered()
  const [one, two] = [list.reload(), list.reload()]
  waiting[1]?.answer(page('new'))
  await two
  waiting[0]?.answer(page('old'))
  await one
  expect(ids(list)).toBe('new')
})

test('a failure is told and leaves what is shown', async () => {
  const { list, waiting } = answered()
  const first = list.reload()
  waiting[0]?.answer(page('ab'))
  await first
  expect(await list.remove('a', Promise.reject(new Error('no')))).toBe(false)
  expect([ids(list), list.problem.value]).toEqual(['ab', 'no'])
  expect(await list.remove('a', Promise.resolve())).toBe(true)
  expect([ids(list), list.problem.value]).toEqual(['b', ''])
  const again = list.reload()
  waiting[1]?.fail(new Error('away'))
  await again
  expect([ids(list), list.problem.value]).toEqual(['b', 'away'])
})
