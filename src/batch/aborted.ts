// Filters the batches that a read_committed consumer does not see: control batches, and the data of aborted transactions, based on
// the list in the same Fetch response (KIP-98).
import { int16, int32, uint8 } from './codec/bytes.ts'
import {
  baseOffsetOf,
  CODEC_BITS,
  CONTROL,
  COUNT_AT,
  HEAD_BYTES,
  lastOffsetDeltaOf,
  magicOf,
  PRODUCER_ID_AT,
  producerIdOf,
  TRANSACTIONAL,
} from './header.ts'

/** An aborted transaction of a producer, as listed in a Fetch response. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** Type in the key of a control record: 0 is abort, 1 is commit. */
const ABORT = 0

/** For the batches of one partition in one Fetch response; call `drops` once for each batch, in order. */
export class AbortedFilter {
  readonly #waiting: AbortedTransaction[]
  readonly #aborted = new Set<bigint>()
  #next = 0

  constructor(list: readonly AbortedTransaction[]) {
    this.#waiting = list.length < 2 ? (list as AbortedTransaction[]) : list.toSorted(byFirstOffset)
  }

  /** Whether the batch at `at` is a control batch or belongs to an aborted transaction. */
  drops(b: Buffer, at: number): boolean {
    if (magicOf(b, at) !== 2) return false
    const attributes = uint8(b, at + 22)
    const control = (attributes & CONTROL) !== 0
    // No aborted transaction here or later: the usual case.
    if (this.#next === this.#waiting.length && this.#aborted.size === 0) return control
    if (int32(b, at + PRODUCER_ID_AT) < 0) return control
    const producerId = producerIdOf(b, at)
    this.#beginUpTo(baseOffsetOf(b, at) + lastOffsetDeltaOf(b, at))
    if (control) {
      if (isAbortMarker(b, at)) this.#aborted.delete(producerId)
      return true
    }
    return (attributes & TRANSACTIONAL) !== 0 && this.#aborted.has(producerId)
  }

  #beginUpTo(offset: number): void {
    for (let entry = this.#waiting[this.#next]; entry !== undefined; entry = this.#waiting[++this.#next]) {
      if (entry.firstOffset > offset) return
      this.#aborted.add(entry.producerId)
    }
  }
}

function byFirstOffset(a: AbortedTransaction, b: AbortedTransaction): number {
  return a.firstOffset - b.firstOffset
}

/**
 * The only record of a marker: length, attributes, timestamp delta, offset delta, key length (varints), then the key:
 * version and type as int16. The log cleaner can remove the record of a control batch: then it is not a marker.
 */
function isAbortMarker(b: Buffer, at: number): boolean {
  if (int32(b, at + COUNT_AT) <= 0 || (uint8(b, at + 22) & CODEC_BITS) !== 0) return false
  const end = at + int32(b, at + 8) + 12
  let key = skipVarint(b, at + HEAD_BYTES, end) + 1
  for (let field = 0; field < 3; field++) key = skipVarint(b, key, end)
  return key + 4 <= end && int16(b, key + 2) === ABORT
}

function skipVarint(b: Buffer, at: number, end: number): number {
  let next = at
  while (next < end && (uint8(b, next) & 0x80) !== 0) next++
  return next + 1
}
