import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { crc32c, crc32cInScript } from '../../../src/batch/codec/crc32c.ts'
import {
  ATTRIBUTES_AT,
  attributesOf,
  baseOffsetOf,
  baseSequenceOf,
  baseTimestampOf,
  bodyChecksumOf,
  CRC_AT,
  codecOf,
  HEAD_BYTES,
  isControl,
  isLogAppendTime,
  isTransactional,
  lastOffsetDeltaOf,
  leaderEpochOf,
  magicOf,
  maxTimestampOf,
  problemOfHead,
  producerEpochOf,
  producerIdOf,
  recordCountOf,
  rewriteHead,
  sizeOf,
  verifyChecksum,
} from '../../../src/batch/header.ts'
import { bytesOf, changed, resealed, STORED } from './batches.ts'

const stamp = { idHigh: 0, idLow: 2000001, epoch: 0 }

test('every field of a stored batch is read', () => {
  assert.deepEqual(
    {
      baseOffset: baseOffsetOf(STORED, 0),
      size: sizeOf(STORED, 0),
      epoch: leaderEpochOf(STORED, 0),
      magic: magicOf(STORED, 0),
      attributes: attributesOf(STORED, 0),
      lastDelta: lastOffsetDeltaOf(STORED, 0),
      baseTimestamp: baseTimestampOf(STORED, 0),
      maxTimestamp: maxTimestampOf(STORED, 0),
      producer: [producerIdOf(STORED, 0), producerEpochOf(STORED, 0), baseSequenceOf(STORED, 0)],
      count: recordCountOf(STORED, 0),
      flags: [isControl(STORED, 0), isTransactional(STORED, 0), isLogAppendTime(STORED, 0)],
    },
    {
      baseOffset: 123456789,
      size: 97,
      epoch: 17,
      magic: 2,
      attributes: 0x50,
      lastDelta: 2,
      baseTimestamp: 1700000000000,
      maxTimestamp: 1700000000012,
      producer: [4711n, 3, 900],
      count: 3,
      flags: [false, true, false],
    },
  )
})

test('the derived checksum of the example batch equals the calculated one', () => {
  const batch = Buffer.from(STORED)
  rewriteHead(batch, 0, 97, stamp, 42)
  assert.equal(
    batch.subarray(0, 70).toString('hex'),
    '000000000000000000000055ffffffff02a758187a0000000000020000018bcfe568000000018bcfe5680c00000000001e848100000000002a000000031a000000046b310a68',
  )
  assert.ok(verifyChecksum(batch, 0, 97))
})

test('a damaged batch stays damaged: its derived checksum is wrong by the same bits', () => {
  const batch = Buffer.from(STORED)
  batch[70] = (batch[70] as number) ^ 4
  const syndrome = () => (batch.readUInt32BE(CRC_AT) ^ crc32c(batch, ATTRIBUTES_AT, 97)) >>> 0
  assert.equal(syndrome(), 0x7d163c71)
  rewriteHead(batch, 0, 97, stamp, 42)
  assert.equal(syndrome(), 0x7d163c71)
  assert.ok(!verifyChecksum(batch, 0, 97))
})

test('the checksum of the records alone is equal before and after a header change', () => {
  const batch = Buffer.from(STORED)
  assert.equal(bodyChecksumOf(batch, 0, 97), 0x217a3762)
  assert.equal(crc32c(batch, HEAD_BYTES, 97), 0x217a3762)
  rewriteHead(batch, 0, 97, stamp, 42)
  assert.equal(bodyChecksumOf(batch, 0, 97), 0x217a3762)
})

test('without a producer stamp the producer fields are cleared', () => {
  const batch = Buffer.from(STORED)
  rewriteHead(batch, 0, 97, undefined, 7)
  assert.deepEqual([producerIdOf(batch, 0), producerEpochOf(batch, 0), baseSequenceOf(batch, 0)], [-1n, -1, -1])
  assert.ok(verifyChecksum(batch, 0, 97))
})

test('a derived checksum equals the calculated one for any batch, offset and producer stamp', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff })
  const anyStamp = fc.option(
    fc.record({
      idHigh: fc.integer({ min: 0, max: 0x7fffffff }),
      idLow: word,
      epoch: fc.integer({ min: 0, max: 32767 }),
    }),
    { nil: undefined },
  )
  const rewrite = fc.tuple(anyStamp, fc.integer({ min: 0, max: 0x7fffffff }))
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: HEAD_BYTES, maxLength: 5000 }),
      fc.integer({ min: 0, max: 9 }),
      fc.array(rewrite, { minLength: 1, maxLength: 3 }),
      (random, at, rewrites) => {
        const whole = Buffer.concat([Buffer.alloc(at, 1), random, Buffer.alloc(5, 2)])
        const batch = whole.subarray(at, at + random.length)
        batch[16] = 2
        resealed(batch)
        const codec = codecOf(batch, 0)
        // One after the other: a retry writes its stamp over the first one.
        for (const [newStamp, sequence] of rewrites) {
          rewriteHead(whole, at, random.length, newStamp, sequence)
          assert.equal(batch.readUInt32BE(CRC_AT), crc32cInScript(batch, ATTRIBUTES_AT, batch.length))
          assert.equal(attributesOf(batch, 0), codec)
          const id = newStamp ? (BigInt(newStamp.idHigh) << 32n) | BigInt(newStamp.idLow) : -1n
          assert.deepEqual(
            [producerIdOf(batch, 0), producerEpochOf(batch, 0), baseSequenceOf(batch, 0)],
            newStamp ? [id, newStamp.epoch, sequence] : [-1n, -1, -1],
          )
          assert.deepEqual([baseOffsetOf(batch, 0), leaderEpochOf(batch, 0)], [0, -1])
        }
        assert.ok(whole.subarray(0, at).every((byte) => byte === 1) && whole.subarray(-5).every((byte) => byte === 2))
      },
    ),
  )
})

