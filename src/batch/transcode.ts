// What cannot pass as bytes is made anew: batches with holes, old formats, append times, batches begun in the middle, and batches
// larger than the target takes. The result is dense and unstamped; the caller stamps it with rewriteHead.
import { Failure } from '../base/failure.ts'
import { codecOf, magicOf } from './header.ts'
import { type BatchRecord, decodeBatch, encodeBatch } from './records.ts'

export interface TranscodeOptions {
  /** records below this source offset are left out */
  readonly fromOffset: number
  /** keep: write the append time a consumer saw into each record; create: the target stamps anyway */
  readonly appendTime: 'keep' | 'create'
  /** no batch becomes larger than this (bytes) */
  readonly maxBytes: number
  /** the source's codec when absent */
  readonly codec?: number
}

export interface TranscodedBatch {
  readonly bytes: Buffer
  readonly records: number
  /** source offset of its last record */
  readonly lastOffset: number
  /** ms since the epoch */
  readonly maxTimestamp: number
}

export interface Transcoded {
  readonly batches: readonly TranscodedBatch[]
}

/** @throws Failure CORRUPT_BATCH, TOO_LARGE (one record alone exceeds maxBytes) */
export function transcode(b: Buffer, at: number, size: number, options: TranscodeOptions): Transcoded {
  const records = decodeBatch(b, at, size).filter((record) => record.offset >= options.fromOffset)
  const codec = options.codec ?? (magicOf(b, at) === 2 ? codecOf(b, at) : legacyCodec(b, at))
  const batches: TranscodedBatch[] = []
  if (records.length > 0) split(records, codec, options.maxBytes, batches)
  return { batches }
}

/** Formats v0 and v1 have the codec in their only attributes byte. */
function legacyCodec(b: Buffer, at: number): number {
  return (b[at + 17] as number) & 7
}

/** Halves until every piece fits. */
function split(records: readonly BatchRecord[], codec: number, maxBytes: number, into: TranscodedBatch[]): void {
  const bytes = encodeBatch(records, { codec })
  const last = records.at(-1)
  if (!last) return
  if (bytes.length <= maxBytes) {
    const maxTimestamp = records.reduce((max, record) => Math.max(max, record.timestamp), -1)
    into.push({ bytes, records: records.length, lastOffset: last.offset, maxTimestamp })
    return
  }
  if (records.length === 1) throw tooLarge(last, bytes.length, maxBytes)
  const middle = records.length >> 1
  split(records.slice(0, middle), codec, maxBytes, into)
  split(records.slice(middle), codec, maxBytes, into)
}

function tooLarge(record: BatchRecord, size: number, maxBytes: number): Failure {
  return new Failure('TOO_LARGE', `the record at offset ${record.offset} takes ${size} bytes, the target accepts ${maxBytes}`, {
    offset: BigInt(record.offset),
    remedy: `raise max.message.bytes of the target topic to at least ${size}`,
  })
}
