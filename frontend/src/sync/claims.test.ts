import { afterEach, expect, test, vi } from 'vitest'
import { openClaims } from './claims'

afterEach(() => vi.unstubAllGlobals())

test('who may have no locks, as in frames of other sites, shares nothing that another tab could claim', async () => {
  const denied = () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'))
  vi.stubGlobal('navigator', { locks: { request: denied } })
  expect(await openClaims().claim('client')).toBe(true)
})
