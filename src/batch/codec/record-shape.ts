// Tells whether the key, value and headers of a record of format 2 fill exactly the bytes that its length gives them.
import { readVarint, varintBytes } from './varint.ts'

/** @param at behind the offset delta, where the length of the key stands */
export function isWholeRecord(b: Buffer, at: number, end: number): boolean {
  const headersAt = behindField(b, behindField(b, at, end), end)
  if (headersAt >= end) return false
  const headers = readVarint(b, headersAt)
  let next = headersAt + varintBytes(b, headersAt)
  // A header has two bytes at least: what claims more need not be walked.
  if (headers < 0 || headers * 2 > end - next) return false
  for (let left = headers; left > 0; left--) {
    // A header's key is not null.
    if (b[next] === 1) return false
    next = behindField(b, behindField(b, next, end), end)
  }
  return next === end
}

/** The place behind a length and its bytes; beyond `end` when it is not inside. -1 is null, which has no bytes. */
function behindField(b: Buffer, at: number, end: number): number {
  if (at >= end) return end + 1
  const byte = b[at] as number
  const length = byte < 0x80 ? (byte >>> 1) ^ -(byte & 1) : readVarint(b, at)
  if (length < 0) return length === -1 ? at + 1 : end + 1
  const next = at + length + (byte < 0x80 ? 1 : varintBytes(b, at))
  return next <= end ? next : end + 1
}
