// A source partition with batches of every kind that a broker stores, and the list of its visible records.
import { crc32 } from 'node:zlib'
import { CONTROL, LOG_APPEND_TIME, TRANSACTIONAL } from '../../../src/batch/header.ts'
import { type BatchRecord, encodeBatch, type NewRecord } from '../../../src/batch/records.ts'
import type { AbortedRange, StoredBatch } from '../../harness/scripted/partition-log.ts'
import { changed } from '../batch/batches.ts'

export const kinds = [
  ...(['plain', 'singles', 'stamped', 'holes', 'tail-hole', 'append-time'] as const),
  ...(['committed', 'aborted', 'interleaved', 'empty', 'gone', 'legacy'] as const),
]

export interface Piece {
  /**
   * plain: one batch. singles: batches of one record each. stamped: of an idempotent producer. holes, tail-hole: compacted.
   * append-time: with LogAppendTime. committed, aborted: a transaction and its marker. interleaved: an aborted transaction with a
   * plain batch in the middle. empty: all records compacted away. gone: also the batch compacted away, followed by one record.
   * legacy: one message of format 1
   */
  readonly kind: (typeof kinds)[number]
  readonly records: number
  /** 0 to 4 */
  readonly codec?: number
  /** size of each value in bytes */
  readonly size?: number
  /** age of the records (ms) */
  readonly age?: number
}

export class SourceLog {
  readonly batches: StoredBatch[] = []
  /** the records visible under read_committed */
  readonly visible: BatchRecord[] = []
  readonly aborted: AbortedRange[] = []
  /** the offset after the last batch */
  end: number
  readonly #now: number
  #producers = 9000n

  constructor(start = 0, now = Date.now()) {
    this.end = start
    this.#now = now
  }

  add(...pieces: readonly Piece[]): this {
    for (const piece of pieces) this.#add(piece)
    return this
  }

  /** All batches, one after the other. */
  get bytes(): Buffer {
    return Buffer.concat(this.batches.map((batch) => batch.bytes))
  }

  #add(piece: Piece): void {
    const { kind, codec = 0 } = piece
    if (kind === 'gone') this.end += piece.records
    const records = this.#records(piece, kind === 'legacy' || kind === 'gone' ? 1 : piece.records)
    if (kind === 'singles') for (const one of records) this.#put(encodeBatch([one], { codec }), [one])
    else if (kind === 'holes') this.#putHoles(records)
    else if (kind === 'tail-hole') this.#put(encodeBatch(records, { codec }), records, { behind: 3 })
    else if (kind === 'append-time') this.#putAppendTime(records, codec)
    else if (kind === 'stamped') this.#put(this.#ofProducer(records, codec, 0), records)
    else if (kind === 'committed' || kind === 'aborted' || kind === 'interleaved') this.#transaction(piece, records)
    else if (kind === 'empty') this.#put(emptyBatch(), [], { behind: piece.records })
    else if (kind === 'legacy') this.#putLegacy(records[0] as NewRecord)
    else this.#put(encodeBatch(records, { codec }), records)
  }

  #records({ size = 20, age = 0 }: Piece, count: number): NewRecord[] {
    return Array.from({ length: count }, (_, i) => {
      const name = `${this.end}+${i}`
      const headers = i % 3 === 0 ? [{ key: 'h', value: Buffer.from(name) }] : []
      const value = Buffer.from(name.padEnd(size, '.'))
      return { timestamp: this.#now - age - (i % 5), key: i % 4 === 0 ? null : Buffer.from(name), value, headers }
    })
  }

  /** @param behind offsets without a record after the last record */
  #put(batch: Buffer, records: readonly NewRecord[], { behind = 0, seen = true } = {}): void {
    const base = this.end
    const next = base + records.length + behind
    this.#keep(
      behind === 0 ? batch : changed(batch, (b) => b.writeInt32BE(records.length + behind - 1, 23)),
      next,
      seen ? records.map((record, i) => ({ ...record, offset: base + i })) : [],
    )
  }

  #keep(batch: Buffer, next: number, visible: readonly BatchRecord[]): void {
    // The checksum does not cover offset and leader epoch; formats before 2 have no epoch.
    batch.writeBigInt64BE(BigInt(batch[16] === 2 ? this.end : next - 1), 0)
    if (batch[16] === 2) batch.writeInt32BE(1, 12)
    this.batches.push({ base: this.end, next, bytes: batch })
    this.visible.push(...visible)
    this.end = next
  }

  /** Every second offset has a record. */
  #putHoles(records: readonly NewRecord[]): void {
    const base = this.end
    const sparse = sparseBatch(records)
    this.#keep(
      sparse,
      base + 2 * records.length,
      records.map((record, i) => ({ ...record, offset: base + 2 * i })),
    )
  }

  #putLegacy(record: NewRecord): void {
    this.#put(legacyMessage(record), [{ ...record, headers: [] }])
  }

  #putAppendTime(records: readonly NewRecord[], codec: number): void {
    const timestamp = Math.max(...records.map((record) => record.timestamp))
    const batch = changed(encodeBatch(records, { codec }), (b) => b.writeInt16BE(codec | LOG_APPEND_TIME, 21))
    this.#put(
      batch,
      records.map((record) => ({ ...record, timestamp })),
    )
  }

  #ofProducer(records: readonly NewRecord[], codec: number, attributes: number, producer = ++this.#producers): Buffer {
    const stamp = { idHigh: 0, idLow: Number(producer), epoch: 2 }
    const batch = encodeBatch(records, { codec, stamp, sequence: 77 })
    return attributes === 0 ? batch : changed(batch, (b) => b.writeInt16BE(codec | attributes, 21))
  }

  #transaction({ kind, codec = 0 }: Piece, records: readonly NewRecord[]): void {
    const producer = ++this.#producers
    const seen = kind === 'committed'
    const firstOffset = this.end
    this.#put(this.#ofProducer(records, codec, TRANSACTIONAL, producer), records, { seen })
    if (kind === 'interleaved') {
      const others = this.#records({ kind: 'plain', records: 2 }, 2)
      this.#put(encodeBatch(others, { codec }), others)
      this.#put(this.#ofProducer(records, codec, TRANSACTIONAL, producer), records, { seen })
    }
    if (!seen) this.aborted.push({ producerId: producer, firstOffset, lastOffset: this.end })
    this.#put(marker(producer, seen ? 1 : 0), [], { behind: 1 })
  }
}

