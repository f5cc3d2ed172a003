// Checks that the key, value and headers of a record of format 2 exactly fill the length of the record.
import { readVarint, varintBytes } from './varint.ts'

/** @param at position of the key length, after the offset delta @param end end of the record */
export function isWholeRecord(b: Buffer, at: number, end: number): boolean {
  const headersAt = endOfField(b, endOfField(b, at, end), end)
  if (headersAt >= end) return false
  const headers = readVarint(b, headersAt)
  let next = headersAt + varintBytes(b, headersAt)
  // A header has at least two bytes: a larger count is invalid.
  if (headers < 0 || headers * 2 > end - next) return false
  for (let left = headers; left > 0; left--) {
    // The key of a header is never null.
    if (b[next] === 1) return false
    next = endOfField(b, endOfField(b, next, end), end)
  }
  return next === end
}

/** The position after a field with a varint length (-1 is null, without bytes); greater than `end` if the field does not fit. */
function endOfField(b: Buffer, at: number, end: number): number {
  if (at >= end) return end + 1
  const byte = b[at] as number
  const length = byte < 0x80 ? (byte >>> 1) ^ -(byte & 1) : readVarint(b, at)
  if (length < 0) return length === -1 ? at + 1 : end + 1
  const next = at + length + (byte < 0x80 ? 1 : varintBytes(b, at))
  return next <= end ? next : end + 1
}
