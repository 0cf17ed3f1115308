import type { Locator, Page } from '@playwright/test'
import { accessible } from './accessible.ts'
import { expect, type Quire, test } from './quire.ts'

const previewOf = (page: Page) => page.getByRole('region', { name: 'Preview' })

async function open(page: Page, quire: Quire, text: string): Promise<Locator> {
  await page.goto(`${quire.url}/d/${await quire.create('markdown', text)}`)
  await expect(page.getByRole('textbox', { name: 'Document text' })).toBeEditable()
  return previewOf(page)
}

const GARDEN = `# Garden

- [ ] buy seeds
- [x] dig

| Plant | Height |
|---|--:|
| Bean | 2 m |

Euler: $e^{i\\pi}$, a note[^1].

\`\`\`python
def grow(): return 1
\`\`\`

\`\`\`mermaid
graph LR
  A[Seed] --> B[Bean]
\`\`\`

[^1]: In the ground.
`

test('the preview shows what Markdown means, as it is typed and as others type it', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('markdown', GARDEN)
  const [ann, ben] = [await visit(id, 'Ann'), await visit(id, 'Ben')]
  const preview = previewOf(ann.page)
  await expect(preview.getByRole('heading', { name: 'Garden' })).toBeVisible()
  await expect(preview.getByRole('cell', { name: '2 m' })).toHaveAttribute('align', 'right')
  await expect(preview.locator('math')).toHaveCount(1)
  await expect(preview.locator('.syntax-keyword').first()).toHaveText('def')
  await expect(preview.getByRole('img', { name: /^Diagram: graph LR/ })).toBeVisible()
  await preview.getByRole('link', { name: '[1]' }).click()
  await expect(preview.getByText('In the ground.')).toBeInViewport()
  await ben.goTo('start')
  await ben.type('Read **this**. ')
  await expect(preview.locator('strong')).toHaveText('this')
  await accessible(ann.page)
})

test('a task that is ticked in the preview is ticked in the text, for everybody', async ({
  quire,
  visit,
}) => {
  const id = await quire.create('markdown', GARDEN)
  const [ann, ben] = [await visit(id), await visit(id)]
  await ann.goTo('start')
  await ann.insert('Above\n\n')
  const box = (page: Page, name: string) => previewOf(page).getByRole('checkbox', { name })
  await expect(previewOf(ann.page)).toContainText('Above')
  await box(ann.page, 'buy seeds').click()
  await box(ann.page, 'dig').click()
  await expect(box(ben.page, 'buy seeds')).toBeChecked()
  await expect(box(ben.page, 'dig')).not.toBeChecked()
  await ann.saved()
  expect(await quire.text(id)).toContain('- [x] buy seeds\n- [ ] dig\n')
})

test('text and preview scroll together, whichever one scrolls', async ({ quire, page }) => {
  const sections = Array.from({ length: 60 }, (_, n) => `## Part ${n}\n\n${'words '.repeat(90)}\n`)
  const preview = await open(page, quire, sections.join('\n'))
  const read = preview.locator('.preview-scroll')
  await expect(preview.getByRole('heading', { name: 'Part 59' })).toBeAttached()
  const source = page.locator('.cm-scroller')
  await source.hover()
  await page.mouse.wheel(0, 3000)
  await expect.poll(() => read.evaluate((e) => e.scrollTop)).toBeGreaterThan(500)
  const parts = async () => {
    const numbers = (texts: string[]) => texts.map((text) => Number(/Part (\d+)/.exec(text)?.[1]))
    const inView = async (all: Locator) => {
      const shown: string[] = []
      for (const heading of await all.all()) {
        const box = await heading.boundingBox()
        if (box && box.y > 60 && box.y < 760) shown.push((await heading.textContent()) ?? '')
      }
      return numbers(shown)
    }
    const left = await inView(page.locator('.cm-line', { hasText: '## Part' }))
    const right = await inView(preview.getByRole('heading'))
    return left.some((part) => right.includes(part))
  }
  await expect.poll(parts).toBe(true)
  await read.hover()
  await page.mouse.wheel(0, 2500)
  await expect.poll(parts).toBe(true)
})

