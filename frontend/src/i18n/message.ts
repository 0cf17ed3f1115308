/** One text of the interface. `{name}` stands for a parameter. */
export type Message = string | Plural

/** A text that depends on its parameter `count`, with one form for each kind of number its language tells apart. */
export type Plural = { readonly [Category in Intl.LDMLPluralRule]?: string } & {
  readonly other: string
}

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never

/** The names of a message's parameters; those of all forms where it has several. */
export type ParameterNames<M> = M extends string
  ? NamesIn<M>
  : M extends Plural
    ? NamesIn<M[keyof M]>
    : never

export type Parameters = Readonly<Record<string, string | number>>

/** How a language writes. */
export interface Grammar {
  readonly plural: Intl.PluralRules
  readonly number: Intl.NumberFormat
}

/** The message with its parameters in place; numbers as the language writes them. */
export function write(message: Message, parameters: Parameters, grammar: Grammar): string {
  const text = typeof message === 'string' ? message : formOf(message, parameters, grammar)
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = parameters[name] ?? placeholder
    return typeof value === 'number' ? grammar.number.format(value) : value
  })
}

function formOf(message: Plural, { count }: Parameters, { plural }: Grammar): string {
  return message[plural.select(Number(count))] ?? message.other
}
