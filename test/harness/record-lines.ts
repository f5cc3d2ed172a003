// Formats records as test/harness/java/BatchInterop.java prints them, so that both can be compared as text.
import { createHash } from 'node:crypto'

interface PrintedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly { readonly key: string; readonly value: Buffer | null }[]
}

const FEW = 20
const SHORT = 40

/** One line per record, or a single digest line if there are many. */
export function linesOf(records: readonly PrintedRecord[]): string[] {
  const lines = records.map(lineOf)
  if (lines.length <= FEW) return lines
  return [`records ${lines.length} ${sha256(Buffer.from(lines.map((line) => `${line}\n`).join('')))}`]
}

function lineOf({ offset, timestamp, key, value, headers }: PrintedRecord): string {
  const named = headers.map((header) => ` ${text(Buffer.from(header.key))}=${text(header.value)}`)
  return `record ${offset} ${timestamp} ${text(key)} ${text(value)}${named.join('')}`
}

function text(bytes: Buffer | null): string {
  if (bytes === null) return 'null'
  if (bytes.length === 0) return '-'
  return bytes.length <= SHORT ? bytes.toString('hex') : `sha256:${sha256(bytes)}`
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
