// A digest by which a record is recognized on the other cluster.
import type { BatchRecord } from './records.ts'

/** An import would evaluate all of its names, and so load web cryptography. */
const { createHash } = process.getBuiltinModule('node:crypto')

/** A digest of what makes a record the same on both sides: timestamp, key and value. @returns base64 of a SHA-256 */
export function digestOf(record: BatchRecord): string {
  const hash = createHash('sha256')
  hash.update(String(record.timestamp))
  for (const part of [record.key, record.value]) hash.update(part ? `|${part.length}|` : '|null|').update(part ?? '')
  return hash.digest('base64')
}
