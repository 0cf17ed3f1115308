import { afterEach, describe, expect, it, vi } from 'vitest'

/** The module as it is on a page whose server says that it is at a path. */
async function placeAt(path: string | null) {
  vi.resetModules()
  vi.stubGlobal('document', { querySelector: () => path && { getAttribute: () => path } })
  return { ...(await import('./place')), ...(await import('./ui/address')) }
}

afterEach(() => vi.unstubAllGlobals())

describe('a server below a path', () => {
  it('is addressed there', async () => {
    const { at, pageOf } = await placeAt('/docs/')
    expect([at('ws/x'), pageOf('x')]).toEqual(['/docs/ws/x', '/docs/d/x'])
  })

  it('is at the root unless it says otherwise', async () => {
    for (const path of ['/', './', null]) expect((await placeAt(path)).at('ws/x')).toBe('/ws/x')
  })

  it('finds documents in addresses below that path alone', async () => {
    const { documentIn } = await placeAt('/docs/')
    expect(documentIn('/docs/d/abc')).toBe('abc')
    expect(documentIn('/docs/d/abc/')).toBe('abc')
    expect(documentIn('/d/abc')).toBeNull()
  })

  it('shows pictures from there, and documents keep them as if it were at the root', async () => {
    const { kept, shown } = await placeAt('/docs/')
    const picture = '/api/v1/documents/abc/images/x'
    expect(shown(picture)).toBe(`/docs${picture}`)
    expect(kept(`/docs${picture}`)).toBe(picture)
    for (const other of ['https://example.org/x.png', 'data:image/png;base64,x', '/x.png']) {
      expect([shown(other), kept(other)]).toEqual([other, other])
    }
  })

  it('opens pictures by a ticket that documents do not keep', async () => {
    const { kept, pictured, showTicket } = await placeAt('/docs/')
    const picture = '/api/v1/documents/abc/images/x'
    expect(pictured(picture)).toBe(`/docs${picture}`)
    showTicket('a.b')
    expect(pictured(picture)).toBe(`/docs${picture}?ticket=a.b`)
    expect(kept(pictured(picture))).toBe(picture)
    expect(pictured('https://example.org/x.png')).toBe('https://example.org/x.png')
  })
})