/** The marker of a transaction. @param type 1 commits, 0 aborts */
function marker(producer: bigint, type: number): Buffer {
  const key = Buffer.from([0, 0, 0, type])
  const batch = encodeBatch([{ timestamp: 0, key, value: Buffer.alloc(6), headers: [] }])
  return changed(batch, (b) => {
    b.writeInt16BE(TRANSACTIONAL | CONTROL, 21)
    b.writeBigInt64BE(producer, 43)
  })
}

function emptyBatch(): Buffer {
  const batch = encodeBatch([{ timestamp: 0, key: null, value: null, headers: [] }])
  return changed(Buffer.from(batch.subarray(0, 61)), (b) => {
    b.writeInt32BE(61 - 12, 8)
    b.writeInt32BE(0, 57)
  })
}

/** The records have the offset deltas 0, 2, 4 ..., and the last offset is one more: every second record was compacted away. */
function sparseBatch(records: readonly NewRecord[]): Buffer {
  const dense = encodeBatch(records)
  const base = records[0]?.timestamp ?? 0
  const bodies = records.map((record, i) => {
    // A record before them sets the base timestamp.
    const filler = { timestamp: base, key: null, value: null, headers: [] }
    const wide = encodeBatch([...Array.from({ length: 2 * i }, () => filler), { ...record }])
    const without = 2 * i === 0 ? 61 : encodeBatch(Array.from({ length: 2 * i }, () => filler)).length
    return wide.subarray(without)
  })
  const batch = Buffer.concat([dense.subarray(0, 61), ...bodies])
  return changed(batch, (b) => {
    b.writeInt32BE(b.length - 12, 8)
    b.writeInt32BE(2 * records.length - 1, 23)
  })
}

/** A message of format 1, uncompressed; the format has no headers. */
function legacyMessage({ timestamp, key, value }: NewRecord): Buffer {
  const field = (bytes: Buffer | null) => {
    const size = Buffer.alloc(4)
    size.writeInt32BE(bytes?.length ?? -1)
    return bytes ? Buffer.concat([size, bytes]) : size
  }
  const body = Buffer.concat([Buffer.alloc(26), field(key), field(value)])
  body.writeInt32BE(body.length - 12, 8)
  body[16] = 1
  body.writeBigInt64BE(BigInt(timestamp), 18)
  body.writeUInt32BE(crc32(body.subarray(16)), 12)
  return body
}
