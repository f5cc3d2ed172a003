// The parts of the record batch format (v2) that the ceilings need: the end of a batch, and its number of records.
const HEADER = 61
const LENGTH_AT = 8
const LAST_OFFSET_DELTA_AT = 23
const COUNT_AT = 57
/** Bytes before those that the length field counts. */
const UNCOUNTED = 12

export interface BatchSpan {
  readonly at: number
  readonly size: number
  readonly baseOffset: number
  readonly nextOffset: number
  readonly records: number
}

/** The whole batches in bytes[start..end); an incomplete last one is left out. */
export function* batchesIn(bytes: Buffer, start: number, end: number): Generator<BatchSpan> {
  for (let at = start; at + HEADER <= end; ) {
    const size = UNCOUNTED + bytes.readInt32BE(at + LENGTH_AT)
    if (at + size > end) return
    const baseOffset = Number(bytes.readBigInt64BE(at))
    const nextOffset = baseOffset + bytes.readInt32BE(at + LAST_OFFSET_DELTA_AT) + 1
    yield { at, size, baseOffset, nextOffset, records: bytes.readInt32BE(at + COUNT_AT) }
    at += size
  }
}
