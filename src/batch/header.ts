// The header of record batches (format 2) and of messages (formats 0 and 1): reads the fields in place, and rewrites those that a
// producer sets. The new checksum is derived from the old one instead of computed from the records.

import { crc32 as crc32Ieee } from 'node:zlib'
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { int16, int32, int64, putInt16, putInt32, uint8, uint16, uint32 } from './codec/bytes.ts'
import { crc32c, linearStep, shiftByBytes } from './codec/crc32c.ts'

/** Size of the header in format 2 (bytes); see DefaultRecordBatch. */
export const HEAD_BYTES = 61
/** Size of the offset and length fields of all formats (bytes); the length field does not include them. */
export const LENGTH_OVERHEAD = 12
const BASE_OFFSET_AT = 0
export const LENGTH_AT = 8
export const LEADER_EPOCH_AT = 12
export const MAGIC_AT = 16
export const CRC_AT = 17
/** the checksum covers all bytes from here to the end */
export const ATTRIBUTES_AT = 21
export const LAST_OFFSET_DELTA_AT = 23
export const BASE_TIMESTAMP_AT = 27
export const MAX_TIMESTAMP_AT = 35
export const PRODUCER_ID_AT = 43
const PRODUCER_EPOCH_AT = 51
const BASE_SEQUENCE_AT = 53
export const COUNT_AT = 57

/** Formats 0 and 1: the checksum (IEEE) is before the magic and covers all bytes from the magic on. */
const LEGACY_CHECKSUM = 12
const LEGACY_ATTRIBUTES = 17
const LEGACY_TIMESTAMP = 18

export const CODEC_BITS = 0x07
export const LOG_APPEND_TIME = 0x08
export const TRANSACTIONAL = 0x10
export const CONTROL = 0x20
const HIGHEST_CODEC = 4
/** the upper 32 bits of 2^53 */
const HIGHEST_EXACT = 2 ** 21
/** minimum size (bytes): length, attributes, two deltas, key length, value length, header count with one byte each */
export const SMALLEST_RECORD = 7

/** A producer id, as two uint32 to avoid BigInt in the hot path, and its epoch. */
export interface ProducerStamp {
  readonly idHigh: number
  readonly idLow: number
  readonly epoch: number
}

/**
 * The offset of the first record. In formats 0 and 1 the offset of the message, which is that of the last record if it is compressed.
 * @throws Failure CORRUPT_BATCH if it is negative or above 2^53
 */
export function baseOffsetOf(b: Buffer, at: number): number {
  if (!hasExactOffset(b, at))
    throw new Failure('CORRUPT_BATCH', `a record batch has the impossible offset ${b.readBigInt64BE(at)}`)
  return int64(b, at)
}

/** Size of the whole batch by its length field (bytes), unchecked (see wholeBatchSize). */
export function sizeOf(b: Buffer, at: number): number {
  return int32(b, at + LENGTH_AT) + LENGTH_OVERHEAD
}

/** The record format: 0, 1 or 2. */
export function magicOf(b: Buffer, at: number): number {
  return uint8(b, at + MAGIC_AT)
}

/** All attribute bits; formats 0 and 1 have eight. */
export function attributesOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? uint16(b, at + ATTRIBUTES_AT) : uint8(b, at + LEGACY_ATTRIBUTES)
}

/** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are unused. */
export function codecOf(b: Buffer, at: number): number {
  return attributesOf(b, at) & CODEC_BITS
}

/** Last offset minus base offset; 0 in formats 0 and 1, whose offset is that of the last record. */
export function lastOffsetDeltaOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? int32(b, at + LAST_OFFSET_DELTA_AT) : 0
}

/** The offset after the last offset of the batch, in any format. */
export function nextOffsetOf(b: Buffer, at: number): number {
  return baseOffsetOf(b, at) + lastOffsetDeltaOf(b, at) + 1
}

/** Number of records. It is unknown for a compressed message of formats 0 and 1: then 2^31-1. */
export function recordCountOf(b: Buffer, at: number): number {
  if (magicOf(b, at) === 2) return int32(b, at + COUNT_AT)
  return codecOf(b, at) === 0 ? 1 : 0x7fffffff
}

/** -1 in formats 0 and 1. */
export function leaderEpochOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? int32(b, at + LEADER_EPOCH_AT) : -1
}

/** Base of the timestamp deltas, ms since the epoch; not exact beyond 2^53. -1 in format 0. */
export function baseTimestampOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? int64(b, at + BASE_TIMESTAMP_AT) : legacyTimestampOf(b, at)
}

