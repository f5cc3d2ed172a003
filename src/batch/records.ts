// Batches as records and back: the slow path, for what cannot pass as bytes, and for the few records godwit writes itself.
import { Failure } from '../base/failure.ts'
import { compress, decompress, NONE } from './codec/compression.ts'
import { crc32c } from './codec/crc32c.ts'
import { decodeLegacy } from './codec/legacy.ts'
import { RecordReader, RecordWriter } from './codec/varints.ts'
import {
  ATTRIBUTES_AT,
  BASE_TIMESTAMP_AT,
  baseOffsetOf,
  baseTimestampOf,
  COUNT_AT,
  CRC_AT,
  codecOf,
  HEAD_BYTES,
  isLogAppendTime,
  LAST_OFFSET_DELTA_AT,
  LEADER_EPOCH_AT,
  LENGTH_AT,
  LENGTH_OVERHEAD,
  MAGIC_AT,
  MAX_TIMESTAMP_AT,
  magicOf,
  maxTimestampOf,
  type ProducerStamp,
  recordCountOf,
  writeProducer,
} from './header.ts'

export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

export interface BatchRecord {
  /** absolute, as the source knows it */
  readonly offset: number
  /** ms since the epoch; -1 for none */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

export type NewRecord = Omit<BatchRecord, 'offset'>

/** A batch may decompress to this much, or to twenty times its size where that is more (spec 8.2). */
const MIN_LIMIT = 64 * 1024 * 1024

/**
 * The records of a batch of any format, with the timestamps a consumer would see: in a log-append-time batch each record has the batch's.
 * @throws Failure CORRUPT_BATCH
 */
export function decodeBatch(b: Buffer, at: number, size: number): BatchRecord[] {
  const limit = Math.max(MIN_LIMIT, size * 20)
  if (magicOf(b, at) < 2) return decodeLegacy(b, at, size, limit)
  const reader = new RecordReader(decompress(codecOf(b, at), b.subarray(at + HEAD_BYTES, at + size), limit))
  const appendTime = isLogAppendTime(b, at) ? maxTimestampOf(b, at) : undefined
  const [baseOffset, baseTimestamp] = [baseOffsetOf(b, at), baseTimestampOf(b, at)]
  const records: BatchRecord[] = []
  for (let left = recordCountOf(b, at); left > 0; left--) records.push(readRecord(reader, baseOffset, baseTimestamp, appendTime))
  if (reader.at !== reader.bytes.length) throw new Failure('CORRUPT_BATCH', 'a batch holds more bytes than records')
  return records
}

/** A dense batch of format v2, ready to be produced. At least one record. */
export function encodeBatch(
  records: readonly NewRecord[],
  options: { readonly codec?: number; readonly stamp?: ProducerStamp; readonly sequence?: number } = {},
): Buffer {
  const codec = options.codec ?? NONE
  const base = records[0]?.timestamp ?? -1
  const plain = new RecordWriter()
  let maxTimestamp = -1
  for (const [index, record] of records.entries()) {
    writeRecord(plain, record, record.timestamp - base, index)
    maxTimestamp = Math.max(maxTimestamp, record.timestamp)
  }
  const body = compress(codec, plain.bytes())
  const batch = Buffer.alloc(HEAD_BYTES + body.length)
  body.copy(batch, HEAD_BYTES)
  batch.writeInt32BE(batch.length - LENGTH_OVERHEAD, LENGTH_AT)
  batch.writeInt32BE(-1, LEADER_EPOCH_AT)
  batch[MAGIC_AT] = 2
  batch.writeInt16BE(codec, ATTRIBUTES_AT)
  batch.writeInt32BE(records.length - 1, LAST_OFFSET_DELTA_AT)
  batch.writeBigInt64BE(BigInt(base), BASE_TIMESTAMP_AT)
  batch.writeBigInt64BE(BigInt(maxTimestamp), MAX_TIMESTAMP_AT)
  writeProducer(batch, 0, options.stamp, options.sequence ?? 0)
  batch.writeInt32BE(records.length, COUNT_AT)
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_AT, batch.length), CRC_AT)
  return batch
}

function readRecord(r: RecordReader, baseOffset: number, baseTimestamp: number, appendTime: number | undefined): BatchRecord {
  const end = r.varint() + r.at
  r.int8()
  const timestamp = r.varint() + baseTimestamp
  const offset = r.varint() + baseOffset
  const key = r.nullable()
  const value = r.nullable()
  const headers: RecordHeader[] = []
  const count = r.varint()
  if (count < 0 || count > r.bytes.length - r.at) throw new Failure('CORRUPT_BATCH', `a record claims ${count} headers`)
  for (let left = count; left > 0; left--) headers.push({ key: (r.nullable() ?? Buffer.alloc(0)).toString('utf8'), value: r.nullable() })
  if (r.at !== end) throw new Failure('CORRUPT_BATCH', `the record at offset ${offset} is not as long as it says`)
  return { offset, timestamp: appendTime ?? timestamp, key, value, headers }
}

function writeRecord(out: RecordWriter, record: NewRecord, timestampDelta: number, offsetDelta: number): void {
  const w = new RecordWriter()
  w.int8(0).varint(timestampDelta).varint(offsetDelta).nullable(record.key).nullable(record.value).varint(record.headers.length)
  for (const header of record.headers) w.nullable(Buffer.from(header.key)).nullable(header.value)
  out.varint(w.length).raw(w.bytes())
}
