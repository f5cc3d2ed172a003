// Loggers that write JSON lines for log collectors or text lines for people. Not pino: it is not faster, and has no text lines (ADR 0017).
import type { Fields, Level, Logger } from '../base/logger.ts'
import { sentenceText } from '../base/readable.ts'

export type LogFormat = 'json' | 'text'

interface LogOptions {
  readonly format: LogFormat
  /** less urgent messages are not written */
  readonly level: Level
  /** takes one line without line end */
  readonly write: (line: string) => void
  /** ms since the epoch */
  readonly now?: () => number
}

type Written = Exclude<Level, 'trace'>
const urgency: Record<Level, number> = { error: 0, warn: 1, info: 2, debug: 3, trace: 4 }
const empty: Fields = {}

/** A logger that writes each message as one line. Secrets among the fields print as [secret]. */
export function createLogger(options: LogOptions): Logger {
  const render = options.format === 'json' ? jsonLine : textLine
  const now = options.now ?? Date.now
  const atLevel = (level: Written, given: Fields) => {
    if (urgency[level] > urgency[options.level]) return () => {}
    return (message: string, fields: Fields = empty) =>
      options.write(render(new Date(now()).toISOString(), level, message, { ...given, ...fields }))
  }
  const withFields = (given: Fields): Logger => ({
    error: atLevel('error', given),
    warn: atLevel('warn', given),
    info: atLevel('info', given),
    debug: atLevel('debug', given),
    child: (fields) => withFields({ ...given, ...fields }),
  })
  return withFields(empty)
}

function jsonLine(time: string, level: Written, message: string, fields: Fields): string {
  const ours = { time, level, message }
  // Listed first for the order, and again last so that no field can replace them.
  return JSON.stringify({ ...ours, ...fields, ...ours }, jsonValue)
}

/** bigint offsets: a number up to 2^53, which JSON readers keep exactly, else text. */
function jsonValue(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function textLine(time: string, level: Written, message: string, fields: Fields): string {
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${textValue(String(value))}`)
  const clock = time.slice(11, 23)
  return [clock, level.toUpperCase().padEnd(5), oneLine(message), ...pairs].join(' ')
}

/** Quoted where spaces, quotes or control characters would make the line ambiguous; shortened when very long. */
function textValue(value: string): string {
  return sentenceText(/^[^\s"=\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value))
}

function oneLine(message: string): string {
  return sentenceText(message.replaceAll(/\p{Cc}+/gu, ' '))
}
