// The logger interface, and a wrapper for secrets that never prints them.
// The CLI chooses the writer (JSON lines, terminal); all other folders only use this interface.

export type Level = 'error' | 'warn' | 'info' | 'debug' | 'trace'

/** Fields of a log line; offsets are bigint. Usual names: flow, cluster, topic, partition, offset, group, broker, code, remedy. */
export type Fields = Readonly<Record<string, string | number | bigint | boolean | undefined>>

export interface Logger {
  error(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  debug(message: string, fields?: Fields): void
  /** A logger that adds these fields to every line. */
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

/** A text that always prints as [secret]; only `reveal` returns it. */
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
