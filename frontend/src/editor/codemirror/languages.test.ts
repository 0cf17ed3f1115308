import { describe, expect, test } from 'vitest'
import { bare, LANGUAGES, languageNamed, languageOfFile } from './languages'

describe('languages of code', () => {
  test('there are at least thirty, and each has a grammar that parses', async () => {
    expect(LANGUAGES.length).toBeGreaterThanOrEqual(30)
    for (const language of LANGUAGES) {
      const { parser } = bare(await language.load())
      expect(parser.parse('if (a) { b("c") }\n').length).toBeGreaterThan(0)
    }
  })

  test('no two answer to one name', () => {
    const names = LANGUAGES.flatMap(({ id, aliases }) => [...new Set([id, ...aliases])])
    expect(names.length).toBe(new Set(names).size)
  })

  test.each([
    ['main.go', 'go'],
    ['Some Module.PY', 'python'],
    ['Dockerfile', 'dockerfile'],
    ['a.test.tsx', 'tsx'],
    ['Rakefile', 'ruby'],
  ])('%s is %s', (file, id) => expect(languageOfFile(file)?.id).toBe(id))

  test.each(['Ideas for go', 'notes', '', '.'])('%j says nothing', (title) =>
    expect(languageOfFile(title)).toBeUndefined(),
  )

  test('Markdown names them after a fence', () => {
    expect(languageNamed('js')?.id).toBe('javascript')
    expect(languageNamed('C++')?.id).toBe('cpp')
    expect(languageNamed('klingon')).toBeUndefined()
  })
})
