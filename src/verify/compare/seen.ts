// What is kept of a record near a difference: enough to identify and describe it. Values are kept only with --show-records.
import { createHash } from 'node:crypto'
import type { BatchRecord } from '../../batch/records.ts'

/** A field of a record: length and a short hash; its text only for keys, or with --show-records. */
interface Brief {
  readonly bytes: number
  /** first 12 hex digits of SHA-256 */
  readonly sha256: string
  readonly text?: string
}

export interface RecordBrief {
  readonly offset: number
  /** ms since the epoch */
  readonly timestamp: number
  /** null: the record has none */
  readonly key: Brief | null
  readonly value: Brief | null
  readonly headers: readonly { readonly name: string; readonly value: Brief | null }[]
}

/** A record on one side, with a hash of its contents as its mark: equal records have equal marks. */
export interface MarkedRecord {
  readonly offset: number
  readonly mark: string
  /** absent beyond the first records of a window */
  readonly brief?: RecordBrief
}

const SHOWN = 60

/** A hash of key, value, headers and timestamp. @param withTime false if timestamps are not compared */
export function markOf(record: BatchRecord, withTime: boolean): string {
  const hash = createHash('sha256')
  if (withTime) hash.update(`${record.timestamp}`)
  const part = (bytes: Buffer | null) => hash.update(bytes === null ? '|-' : `|${bytes.length}|`).update(bytes ?? '')
  part(record.key)
  part(record.value)
  for (const { key, value } of record.headers) {
    hash.update(`|h${Buffer.byteLength(key)}|`).update(key)
    part(value)
  }
  return hash.digest('base64').slice(0, 22)
}

/** The description of a record. @param showRecords whether the report may contain values */
export function briefOf({ offset, timestamp, key, value, headers }: BatchRecord, showRecords: boolean): RecordBrief {
  return {
    ...{ offset, timestamp, key: fieldBrief(key, true), value: fieldBrief(value, showRecords) },
    headers: headers.map((header) => ({ name: header.key, value: fieldBrief(header.value, showRecords) })),
  }
}

function fieldBrief(bytes: Buffer | null, withText: boolean): Brief | null {
  if (bytes === null) return null
  const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
  return { bytes: bytes.length, sha256, ...(withText && { text: printable(bytes) }) }
}

/** The first bytes as printable ASCII, all others as `\xNN`. */
function printable(bytes: Buffer): string {
  const shown = [...bytes.subarray(0, SHOWN)].map((byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`,
  )
  return shown.join('') + (bytes.length > SHOWN ? '...' : '')
}

/** Which fields of two records differ: `key`, `value`, `header NAME`, `header order`, `timestamp`. */
export function differingFields(a: RecordBrief, b: RecordBrief, withTime: boolean): string[] {
  const found: string[] = []
  if (!isSameBrief(a.key, b.key)) found.push('key')
  if (!isSameBrief(a.value, b.value)) found.push('value')
  found.push(...differingHeaders(a, b))
  if (withTime && a.timestamp !== b.timestamp) found.push('timestamp')
  return found
}

function differingHeaders(a: RecordBrief, b: RecordBrief): string[] {
  const names = [...new Set([...a.headers, ...b.headers].map(({ name }) => name))]
  const valuesOf = ({ headers }: RecordBrief, name: string) => headers.filter((header) => header.name === name)
  const differing = names.filter((name) => {
    const [mine, theirs] = [valuesOf(a, name), valuesOf(b, name)]
    return mine.length !== theirs.length || mine.some(({ value }, at) => !isSameBrief(value, theirs[at]?.value ?? null))
  })
  if (differing.length > 0) return differing.map((name) => `header ${name}`)
  return a.headers.some(({ name }, at) => name !== b.headers[at]?.name) ? ['header order'] : []
}

function isSameBrief(a: Brief | null, b: Brief | null): boolean {
  return a === null || b === null ? a === b : a.bytes === b.bytes && a.sha256 === b.sha256
}