test('a checksum can be derived for sizes from one header up to four megabytes', () => {
  for (const size of [61, 62, 64, 121, 122, 127, 128, 129, 4095, 4096, 65593, 1 << 20, (1 << 22) + 57]) {
    const batch = Buffer.alloc(size, 3)
    batch[16] = 2
    resealed(batch)
    rewriteHead(batch, 0, size, stamp, 99)
    assert.ok(verifyChecksum(batch, 0, size), `${size}`)
  }
})

test('a valid header has no problem', () => {
  assert.equal(problemOfHead(STORED, 0, 97), undefined)
  assert.equal(problemOfHead(Buffer.concat([Buffer.alloc(7), STORED, Buffer.alloc(9)]), 7, 113), undefined)
})

const problems: [what: string, expected: RegExp, change: (b: Buffer) => void][] = [
  ['a negative offset', /its offset -1 cannot be/, (b) => b.writeBigInt64BE(-1n, 0)],
  ['an offset beyond 2^53', /its offset 9007199254740992 cannot be/, (b) => b.writeBigInt64BE(2n ** 53n, 0)],
  ['a length beyond the bytes', /its length field states 98 bytes, but only 97 remain/, (b) => b.writeInt32BE(86, 8)],
  ['a length without a header', /its length field states 60 bytes, less than a header/, (b) => b.writeInt32BE(48, 8)],
  ['a negative length', /its length field states -1 bytes/, (b) => b.writeInt32BE(-13, 8)],
  ['the largest length', /bytes, but only 97 remain/, (b) => b.writeInt32BE(0x7fffffff, 8)],
  ['format 3', /its format 3 is unknown/, (b) => b.writeInt8(3, 16)],
  ['a negative format', /its format 255 is unknown/, (b) => b.writeInt8(-1, 16)],
  ['codec 5', /codec 5 is unknown/, (b) => b.writeInt16BE(5, 21)],
  ['a negative last offset delta', /last offset delta is -1/, (b) => b.writeInt32BE(-1, 23)],
  ['a negative count', /claims -1 records/, (b) => b.writeInt32BE(-1, 57)],
  ['more records than offsets', /claims 4 records in 3 offsets/, (b) => b.writeInt32BE(4, 57)],
  [
    'more records than bytes',
    /claims 6 records in 36 bytes/,
    (b) => {
      b.writeInt32BE(6, 57)
      b.writeInt32BE(5, 23)
    },
  ],
  ['producer id -2', /producer id is -2/, (b) => b.writeBigInt64BE(-2n, 43)],
]
for (const [what, expected, change] of problems) {
  test(`a header with ${what} has a problem`, () => {
    assert.match(problemOfHead(changed(STORED, change), 0, 97) ?? '', expected)
  })
}

test('too few bytes for a header are a problem, not an exception', () => {
  for (let length = 0; length < 97; length++) {
    assert.notEqual(problemOfHead(STORED.subarray(0, length), 0, length), undefined)
  }
})

test('an impossible offset causes a failure when it is read', () => {
  const batch = changed(STORED, (b) => b.writeBigInt64BE(-7n, 0))
  assert.throws(
    () => baseOffsetOf(batch, 0),
    (error) => error instanceof Failure && error.code === 'CORRUPT_BATCH',
  )
})

test('messages of formats 0 and 1 are read by the same functions, within their own bytes', () => {
  // the shortest message of format 0 at the end of a buffer
  const none = bytesOf('00000000000003ec 0000000e 5ba93ee7 00 00 ffffffff ffffffff')
  assert.equal(none.length, 26)
  assert.deepEqual(
    [codecOf(none, 0), lastOffsetDeltaOf(none, 0), recordCountOf(none, 0), leaderEpochOf(none, 0)],
    [0, 0, 1, -1],
  )
  assert.deepEqual([maxTimestampOf(none, 0), baseTimestampOf(none, 0), producerIdOf(none, 0)], [-1, -1, -1n])
  assert.deepEqual([isControl(none, 0), isTransactional(none, 0), isLogAppendTime(none, 0)], [false, false, false])
  assert.equal(problemOfHead(none, 0, 26), undefined)
  const one = bytesOf('0000000000000001 00000016 00000000 01 0a 0000018bcfe56800 ffffffff ffffffff')
  assert.deepEqual([codecOf(one, 0), maxTimestampOf(one, 0), isLogAppendTime(one, 0)], [2, 1700000000000, true])
  assert.equal(recordCountOf(one, 0), 0x7fffffff)
  assert.ok(!verifyChecksum(one, 0, one.length))
  one[17] = 4
  assert.match(problemOfHead(one, 0, one.length) ?? '', /codec 4 is unknown in format 1/)
})