/** ms since the epoch, -1 if no record has a timestamp; not exact beyond 2^53. */
export function maxTimestampOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? int64(b, at + MAX_TIMESTAMP_AT) : legacyTimestampOf(b, at)
}

/** -1n if the producer is not idempotent. */
export function producerIdOf(b: Buffer, at: number): bigint {
  return magicOf(b, at) === 2 ? b.readBigInt64BE(at + PRODUCER_ID_AT) : -1n
}

/** -1 if the producer is not idempotent, and in formats 0 and 1. */
export function producerEpochOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? int16(b, at + PRODUCER_EPOCH_AT) : -1
}

/** Sequence number of the first record; -1 if the producer is not idempotent, and in formats 0 and 1. */
export function baseSequenceOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 2 ? int32(b, at + BASE_SEQUENCE_AT) : -1
}

/** Control batches (transaction markers and others) are never copied. */
export function isControl(b: Buffer, at: number): boolean {
  return (attributesOf(b, at) & CONTROL) !== 0 && magicOf(b, at) === 2
}

/** Whether the batch belongs to a transaction; false in formats 0 and 1. */
export function isTransactional(b: Buffer, at: number): boolean {
  return (attributesOf(b, at) & TRANSACTIONAL) !== 0 && magicOf(b, at) === 2
}

/** Whether consumers see the max timestamp of the batch as the timestamp of all records. Format 0 has no timestamps. */
export function isLogAppendTime(b: Buffer, at: number): boolean {
  return (attributesOf(b, at) & LOG_APPEND_TIME) !== 0 && magicOf(b, at) !== 0
}

/**
 * Prepares a format 2 batch for Produce, in place: base offset 0, leader epoch -1, attributes reduced to the codec, and the
 * producer fields (or none). The checksum is derived from the old one and the changed bytes, so existing damage remains
 * detectable. Can be repeated with another stamp.
 * @param size size of the whole batch (bytes)
 * @param sequence of the first record, 0 to 2^31-1; ignored without a stamp
 */
export function rewriteHead(
  b: Buffer,
  at: number,
  size: number,
  stamp: ProducerStamp | undefined,
  sequence: number,
): void {
  putInt32(b, at + BASE_OFFSET_AT, 0)
  putInt32(b, at + BASE_OFFSET_AT + 4, 0)
  putInt32(b, at + LEADER_EPOCH_AT, -1)
  const attributes = uint16(b, at + ATTRIBUTES_AT)
  const codec = attributes & CODEC_BITS
  let difference = 0
  if (attributes !== codec) {
    difference = linearStep(linearStep(0, (attributes ^ codec) >>> 8), (attributes ^ codec) & 0xff)
    difference = shiftByBytes(difference, PRODUCER_ID_AT - LAST_OFFSET_DELTA_AT)
    putInt16(b, at + ATTRIBUTES_AT, codec)
  }
  const idHigh = int32(b, at + PRODUCER_ID_AT)
  const idLow = int32(b, at + PRODUCER_ID_AT + 4)
  const epoch = int16(b, at + PRODUCER_EPOCH_AT)
  const baseSequence = int32(b, at + BASE_SEQUENCE_AT)
  writeProducer(b, at, stamp, sequence)
  difference = difference32(difference, int32(b, at + PRODUCER_ID_AT) ^ idHigh)
  difference = difference32(difference, int32(b, at + PRODUCER_ID_AT + 4) ^ idLow)
  difference = difference16(difference, (int16(b, at + PRODUCER_EPOCH_AT) ^ epoch) & 0xffff)
  difference = difference32(difference, int32(b, at + BASE_SEQUENCE_AT) ^ baseSequence)
  if (difference === 0) return
  putInt32(b, at + CRC_AT, int32(b, at + CRC_AT) ^ shiftByBytes(difference, size - COUNT_AT))
}

/** Writes the producer fields, -1 each without a stamp. The caller must update the checksum. */
export function writeProducer(b: Buffer, at: number, stamp: ProducerStamp | undefined, sequence: number): void {
  putInt32(b, at + PRODUCER_ID_AT, stamp === undefined ? -1 : stamp.idHigh | 0)
  putInt32(b, at + PRODUCER_ID_AT + 4, stamp === undefined ? -1 : stamp.idLow | 0)
  putInt16(b, at + PRODUCER_EPOCH_AT, stamp === undefined ? -1 : stamp.epoch)
  putInt32(b, at + BASE_SEQUENCE_AT, stamp === undefined ? -1 : sequence)
}

