import { type DOMOutputSpec, type Mark, type MarkSpec, type Node, Schema } from 'prosemirror-model'
import type { Attributes, Json, JsonObject } from '../../delta'
import { t } from '../../i18n'
import { kept, pictured } from '../../place'
import { lineDom, lineRules } from './line-dom'
import { styleOf } from './palette'

/**
 * A schema shaped like a Delta: a document is a list of lines, each with the
 * attributes of its newline; text carries one mark per inline attribute; an
 * embed is one leaf. What this editor does not know it keeps: unknown inline
 * attributes are `other` marks, unknown embeds are leaves like any.
 */
export const schema = new Schema({
  nodes: {
    doc: { content: 'line+' },
    line: {
      content: 'inline*',
      attrs: { format: { default: {} } },
      defining: true,
      toDOM: (node) => lineDom(formatOf(node)),
      parseDOM: lineRules,
    },
    text: { group: 'inline' },
    embed: {
      group: 'inline',
      inline: true,
      atom: true,
      attrs: { value: {} },
      toDOM: (node) => embedDom(node.attrs.value as JsonObject, attributesOf(node.marks) ?? {}),
      parseDOM: [{ tag: 'img[src]', getAttrs: (element) => imageIn(element) }],
    },
  },
  marks: {
    link: {
      attrs: { value: {} },
      inclusive: false,
      toDOM: (mark) => ['a', { href: safeLink(mark.attrs.value), rel: 'noopener noreferrer' }],
      parseDOM: [
        {
          tag: 'a[href]',
          getAttrs: (element) => {
            const value = safeLink(element.getAttribute('href'))
            return value !== undefined && { value }
          },
        },
      ],
    },
    bold: simple('strong', [
      { tag: 'strong' },
      { tag: 'b', getAttrs: (element) => element.style.fontWeight !== 'normal' && null },
      {
        style: 'font-weight',
        getAttrs: (weight) => /^(bold(er)?|[5-9]\d{2})$/.test(weight) && null,
      },
    ]),
    italic: simple('em', [{ tag: 'em' }, { tag: 'i' }, { style: 'font-style=italic' }]),
    underline: simple('u', [
      { tag: 'u' },
      { style: 'text-decoration=underline' },
      { style: 'text-decoration-line=underline' },
    ]),
    strike: simple('s', [
      { tag: 's' },
      { tag: 'del' },
      { style: 'text-decoration=line-through' },
      { style: 'text-decoration-line=line-through' },
    ]),
    code: simple('code', [{ tag: 'code' }]),
    other: {
      attrs: { key: {}, value: {} },
      // Different keys live side by side on one text.
      excludes: '',
      toDOM: (mark) => otherDom(mark),
      parseDOM: [{ tag: '[data-format]', getAttrs: (element) => formatIn(element) }],
    },
  },
})

function simple(tag: string, parseDOM: NonNullable<MarkSpec['parseDOM']>): MarkSpec {
  return { attrs: { value: { default: true } }, toDOM: () => [tag, 0], parseDOM }
}

/** The attributes of a line's newline. */
export const formatOf = (line: Node): Attributes => line.attrs.format as Attributes

/** The mark type that stands for an inline attribute, if this editor knows it. */
export function knownMark(key: string) {
  return key === 'other' ? undefined : schema.marks[key]
}

export function markFor(key: string, value: Json): Mark {
  const type = knownMark(key)
  return type ? type.create({ value }) : schema.mark('other', { key, value })
}

export const keyOf = (mark: Mark): string =>
  mark.type === schema.marks.other ? (mark.attrs.key as string) : mark.type.name

/** One mark per attribute, in an order that depends on the attributes alone. */
export function marksOf(attributes: Attributes | undefined): readonly Mark[] {
  let marks: readonly Mark[] = []
  for (const key of Object.keys(attributes ?? {}).sort()) {
    const value = attributes?.[key]
    if (value !== null && value !== undefined) marks = markFor(key, value).addToSet(marks)
  }
  return marks
}

export function attributesOf(marks: readonly Mark[]): Attributes | undefined {
  if (marks.length === 0) return undefined
  return Object.fromEntries(marks.map((mark) => [keyOf(mark), mark.attrs.value as Json]))
}

/** A link from a stranger leads to a web page, a mail address or a telephone, never to a script. */
export function safeLink(value: unknown): string | undefined {
  const address = String(value)
  return /^(https?:|mailto:|tel:|\/|#)/i.test(address) ? address : undefined
}

function otherDom(mark: Mark): DOMOutputSpec {
  const { key, value } = mark.attrs as { key: string; value: Json }
  // So that it is known again when it comes back from the clipboard.
  const format = { 'data-format': JSON.stringify([key, value]) }
  if (key === 'color' || key === 'background') {
    return ['span', { ...format, style: styleOf(key, value) }, 0]
  }
  if (key === 'script') return [value === 'sub' ? 'sub' : 'sup', format, 0]
  return ['span', format, 0]
}

function formatIn(element: HTMLElement): { key: string; value: Json } | false {
  try {
    const [key, value] = JSON.parse(element.dataset.format ?? '') as [unknown, Json]
    return typeof key === 'string' && !knownMark(key) && value !== undefined && { key, value }
  } catch {
    return false
  }
}

function embedDom(value: JsonObject, { alt, ...format }: Attributes): DOMOutputSpec {
  const { image } = value
  if (typeof image === 'string' && /^(https?:|\/|data:image\/)/i.test(image)) {
    const text = typeof alt === 'string' ? alt : ''
    // As Quill has it: numbers of pixels. The height only says beforehand how much room there has to be.
    const size = Object.fromEntries(
      ['width', 'height']
        .map((side) => [side, String(format[side])] as const)
        .filter(([, pixels]) => /^\d{1,5}$/.test(pixels)),
    )
    return ['img', { class: 'embed', src: pictured(image), alt: text, ...size }]
  }
  const [name = 'embed'] = Object.keys(value)
  return ['span', { class: 'embed', title: t('editor.unknownEmbed') }, name]
}

function imageIn(element: HTMLElement) {
  return { value: { image: kept(element.getAttribute('src') ?? '') } }
}
