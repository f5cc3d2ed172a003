// Decides by its header how a batch is copied to the target: unchanged, transcoded, or not at all.
import { int32, uint16 } from './codec/bytes.ts'
import {
  ATTRIBUTES_AT,
  baseOffsetOf,
  CONTROL,
  COUNT_AT,
  LAST_OFFSET_DELTA_AT,
  LOG_APPEND_TIME,
  magicOf,
} from './header.ts'

/**
 * forward: the records are copied as bytes with a rewritten header; transcode: the records are written into new batches; skip: nothing is
 * copied.
 */
export type Passage = 'forward' | 'transcode' | 'skip'

export interface PassageContext {
  /** offset of the first record to copy */
  readonly fromOffset: number
  /** largest batch that the target accepts (bytes) */
  readonly maxBytes: number
  /** whether to store append times in the records, because the target topic uses create times */
  readonly keepAppendTime: boolean
}

/**
 * How a batch with a valid header (problemOfHead) is copied. A batch with gaps (compaction) must not be forwarded:
 * brokers reject some of them and store others corrupted.
 */
export function passageOf(b: Buffer, at: number, size: number, context: PassageContext): Passage {
  if (magicOf(b, at) !== 2) return 'transcode'
  const count = int32(b, at + COUNT_AT)
  const attributes = uint16(b, at + ATTRIBUTES_AT)
  if (count === 0 || (attributes & CONTROL) !== 0) return 'skip'
  if (count !== int32(b, at + LAST_OFFSET_DELTA_AT) + 1) return 'transcode'
  if (size > context.maxBytes || baseOffsetOf(b, at) < context.fromOffset) return 'transcode'
  return context.keepAppendTime && (attributes & LOG_APPEND_TIME) !== 0 ? 'transcode' : 'forward'
}
