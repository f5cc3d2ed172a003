// Names and messages of others as text for people may hold them. Groups, client ids and messages of brokers can hold any character and
// have any length; in text they stay on their line, cannot steer a terminal, and do not push a table apart. Programs get them as they are.

/** A word longer than two topic names with an arrow between them is no name that anybody reads (characters). */
const LONGEST_NAME = 502
/** What is left of a longer one (characters). */
const SHORTENED = 80
/** The longest sentence (characters). */
const LONGEST_SENTENCE = 2000

const plain = /^[\x20-\x7e]*$/
const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `text` on one line: line ends, escape sequences and characters that nobody sees are written as in a string of a program. */
export function visible(text: string): string {
  if (plain.test(text)) return text
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escaped)
}

/** The same, but line ends and tabs stay: for text that has lines of its own. */
export function visibleLines(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (one) => (one === '\n' || one === '\t' ? one : escaped(one)))
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return escapes[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`)
}

/** A name: visible, `''` where it is empty, without its middle where it is longer than names of topics can be. */
export function nameText(name: string): string {
  return name === '' ? "''" : middleOut(visible(name), LONGEST_NAME, SHORTENED)
}

/** A sentence with names in it: visible, each word as short as a name, as a whole not longer than a screen. */
export function sentenceText(text: string): string {
  const words = visible(text).replaceAll(/\S{503,}/gu, (word) => middleOut(word, LONGEST_NAME, SHORTENED))
  return middleOut(words, LONGEST_SENTENCE, LONGEST_SENTENCE)
}

function middleOut(text: string, longest: number, shortened: number): string {
  if (text.length <= longest) return text
  const half = Math.floor((shortened - 3) / 2)
  // Halves of a surrogate pair are no characters.
  const whole = (part: string) => part.replaceAll(/\p{Cs}/gu, '')
  return `${whole(text.slice(0, half))}...${whole(text.slice(-half))}`
}

/** A copy of a plain value in which every text is a sentence as above; empty ones stay empty. */
export function readable<T>(value: T): T {
  if (typeof value === 'string') return sentenceText(value) as T
  if (Array.isArray(value)) return value.map((one: unknown) => readable(one)) as T
  if (value instanceof Map)
    return new Map([...value].map(([key, one]: [unknown, unknown]) => [readable(key), readable(one)])) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(one as unknown)])) as T
}
