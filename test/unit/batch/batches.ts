// Batches for the tests of this folder: random records, and an independent checksum to compare with.
import fc from 'fast-check'
import { crc32cInScript } from '../../../src/batch/codec/crc32c.ts'
import { ATTRIBUTES_AT, CRC_AT } from '../../../src/batch/header.ts'
import type { NewRecord } from '../../../src/batch/records.ts'

export const TIME = 1_700_000_000_000

/** Example of a stored batch: three records, base offset 123456789, transactional, with delete horizon. */
export const STORED = bytesOf(
  '00000000075bcd15 00000055 00000011 02 da882579 0050 00000002 0000018bcfe56800 0000018bcfe5680c' +
    '0000000000001267 0003 00000384 00000003' +
    '1a000000046b310a68656c6c6f00 1a000a02046b320a776f726c6400 0e00180401022100',
)

export function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}

export function record(fields: Partial<NewRecord> = {}): NewRecord {
  return { timestamp: TIME, key: null, value: null, headers: [], ...fields }
}

/** Recalculates the checksum after a test has changed the header. */
export function resealed(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32cInScript(batch, ATTRIBUTES_AT, batch.length), CRC_AT)
  return batch
}

/** A copy with changed header fields and a correct checksum. */
export function changed(batch: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(batch)
  change(copy)
  return resealed(copy)
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
const field = fc.option(bytes, { nil: null })
const timestamp = fc.oneof(
  fc.integer({ min: TIME - 1000, max: TIME + 1000 }),
  fc.constantFrom(-1, 0, 2 ** 31, 2 ** 40, 2 ** 50),
)
const header = fc.record({ key: fc.string({ maxLength: 8 }), value: field })

export const someRecord: fc.Arbitrary<NewRecord> = fc.record({
  timestamp,
  key: field,
  value: field,
  headers: fc.array(header, { maxLength: 3 }),
})
export const someRecords = fc.array(someRecord, { minLength: 1, maxLength: 12 })
export const someCodec = fc.constantFrom(0, 1, 2, 3, 4)

/** Records without offsets, for comparison. */
export function contents(records: readonly NewRecord[]): NewRecord[] {
  return records.map(({ timestamp, key, value, headers }) => ({
    timestamp,
    key,
    value,
    headers: headers.map(({ key, value }) => ({ key, value })),
  }))
}