test('on a phone one switches between writing and reading', async ({ quire, browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } })
  const page = await context.newPage()
  const preview = await open(page, quire, '# Hello')
  await expect(preview).toBeHidden()
  await page.getByRole('button', { name: 'Read' }).click()
  await expect(preview.getByRole('heading', { name: 'Hello' })).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Document text' })).toBeHidden()
  await context.close()
})

/** Text that somebody might write to make other people's browsers do something. */
const ATTACKS = [
  '<script>window.hacked=1</script>',
  '<img src=x onerror="window.hacked=1">',
  '<svg onload="window.hacked=1"><circle/></svg>',
  '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
  '<a href="javascript:window.hacked=1">click</a>',
  '[click](javascript:window.hacked=1)',
  '[click](JaVaScRiPt:window.hacked=1)',
  '[click](&#106;avascript:window.hacked=1)',
  '![x](javascript:window.hacked=1)',
  '<a href="&#x6A;avascript:window.hacked=1">click</a>',
  '<a href="java\tscript:window.hacked=1">click</a>',
  '<a href="data:text/html,<script>hacked=1</script>">click</a>',
  '<img src="data:image/svg+xml,<svg onload=hacked=1>">',
  '<form action="javascript:window.hacked=1"><button>go</button></form>',
  '<math><mtext><table><mglyph><style><img src=x onerror="window.hacked=1">',
  '<svg><style><img src=x onerror="window.hacked=1"></style></svg>',
  '<noscript><p title="</noscript><img src=x onerror=window.hacked=1>">',
  '<details open ontoggle="window.hacked=1">x</details>',
  '<input autofocus onfocus="window.hacked=1">',
  '<video src=x onerror="window.hacked=1"></video>',
  '<style>body{display:none}</style>',
  '<div style="position:fixed;inset:0;background:red">cover</div>',
  '<div class="notice">fake</div>',
  '<base href="https://evil.example/">',
  '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<link rel="stylesheet" href="https://evil.example/x.css">',
  '<img name="body" id="getElementById">',
  '<object data="javascript:window.hacked=1"></object>',
  '$\\href{javascript:window.hacked=1}{x}$',
  '```mermaid\ngraph LR\n  A["<img src=x onerror=window.hacked=1>"]\n  click A "javascript:window.hacked=1"\n```',
  '```html\n<script>window.hacked=1</script>\n```',
  'a[^1]\n\n[^1]: <img src=x onerror="window.hacked=1">',
]

test('no text in a document can make the preview run anything or pretend to be the page', async ({
  quire,
  page,
}) => {
  const preview = await open(page, quire, `${ATTACKS.join('\n\nnext\n\n')}\n\nThe end.`)
  await expect(preview.getByText('The end.')).toBeAttached()
  await expect(preview.locator('math').or(preview.locator('.formula')).first()).toBeAttached()
  await preview.locator('a').evaluateAll((links) => {
    for (const link of links) if (link.textContent === 'click') (link as HTMLElement).click()
  })
  const found = await preview.locator('.preview-page').evaluate((root) => {
    const bad: string[] = []
    for (const element of root.querySelectorAll('*')) {
      const tag = element.tagName.toLowerCase()
      const forbidden = 'script style iframe object embed form button base meta link video svg'
      if (forbidden.split(' ').includes(tag)) bad.push(tag)
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) bad.push(`${tag} ${name}`)
        if (/^\s*(javascript|vbscript|data:text)/i.test(value)) bad.push(`${tag} ${name}=${value}`)
        if (name === 'style' && /position/.test(value)) bad.push(`${tag} ${name}=${value}`)
        if (name === 'class' && value === 'notice') bad.push(`${tag} ${name}=${value}`)
      }
    }
    return bad
  })
  expect(found).toEqual([])
  expect(await page.evaluate(() => (window as { hacked?: number }).hacked)).toBeUndefined()
  await expect(page.getByRole('textbox', { name: 'Document text' })).toBeVisible()
})
