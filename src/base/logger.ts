// What godwit says while it runs: levels, fields, and a word that never prints.
// The writer (JSON lines, terminal) is chosen by the CLI; rooms below only know this interface.

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace'

/** Field values; offsets are bigint. Names come from one list: flow, cluster, topic, partition, offset, group, broker, code, remedy ... */
export type Fields = Readonly<Record<string, string | number | bigint | boolean | undefined>>

export interface Logger {
  error(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  debug(message: string, fields?: Fields): void
  /** A logger that adds these fields to everything it says. */
  child(fields: Fields): Logger
}

export const silentLogger: Logger = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child() {
    return silentLogger
  },
}

/** A text that prints as [secret] in every way a value can be printed; `reveal` is the only way to it. */
export class Secret {
  readonly #text: string
  constructor(text: string) {
    this.#text = text
  }
  reveal(): string {
    return this.#text
  }
  toString(): string {
    return '[secret]'
  }
  toJSON(): string {
    return '[secret]'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[secret]'
  }
}
