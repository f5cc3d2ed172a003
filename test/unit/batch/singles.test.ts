import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { verifyChecksum } from '../../../src/batch/header.ts'
import { Merge } from '../../../src/batch/merge.ts'
import { decodeBatch, encodeBatch, type NewRecord } from '../../../src/batch/records.ts'
import type { Runs } from '../../../src/batch/runs.ts'
import { singleSize } from '../../../src/batch/singles.ts'
import { changed, contents, record, someRecord, someRecords, TIME } from './batches.ts'

const merge = new Merge()
const stamp = { idHigh: 1, idLow: 2, epoch: 3 }

/** Batches one after the other, as a log stores them from offset `base` on. */
function log(batches: readonly (readonly NewRecord[])[], base = 0): Buffer {
  let offset = base
  const stored = batches.map((records) => {
    const batch = encodeBatch(records)
    batch.writeBigInt64BE(BigInt(offset), 0)
    offset += records.length
    return batch
  })
  return Buffer.concat(stored)
}

/**
 * Cuts a log into merged batches of at most `limit` bytes, as a sender does. It tries again after every stretch, even if nothing
 * fitted.
 */
function cut(bytes: Buffer, limit: number): Buffer[] {
  const out = Buffer.alloc(100_000)
  const batches: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    merge.begin(out, 0, limit)
    for (let more = true; more && at < bytes.length; ) {
      const behind = merge.addSingles(bytes, at, bytes.length, 0, [])
      assert.notEqual(behind, -1)
      const size = bytes.readInt32BE(at + 8) + 12
      more = behind > at || (merge.fits(bytes, at, size) && merge.add(bytes, at, size))
      if (more) at = behind > at ? behind : at + size
    }
    assert.ok(merge.records > 0)
    batches.push(Buffer.from(out.subarray(0, merge.finish(stamp, 0))))
  }
  return batches
}

/** Merges a log with addSingles where possible, otherwise batch by batch; without `fast` always batch by batch. */
function joined(bytes: Buffer, fast: boolean): { batch: Buffer; runs: Runs } {
  const out = Buffer.alloc(400_000, 0xee)
  merge.begin(out, 10, out.length - 20)
  const runs: Runs = []
  for (let at = 0; at < bytes.length; ) {
    const behind = fast ? merge.addSingles(bytes, at, bytes.length, 0, runs) : at
    assert.notEqual(behind, -1)
    const size = bytes.readInt32BE(at + 8) + 12
    if (behind === at) assert.ok(merge.add(bytes, at, size))
    at = behind > at ? behind : at + size
  }
  const size = merge.finish(stamp, 7)
  assert.ok(out.subarray(10 + size).every((byte) => byte === 0xee))
  return { batch: Buffer.from(out.subarray(10, 10 + size)), runs }
}

const singles = fc.array(
  someRecord.map((one) => [one]),
  { minLength: 1, maxLength: 30 },
)

test('single records are merged to the same bytes as batch by batch', () => {
  fc.assert(
    fc.property(singles, fc.nat(2 ** 40), (batches, base) => {
      const bytes = log(batches, base)
      const fast = joined(bytes, true)
      assert.equal(fast.batch.toString('hex'), joined(bytes, false).batch.toString('hex'))
      assert.ok(verifyChecksum(fast.batch, 0, fast.batch.length))
      assert.deepEqual(fast.runs, [0, base])
    }),
  )
})

test('single records among larger batches are merged to the same bytes as batch by batch', () => {
  const one = someRecord.map((single) => [single])
  fc.assert(
    fc.property(fc.array(fc.oneof(one, one, someRecords), { minLength: 1, maxLength: 20 }), (batches) => {
      const bytes = log(batches)
      const { batch } = joined(bytes, true)
      assert.equal(batch.toString('hex'), joined(bytes, false).batch.toString('hex'))
      assert.ok(verifyChecksum(batch, 0, batch.length))
    }),
  )
})

test('one changed byte anywhere is noticed: nothing from the damaged batch on is merged', () => {
  const records = Array.from({ length: 9 }, (_, i) => [
    record({ timestamp: TIME + i * 1000, key: Buffer.from(`k${i}`), value: Buffer.alloc(40 * i, i) }),
  ])
  const sound = log(records)
  const starts: number[] = []
  for (let at = 0; at < sound.length; at += sound.readInt32BE(at + 8) + 12) starts.push(at)
  const out = Buffer.alloc(20_000)
  for (let place = 0; place < sound.length; place++) {
    const start = starts.findLast((one) => one <= place) ?? 0
    const field = place - start
    // The checksum covers neither the offset nor the leader epoch, which a log may change.
    if (field < 8 || (field >= 12 && field < 16)) continue
    for (const mask of [1, 0x80, 0xff]) {
      const damaged = Buffer.from(sound)
      damaged[place] = (damaged[place] as number) ^ mask
      merge.begin(out, 0, out.length)
      const runs: Runs = [5, 5]
      const behind = merge.addSingles(damaged, 0, damaged.length, 0, runs)
      assert.ok(behind <= start, `byte ${place} ^ ${mask}: joined up to ${behind}`)
      if (behind < 0) assert.deepEqual([merge.records, runs], [0, [5, 5]])
    }
  }
})

