import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bear, borne } from '../../sync/bearer'
import { me } from '../person'
import { Admission } from './admission'

const MINUTE = 60_000

/** What the server answers to the next token. */
let answer: { status: number; body: object }

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { documentElement: { toggleAttribute: () => {} } })
  vi.stubGlobal('fetch', async () => Response.json(answer.body, { status: answer.status }))
})
afterEach(() => {
  bear('')
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const begins = (change: object = {}) => {
  const session = { session: 'quire_s_1', document: 'wiki-*', role: 'editor', name: 'Ann' }
  const times = { expires: 2_000_000_000_000, expiresIn: 5 * MINUTE }
  answer = {
    status: 201,
    body: { ...session, ...times, origins: ['https://wiki.example'], ...change },
  }
}

function scene(origin = 'https://wiki.example') {
  const needs: string[] = []
  const admission = new Admission(
    'wiki-1',
    () => origin,
    (reason) => needs.push(reason),
  )
  return { admission, needs }
}

test('a token is exchanged, and renewed before and at its end', async () => {
  const { admission, needs } = scene()
  begins()
  expect(await admission.show('jwt')).toEqual({ role: 'editor', exp: 2_000_000_000 })
  expect(borne()).toBe('quire_s_1')
  expect(me.value.name).toBe('Ann')
  vi.advanceTimersByTime(4 * MINUTE - 1)
  expect(needs).toEqual([])
  vi.advanceTimersByTime(1)
  expect(needs).toEqual(['expiring'])
  begins({ session: 'quire_s_2', expiresIn: MINUTE })
  await admission.show('another')
  expect(borne()).toBe('quire_s_2')
  vi.advanceTimersByTime(MINUTE / 2)
  expect(needs).toEqual(['expiring', 'expiring'])
  vi.advanceTimersByTime(MINUTE / 2)
  expect(needs).toEqual(['expiring', 'expiring', 'expired'])
  admission.end()
  expect(needs).toHaveLength(3)
})

test('a session that is not for this page is not shown to the server', async () => {
  const { admission } = scene()
  begins({ origins: ['https://intranet.example'] })
  await expect(admission.show('jwt')).rejects.toMatchObject({ code: 'origin-refused' })
  begins({ document: 'other' })
  await expect(admission.show('jwt')).rejects.toMatchObject({ code: 'token-invalid' })
  await expect(admission.show(1)).rejects.toMatchObject({ code: 'bad-request' })
  expect(borne()).toBeUndefined()
  begins()
  await expect(scene('').admission.show('jwt')).resolves.toMatchObject({ role: 'editor' })
})

test('why a token is not believed is said', async () => {
  const { admission } = scene()
  for (const [status, body, code] of [
    [401, { code: 'token-expired' }, 'token-expired'],
    [401, { code: 'token-invalid' }, 'token-invalid'],
    [401, {}, 'token-invalid'],
    [503, { code: 'server-busy' }, 'server-busy'],
    [429, {}, 'server-busy'],
  ] as const) {
    answer = { status, body }
    await expect(admission.show('jwt')).rejects.toMatchObject({ code })
  }
})
