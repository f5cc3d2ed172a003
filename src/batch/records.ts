// Decodes batches into records and encodes records into batches: for inspection, and for records that godwit writes itself.
// Copying does not use it: batches that cannot be forwarded as bytes are transcoded without decoding records.
import { Failure } from '../base/failure.ts'
import { plainBatch } from './codec/plain-batch.ts'
import { type PlainBatch, RecordCursor } from './codec/record-cursor.ts'
import { seal } from './codec/seal.ts'
import {
  putVarint,
  putVarlong,
  readExactVarlong,
  readVarint,
  sizeOfVarint,
  sizeOfVarlong,
  varintBytes,
} from './codec/varint.ts'
import { HEAD_BYTES, type ProducerStamp } from './header.ts'

export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

export interface BatchRecord {
  /** offset in the partition */
  readonly offset: number
  /** ms since the epoch, -1 for none; not exact beyond 2^53 */
  readonly timestamp: number
  /** views of the bytes of the batch, or of its decompressed bytes */
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
}

export type NewRecord = Omit<BatchRecord, 'offset'>

interface EncodeOptions {
  /** 0 none (default), 1 gzip, 2 snappy, 3 lz4, 4 zstd */
  readonly codec?: number
  readonly stamp?: ProducerStamp
  /** sequence number of the first record; only used with a stamp */
  readonly sequence?: number
}

/**
 * The records of a batch of any format with a valid header (problemOfHead). Timestamps are those that a consumer sees: with log append
 * time all records have the timestamp of the batch. A control batch returns its markers.
 * @throws Failure CORRUPT_BATCH
 */
export function decodeBatch(b: Buffer, at: number, size: number): BatchRecord[] {
  const batch = plainBatch(b, at, size)
  const cursor = new RecordCursor(batch)
  const records: BatchRecord[] = []
  while (cursor.next()) records.push(recordAt(batch, cursor))
  return records
}

/**
 * Encodes records as a batch of format 2, ready to produce.
 * @throws Failure INTERNAL without records, or for a timestamp that is not an integer below 2^52
 */
export function encodeBatch(records: readonly NewRecord[], options: EncodeOptions = {}): Buffer {
  const base = records[0]?.timestamp
  if (base === undefined) throw new Failure('INTERNAL', 'a record batch needs at least one record')
  let size = HEAD_BYTES
  let max = -1
  for (const [index, record] of records.entries()) {
    if (!(Math.abs(record.timestamp) < 2 ** 52) || !Number.isInteger(record.timestamp))
      throw new Failure('INTERNAL', `${record.timestamp} is not a valid timestamp`)
    const length = lengthOf(record, record.timestamp - base, index)
    size += sizeOfVarint(length) + length
    max = Math.max(max, record.timestamp)
  }
  const draft = Buffer.allocUnsafeSlow(size)
  let end = HEAD_BYTES
  for (const [index, record] of records.entries()) end = putRecord(draft, end, record, record.timestamp - base, index)
  return seal(draft, end, {
    codec: options.codec ?? 0,
    records: records.length,
    baseTimestamp: BigInt(base),
    maxTimestamp: BigInt(max),
    stamp: options.stamp,
    sequence: options.sequence,
  })
}

function recordAt(batch: PlainBatch, cursor: RecordCursor): BatchRecord {
  const { body } = batch
  const keyEnd = endOfField(body, cursor.restAt)
  const headersAt = endOfField(body, keyEnd)
  return {
    offset: cursor.offset,
    timestamp: Number(batch.appendTime ?? batch.baseTimestamp + readExactVarlong(body, cursor.timestampAt)),
    key: fieldAt(body, cursor.restAt),
    value: fieldAt(body, keyEnd),
    headers: headersFrom(body, headersAt),
  }
}

function headersFrom(body: Buffer, at: number): RecordHeader[] {
  const headers: RecordHeader[] = []
  let next = at + varintBytes(body, at)
  for (let left = readVarint(body, at); left > 0; left--) {
    const valueAt = endOfField(body, next)
    headers.push({ key: fieldAt(body, next)?.toString('utf8') ?? '', value: fieldAt(body, valueAt) })
    next = endOfField(body, valueAt)
  }
  return headers
}

function fieldAt(body: Buffer, at: number): Buffer | null {
  const length = readVarint(body, at)
  const from = at + varintBytes(body, at)
  return length < 0 ? null : body.subarray(from, from + length)
}

function endOfField(body: Buffer, at: number): number {
  return at + varintBytes(body, at) + Math.max(0, readVarint(body, at))
}

function lengthOf(record: NewRecord, delta: number, index: number): number {
  let length = 1 + sizeOfVarlong(delta) + sizeOfVarint(index) + sizeOfField(record.key) + sizeOfField(record.value)
  length += sizeOfVarint(record.headers.length)
  for (const { key, value } of record.headers) {
    const keyLength = Buffer.byteLength(key)
    length += sizeOfVarint(keyLength) + keyLength + sizeOfField(value)
  }
  return length
}

function sizeOfField(bytes: Buffer | null): number {
  return bytes === null ? 1 : sizeOfVarint(bytes.length) + bytes.length
}

function putRecord(out: Buffer, at: number, record: NewRecord, delta: number, index: number): number {
  let next = putVarint(out, at, lengthOf(record, delta, index))
  out[next++] = 0
  next = putVarint(out, putVarlong(out, next, delta), index)
  next = putField(out, putField(out, next, record.key), record.value)
  next = putVarint(out, next, record.headers.length)
  for (const { key, value } of record.headers) next = putField(out, putField(out, next, Buffer.from(key)), value)
  return next
}

function putField(out: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return putVarint(out, at, -1)
  const next = putVarint(out, at, bytes.length)
  bytes.copy(out, next)
  return next + bytes.length
}
