// Makes foreign names and messages safe to print. Group ids, client ids and broker messages can contain any character and have any
// length. In text for people they must stay on one line, must not control the terminal, and must not break the layout of a table.

/** The longest word that is printed whole (characters): two topic names with an arrow between them. */
const LONGEST_NAME = 502
/** A longer word is shortened to this length (characters). */
const SHORTENED = 80
/** The longest sentence (characters). */
const LONGEST_SENTENCE = 2000

const plain = /^[\x20-\x7e]*$/
const escapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** `text` on one line: line ends, control characters and invisible characters are escaped as in a string literal. */
export function visible(text: string): string {
  if (plain.test(text)) return text
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, escaped)
}

/** As `visible`, but keeps line ends and tabs: for text with several lines. */
export function visibleLines(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, (one) => (one === '\n' || one === '\t' ? one : escaped(one)))
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return escapes[character] ?? (code < 0x100 ? `\\x${hex.padStart(2, '0')}` : `\\u{${hex}}`)
}

/** A name as text: visible; `''` if it is empty; without its middle if it is longer than LONGEST_NAME. */
export function nameText(name: string): string {
  return name === '' ? "''" : middleOut(visible(name), LONGEST_NAME, SHORTENED)
}

/** A sentence that contains names: visible, with each word and the whole sentence limited in length. */
export function sentenceText(text: string): string {
  const words = visible(text).replaceAll(/\S{503,}/gu, (word) => middleOut(word, LONGEST_NAME, SHORTENED))
  return middleOut(words, LONGEST_SENTENCE, LONGEST_SENTENCE)
}

function middleOut(text: string, longest: number, shortened: number): string {
  if (text.length <= longest) return text
  const half = Math.floor((shortened - 3) / 2)
  // A cut can leave half of a surrogate pair, which is not a character.
  const whole = (part: string) => part.replaceAll(/\p{Cs}/gu, '')
  return `${whole(text.slice(0, half))}...${whole(text.slice(-half))}`
}

/** A copy of a plain value with `sentenceText` applied to every string in it; empty strings stay empty. */
export function readable<T>(value: T): T {
  if (typeof value === 'string') return sentenceText(value) as T
  if (Array.isArray(value)) return value.map((one: unknown) => readable(one)) as T
  if (value instanceof Map)
    return new Map([...value].map(([key, one]: [unknown, unknown]) => [readable(key), readable(one)])) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, readable(one as unknown)])) as T
}
