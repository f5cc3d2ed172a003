// One partition of a scripted cluster. It checks a producer's batches as Kafka's ProducerStateManager does: the last five batches
// of a producer are recognized as duplicates, and any other sequence number than the next one is refused.
import {
  baseSequenceOf,
  maxTimestampOf,
  problemOfHead,
  producerEpochOf,
  producerIdOf,
  recordCountOf,
  verifyChecksum,
} from '../../../src/batch/header.ts'
import { decodeBatch } from '../../../src/batch/records.ts'

export interface StoredBatch {
  readonly base: number
  /** the offset after its last record */
  readonly next: number
  readonly bytes: Buffer
}

export interface AbortedRange {
  readonly producerId: bigint
  readonly firstOffset: number
  /** offset of the marker */
  readonly lastOffset: number
}

interface Producer {
  epoch: number
  lastSequence: number
  /** ms since the epoch */
  lastTimestamp: number
  /** the last five batches, as in a broker's producer state */
  readonly recent: { readonly first: number; readonly last: number; readonly base: number }[]
}

export interface Appended {
  readonly error: number
  readonly baseOffset: number
}

/** Kafka's error codes for batches that are refused here. */
const CORRUPT_MESSAGE = 2
const MESSAGE_TOO_LARGE = 10
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const INVALID_PRODUCER_EPOCH = 47
const INVALID_RECORD = 87
const REMEMBERED = 5
const SEQUENCES = 0x8000_0000
/** The default of producer.id.expiration.ms. */
const EXPIRATION_MS = 24 * 3600 * 1000

export class ScriptedLog {
  /** log start offset */
  start: number
  readonly batches: StoredBatch[] = []
  readonly aborted: AbortedRange[] = []
  /** max.message.bytes */
  maxMessageBytes = Number.POSITIVE_INFINITY
  readonly #producers = new Map<bigint, Producer>()
  #end: number

  constructor(start = 0) {
    this.start = start
    this.#end = start
  }

  get end(): number {
    return this.#end
  }

  /** Adds a batch with its own offsets, without checks. */
  store(batch: StoredBatch): void {
    this.batches.push(batch)
    this.#end = batch.next
  }

  /** Appends a producer's batch, or returns the error code. */
  append(sent: Buffer): Appended {
    const error = this.#problemOf(sent)
    if (error !== 0) return { error, baseOffset: -1 }
    const [id, epoch, first] = [producerIdOf(sent, 0), producerEpochOf(sent, 0), baseSequenceOf(sent, 0)]
    const records = recordCountOf(sent, 0)
    const last = (first + records - 1) % SEQUENCES
    const producer = this.#producers.get(id)
    if (producer) {
      if (epoch < producer.epoch) return { error: INVALID_PRODUCER_EPOCH, baseOffset: -1 }
      const known = producer.recent.find((one) => one.first === first && one.last === last)
      if (known) return { error: 0, baseOffset: known.base }
      const next = epoch === producer.epoch ? (producer.lastSequence + 1) % SEQUENCES : 0
      if (first !== next) return { error: OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
    }
    const base = this.#end
    const bytes = Buffer.from(sent)
    bytes.writeBigInt64BE(BigInt(base), 0)
    bytes.writeInt32BE(1, 12)
    this.store({ base, next: base + records, bytes })
    const recent = [...(producer?.recent ?? []), { first, last, base }].slice(-REMEMBERED)
    this.#producers.set(id, { epoch, lastSequence: last, lastTimestamp: maxTimestampOf(sent, 0), recent })
    return { error: 0, baseOffset: base }
  }

  /** The producer state. */
  get producers(): { id: bigint; epoch: number; lastSequence: number }[] {
    return [...this.#producers].map(([id, { epoch, lastSequence }]) => ({ id, epoch, lastSequence }))
  }

  /** Removes producers whose last timestamp is too old, as a broker does every ten minutes. @param now ms since the epoch */
  expire(now: number): void {
    for (const [id, { lastTimestamp }] of this.#producers)
      if (lastTimestamp < now - EXPIRATION_MS) this.#producers.delete(id)
  }

  /**
   * The batches from the one that contains this offset, cut off after so many bytes.
   * @param isFirst the first batch is complete whatever its size (KIP-74)
   */
  read(offset: number, maxBytes: number, isFirst: boolean): Buffer {
    const from = this.batches.findIndex((batch) => batch.next > offset)
    if (from < 0) return Buffer.alloc(0)
    const first = this.batches[from] as StoredBatch
    const limit = isFirst ? Math.max(maxBytes, first.bytes.length) : maxBytes
    const parts: Buffer[] = []
    let size = 0
    for (let at = from; at < this.batches.length && size < limit; at++) {
      const { bytes } = this.batches[at] as StoredBatch
      parts.push(bytes)
      size += bytes.length
    }
    return Buffer.concat(parts).subarray(0, limit)
  }

  /** Aborted transactions with records at or after this offset. */
  abortedFrom(offset: number): AbortedRange[] {
    return this.aborted.filter((one) => one.lastOffset >= offset)
  }

  #problemOf(sent: Buffer): number {
    if (problemOfHead(sent, 0, sent.length) !== undefined || !verifyChecksum(sent, 0, sent.length))
      return CORRUPT_MESSAGE
    if (sent.length > this.maxMessageBytes) return MESSAGE_TOO_LARGE
    const records = decodeBatch(sent, 0, sent.length)
    const isDense = records.length > 0 && records.every((record, i) => record.offset === i)
    return isDense && sent.readInt32BE(23) === records.length - 1 ? 0 : INVALID_RECORD
  }
}
