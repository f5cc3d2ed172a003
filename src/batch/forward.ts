// Decides by a batch's header how it passes to the target: as it lies, transcoded, or not at all.
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
 * forward: as bytes, with its header rewritten; transcode: its records are made into new batches; skip: nothing for
 * the target.
 */
export type Passage = 'forward' | 'transcode' | 'skip'

export interface PassageContext {
  /** offset of the first record that is still to be copied */
  readonly fromOffset: number
  /** largest batch the target takes, in bytes */
  readonly maxBytes: number
  /** readers of the source saw append times, and the target would show the producers' times instead */
  readonly keepAppendTime: boolean
}

/**
 * How a batch whose header has no problem (problemOfHead) passes. A batch with holes (compaction) must not pass as bytes:
 * brokers refuse some and store others corrupt.
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
