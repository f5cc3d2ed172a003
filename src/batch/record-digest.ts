// A digest that identifies a record on both clusters.
import type { BatchRecord } from './records.ts'

/** An import statement would evaluate all exports, and so load WebCrypto. */
const { createHash } = process.getBuiltinModule('node:crypto')

/** The SHA-256 of timestamp, key and value, which are equal on source and target. @returns base64 */
export function digestOf(record: BatchRecord): string {
  const hash = createHash('sha256')
  hash.update(String(record.timestamp))
  for (const part of [record.key, record.value]) hash.update(part ? `|${part.length}|` : '|null|').update(part ?? '')
  return hash.digest('base64')
}
