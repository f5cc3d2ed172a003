// A cursor over the code points of a Java pattern, and helpers for its readers.

/** Why a pattern is not translated; `remedy` replaces the general one. */
export class Refusal extends Error {
  readonly remedy: string | undefined
  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}

/** Active inline flags: i, m, s and d; `u` alone changes nothing. */
export interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly d: boolean
  readonly u: boolean
}

export const noFlags: Flags = { i: false, m: false, s: false, d: false, u: false }

export class Cursor {
  readonly #points: readonly string[]
  at = 0
  flags: Flags = noFlags

  constructor(text: string) {
    this.#points = [...text]
  }

  /** The code point `ahead` positions from here; empty at the end. */
  peek(ahead = 0): string {
    return this.#points[this.at + ahead] ?? ''
  }

  take(): string {
    const point = this.peek()
    this.at++
    return point
  }

  /** Skips `text` if it is next. */
  skip(text: string): boolean {
    const points = [...text]
    if (points.some((point, ahead) => this.peek(ahead) !== point)) return false
    this.at += points.length
    return true
  }

  /** Reads code points as long as they match. */
  takeWhile(pattern: RegExp): string {
    let taken = ''
    while (this.peek() !== '' && pattern.test(this.peek())) taken += this.take()
    return taken
  }

  get ended(): boolean {
    return this.at >= this.#points.length
  }
}

const inClass = (code: number) => `\\u{${code.toString(16)}}`
const isWord = (code: number) => /^[A-Za-z0-9_]$/.test(String.fromCodePoint(code))

/** One code point as an operand of a character class with the v flag. */
const member = (code: number): string => (isWord(code) ? String.fromCodePoint(code) : inClass(code))

/** One code point as a pattern of its own. */
export function literal(code: number): string {
  const text = String.fromCodePoint(code)
  if (/^[\^$\\.*+?()[\]{}|/]$/.test(text)) return `\\${text}`
  return code > 32 && code < 127 ? text : inClass(code)
}

const otherCase = (code: number): number | undefined =>
  (code >= 65 && code <= 90) || (code >= 97 && code <= 122) ? code ^ 32 : undefined

/** A range as class operands; with (?i) including the other case of its ASCII letters, as in Java. */
export function range(low: number, high: number, ignoreCase: boolean): string {
  const plain = low === high ? member(low) : `${member(low)}-${member(high)}`
  if (!ignoreCase) return plain
  const more: string[] = []
  for (let code = 65; code <= 122; code++) {
    const other = otherCase(code)
    if (other !== undefined && other >= low && other <= high && (code < low || code > high)) more.push(member(code))
  }
  return plain + more.join('')
}
