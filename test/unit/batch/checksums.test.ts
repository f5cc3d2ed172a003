import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { verifiedUntil } from '../../../src/batch/checksums.ts'
import { encodeBatch } from '../../../src/batch/records.ts'
import { bytesOf, record, STORED, someRecords } from './batches.ts'

/** Verifies run by run until nothing more is verified. */
function reached(bytes: Buffer, at: number, end: number): number {
  let place = at
  for (let next = verifiedUntil(bytes, place, end); next > place; next = verifiedUntil(bytes, place, end)) place = next
  return place
}

test('a run of valid batches is verified to its end', () => {
  const bytes = Buffer.concat([Buffer.alloc(9, 1), STORED, STORED, STORED])
  assert.equal(verifiedUntil(bytes, 9, bytes.length), bytes.length)
  assert.equal(verifiedUntil(bytes, 106, 203), 203)
  assert.equal(verifiedUntil(bytes, 9, 9), 9)
})

test('verification stops at the first damaged batch, whatever the damaged byte', () => {
  fc.assert(
    fc.property(
      fc.array(someRecords, { minLength: 1, maxLength: 20 }),
      fc.nat(),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (parts, which, where, flipped) => {
        const batches = parts.map((records) => encodeBatch(records))
        const index = which % batches.length
        const bytes = Buffer.concat(batches)
        assert.equal(reached(bytes, 0, bytes.length), bytes.length)
        const start = batches.slice(0, index).reduce((sum, batch) => sum + batch.length, 0)
        // the checksum does not cover the bytes before it
        const at = start + 17 + (where % ((batches[index] as Buffer).length - 17))
        bytes[at] = (bytes[at] as number) ^ flipped
        assert.equal(reached(bytes, 0, bytes.length), start)
      },
    ),
  )
})

test('several runs are verified one after the other', () => {
  const bytes = Buffer.concat(Array.from({ length: 5000 }, () => STORED))
  const first = verifiedUntil(bytes, 0, bytes.length)
  assert.ok(first > 100_000 && first < bytes.length)
  assert.equal(reached(bytes, 0, bytes.length), bytes.length)
})

test('a batch that is cut off, too short or of an unknown format ends the run', () => {
  for (const [place, value] of [
    [8 + 3, 86],
    [8 + 3, 40],
    [8, 0xff],
    [16, 3],
  ]) {
    const wrong = Buffer.from(STORED)
    wrong[place as number] = value as number
    const bytes = Buffer.concat([STORED, wrong])
    assert.equal(reached(bytes, 0, bytes.length), 97)
    assert.equal(reached(bytes, 97, bytes.length), 97)
  }
  assert.equal(reached(STORED, 0, 96), 0)
})

test('old formats between newer ones are verified too', () => {
  const message = bytesOf('00000000000003e8 00000015 9e2d3c4e 00 00 00000002 6b30 00000005 68656c6c6f')
  const bytes = Buffer.concat([STORED, message, message, STORED])
  assert.equal(reached(bytes, 0, bytes.length), bytes.length)
  bytes[97 + 33 + 32] = 0
  assert.equal(reached(bytes, 0, bytes.length), 97 + 33)
})

test('a large batch is a run by itself', () => {
  const batch = encodeBatch([record({ value: Buffer.alloc(1_000_000, 7) })])
  assert.equal(verifiedUntil(batch, 0, batch.length), batch.length)
})