test('records merged before a damaged run are kept', () => {
  const first = log([[record({ value: Buffer.from('a') }), record({ value: Buffer.from('b') })]])
  const run = log([[record({ value: Buffer.alloc(50, 1) })], [record({ value: Buffer.alloc(50, 2) })]], 2)
  const damaged = Buffer.from(run)
  damaged[100] = 9
  const out = Buffer.alloc(1000)
  merge.begin(out, 0, 1000)
  assert.ok(merge.add(first, 0, first.length))
  assert.equal(merge.addSingles(damaged, 0, damaged.length, 2, []), -1)
  const size = merge.finish(stamp, 0)
  assert.equal(merge.records, 2)
  assert.ok(verifyChecksum(out, 0, size))
})

test('offset gaps are recorded, and a batch before the requested offset ends the run', () => {
  const at = (offset: number) => log([[record({ value: Buffer.from(`${offset}`) })]], offset)
  const bytes = Buffer.concat([at(10), at(11), at(20), at(21), at(15)])
  const out = Buffer.alloc(1000)
  const runs: Runs = []
  merge.begin(out, 0, 1000)
  assert.equal(merge.addSingles(bytes, 0, bytes.length, 11, runs), 0)
  assert.equal(merge.addSingles(bytes, 0, bytes.length, 10, runs), bytes.length - at(15).length)
  assert.deepEqual([runs, merge.behindSingles, merge.records], [[0, 10, 2, 20], 22, 4])
})

test('the run ends where the next record might not fit', () => {
  const bytes = log(Array.from({ length: 100 }, () => [record({ value: Buffer.alloc(100) })]))
  const out = Buffer.alloc(5000, 0xee)
  merge.begin(out, 0, 1000)
  const behind = merge.addSingles(bytes, 0, bytes.length, 0, [])
  const size = merge.finish(stamp, 0)
  assert.ok(behind > 0 && size <= 1000 && size > 800, `${behind} ${size}`)
  assert.ok(out.subarray(1000).every((byte) => byte === 0xee))
  assert.ok(verifyChecksum(out, 0, size))
})

test('only valid batches of one uncompressed record count as single', () => {
  const plain = log([[record({ value: Buffer.from('v') })]])
  const sizeOf = (batch: Buffer) => singleSize(batch, 0, batch.length)
  assert.equal(sizeOf(plain), plain.length)
  assert.equal(singleSize(plain, 0, plain.length - 1), 0)
  const bits = { compressed: 0x01, appended: 0x08, transactional: 0x10, control: 0x20, horizon: 0x40 }
  for (const [name, bit] of Object.entries(bits)) {
    assert.equal(sizeOf(changed(plain, (b) => b.writeInt16BE(bit, 21))), 0, name)
  }
  assert.equal(sizeOf(log([[record(), record()]])), 0)
  assert.equal(sizeOf(changed(plain, (b) => b.writeInt32BE(1, 23))), 0, 'a hole')
  assert.equal(sizeOf(changed(plain, (b) => b.writeBigInt64BE(-2n, 43))), 0, 'an impossible producer id')
  assert.equal(sizeOf(changed(plain, (b) => b.writeBigInt64BE(-1n, 0))), 0, 'an impossible offset')
  const old = Buffer.from(plain)
  old[16] = 1
  assert.equal(sizeOf(old), 0)
})

test('however a log is cut, every merged batch is valid, and no record is missing', () => {
  const one = someRecord.map((single) => [single])
  const logs = fc.array(fc.oneof(one, one, one, someRecords), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(logs, fc.integer({ min: 12_000, max: 20_000 }), (batches, limit) => {
      const joinedBatches = cut(log(batches), limit)
      for (const batch of joinedBatches) {
        assert.ok(batch.length <= limit)
        assert.ok(verifyChecksum(batch, 0, batch.length))
      }
      const records = joinedBatches.flatMap((batch) => decodeBatch(batch, 0, batch.length))
      assert.deepEqual(contents(records), batches.flatMap(contents))
    }),
  )
  const large = log(Array.from({ length: 60 }, (_, i) => [record({ value: Buffer.alloc(3000, i) })]))
  for (const batch of cut(large, 20_000)) assert.ok(verifyChecksum(batch, 0, batch.length))
})