/**
 * Validates the header of a batch. Returns the problem as text that follows "the batch ...:", or undefined. If it is undefined, all
 * fields that the other functions of this file read are valid.
 * @param end end of the readable bytes
 */
export function problemOfHead(b: Buffer, at: number, end: number): string | undefined {
  const remaining = end - at
  if (remaining < LEGACY_ATTRIBUTES + 1) return `only ${remaining} bytes remain for its header`
  const magic = uint8(b, at + MAGIC_AT)
  if (!hasExactOffset(b, at)) return `its offset ${b.readBigInt64BE(at)} cannot be`
  const size = sizeOf(b, at)
  if (size > remaining) return `its length field states ${size} bytes, but only ${remaining} remain`
  if (magic === 2) return problemOfFormat2(b, at, size)
  if (magic !== 0 && magic !== 1) return `its format ${magic} is unknown`
  return problemOfLegacy(b, at, size, magic)
}

/** Whether the offset of a batch is neither negative nor above 2^53. */
export function hasExactOffset(b: Buffer, at: number): boolean {
  const high = int32(b, at)
  return high >= 0 && high < HIGHEST_EXACT
}

/** Whether the producer id of a format 2 batch is possible: -1 (not idempotent) or greater. */
export function hasPossibleProducer(b: Buffer, at: number): boolean {
  const high = int32(b, at + PRODUCER_ID_AT)
  return high >= 0 || (high === -1 && int32(b, at + PRODUCER_ID_AT + 4) === -1)
}

/** Whether the stored checksum matches the bytes: CRC-32C in format 2, CRC-32 (IEEE) in formats 0 and 1. */
export function verifyChecksum(b: Buffer, at: number, size: number): boolean {
  if (magicOf(b, at) === 2) return uint32(b, at + CRC_AT) === crc32c(b, at + ATTRIBUTES_AT, at + size)
  return uint32(b, at + LEGACY_CHECKSUM) === crc32Ieee(b.subarray(at + MAGIC_AT, at + size))
}

/**
 * The checksum of the records only (bytes 61 to the end), derived from the stored one without reading them. It is equal on
 * source and target for the same record bytes. Only for format 2.
 */
export function bodyChecksumOf(b: Buffer, at: number, size: number): number {
  const head = shiftByBytes(crc32c(b, at + ATTRIBUTES_AT, at + HEAD_BYTES), size - HEAD_BYTES)
  return (int32(b, at + CRC_AT) ^ head) >>> 0
}

function problemOfFormat2(b: Buffer, at: number, size: number): string | undefined {
  if (size < HEAD_BYTES) return `its length field states ${size} bytes, less than a header`
  const codec = uint16(b, at + ATTRIBUTES_AT) & CODEC_BITS
  if (codec > HIGHEST_CODEC) return `its compression codec ${codec} is unknown`
  const last = int32(b, at + LAST_OFFSET_DELTA_AT)
  const count = int32(b, at + COUNT_AT)
  if (last < 0) return `its last offset delta is ${last}`
  if (count < 0 || count > last + 1) return `it claims ${counted(count, 'record')} in ${counted(last + 1, 'offset')}`
  const body = size - HEAD_BYTES
  if (count > 0 && body < (codec === 0 ? count * SMALLEST_RECORD : 1))
    return `it claims ${counted(count, 'record')} in ${counted(body, 'byte')}`
  if (!hasPossibleProducer(b, at)) return `its producer id is ${b.readBigInt64BE(at + PRODUCER_ID_AT)}`
  return undefined
}

function problemOfLegacy(b: Buffer, at: number, size: number, magic: number): string | undefined {
  // offset, length, checksum, magic, attributes, [timestamp], key length, value length
  const smallest = magic === 0 ? 26 : 34
  if (size < smallest) return `its length field states ${size} bytes, less than a message of format ${magic}`
  const codec = uint8(b, at + LEGACY_ATTRIBUTES) & CODEC_BITS
  // zstd is younger than these formats (KIP-110)
  return codec >= HIGHEST_CODEC ? `its compression codec ${codec} is unknown in format ${magic}` : undefined
}

function legacyTimestampOf(b: Buffer, at: number): number {
  return magicOf(b, at) === 1 ? int64(b, at + LEGACY_TIMESTAMP) : -1
}

function difference16(remainder: number, bits: number): number {
  return linearStep(linearStep(remainder, bits >>> 8), bits & 0xff)
}

function difference32(remainder: number, bits: number): number {
  return difference16(difference16(remainder, bits >>> 16), bits & 0xffff)
}
