// MM2's records: the bytes of its formats, written and read.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/mirror/checkpoint.ts'
import { decodeHeartbeat, encodeHeartbeat } from '../../../src/mirror/heartbeat.ts'
import { decodeOffsetSync, encodeOffsetSync, SyncEmission } from '../../../src/mirror/sync-emission.ts'

const hex = ({ key, value }: { key: Buffer; value: Buffer }) => [key.toString('hex'), value.toString('hex')]
const bytes = (text: string) => text.replaceAll(' ', '')

test('an offset sync has the same bytes as in MM2', () => {
  const sync = { topic: 'topic-1', partition: 2, upstreamOffset: 3, downstreamOffset: 4 }
  assert.deepEqual(hex(encodeOffsetSync(sync)), [
    bytes('00 07 74 6f 70 69 63 2d 31 00 00 00 02'),
    bytes('00 00 00 00 00 00 00 03 00 00 00 00 00 00 00 04'),
  ])
  const later = { topic: 'orders', partition: 0, upstreamOffset: 1_000_000, downstreamOffset: 999_900 }
  assert.deepEqual(hex(encodeOffsetSync(later)), [
    bytes('00 06 6f 72 64 65 72 73 00 00 00 00'),
    bytes('00 00 00 00 00 0f 42 40 00 00 00 00 00 0f 41 dc'),
  ])
})

test('a checkpoint has the same bytes as in MM2', () => {
  const checkpoint = {
    ...{ group: 'group-1', topic: 'topic-2', partition: 3 },
    ...{ upstreamOffset: 4, downstreamOffset: 5, metadata: 'metadata-6' },
  }
  assert.deepEqual(hex(encodeCheckpoint(checkpoint)), [
    bytes('00 07 67 72 6f 75 70 2d 31 00 07 74 6f 70 69 63 2d 32 00 00 00 03'),
    bytes('00 00 00 00 00 00 00 00 00 04 00 00 00 00 00 00 00 05 00 0a 6d 65 74 61 64 61 74 61 2d 36'),
  ])
  const billing = {
    ...{ group: 'billing', topic: 'A.orders', partition: 0 },
    ...{ upstreamOffset: 1_000_050, downstreamOffset: 999_901, metadata: '' },
  }
  assert.deepEqual(hex(encodeCheckpoint(billing)), [
    bytes('00 07 62 69 6c 6c 69 6e 67 00 08 41 2e 6f 72 64 65 72 73 00 00 00 00'),
    bytes('00 00 00 00 00 00 00 0f 42 72 00 00 00 00 00 0f 41 dd 00 00'),
  ])
})

test('a heartbeat has the same bytes as in MM2', () => {
  const beat = { sourceClusterAlias: 'source-1', targetClusterAlias: 'target-2', timestamp: 1_234_567_890 }
  assert.deepEqual(hex(encodeHeartbeat(beat)), [
    bytes('00 08 73 6f 75 72 63 65 2d 31 00 08 74 61 72 67 65 74 2d 32'),
    bytes('00 00 00 00 00 00 49 96 02 d2'),
  ])
  assert.deepEqual(
    hex(encodeHeartbeat({ sourceClusterAlias: 'A', targetClusterAlias: 'B', timestamp: 1_729_800_000_000 })),
    [bytes('00 01 41 00 01 42'), bytes('00 00 00 00 01 92 c0 1d 52 00')],
  )
})

interface GoldenRecord {
  readonly key: string
  readonly value: string
  readonly timestamp: number
}

const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden/mm2-4.2.0.json'), 'utf8')) as Record<
  'heartbeats' | 'checkpoints' | 'offsetSyncs',
  readonly GoldenRecord[]
>

/** Reads these records, after checking that godwit would write them with the same bytes. */
function readGolden<T>(
  records: readonly GoldenRecord[],
  decode: (key: Buffer, value: Buffer) => T | undefined,
  encode: (one: T) => { key: Buffer; value: Buffer },
): T[] {
  assert.ok(records.length > 0)
  return records.map(({ key, value }) => {
    const one = decode(Buffer.from(key, 'hex'), Buffer.from(value, 'hex'))
    assert.ok(one, key)
    assert.deepEqual(hex(encode(one)), [key, value])
    return one
  })
}

test('records written by MirrorMaker 2 4.2.0 are read, and would be written with the same bytes', () => {
  const beats = readGolden(golden.heartbeats, decodeHeartbeat, encodeHeartbeat)
  for (const [at, beat] of beats.entries()) {
    const { timestamp } = golden.heartbeats[at] as GoldenRecord
    assert.deepEqual(beat, { sourceClusterAlias: 'old', targetClusterAlias: 'new', timestamp })
  }
  const checkpoints = readGolden(golden.checkpoints, decodeCheckpoint, encodeCheckpoint)
  const place = { partition: 0, topic: 'old.orders', upstreamOffset: 150, downstreamOffset: 150 }
  assert.deepEqual(
    checkpoints.findLast(({ group, topic }) => group === 'küche' && topic === 'old.orders'),
    { group: 'küche', ...place, metadata: 'till 7 ü' },
  )
  const syncs = readGolden(golden.offsetSyncs, decodeOffsetSync, encodeOffsetSync)
  assert.deepEqual(syncs[0], { topic: 'orders', partition: 0, upstreamOffset: 0, downstreamOffset: 0 })
  assert.deepEqual(
    syncs.findLast(({ topic }) => topic === 'stock'),
    { topic: 'stock', partition: 1, upstreamOffset: 149, downstreamOffset: 149 },
  )
})

const offset = fc.maxSafeNat()
const text = fc.string({ unit: 'grapheme', maxLength: 100 })

test('any written record is read back', () => {
  const partition = fc.nat(0x7fffffff)
  fc.assert(
    fc.property(text, text, text, partition, offset, offset, (a, b, c, number, up, down) => {
      const sync = { topic: a, partition: number, upstreamOffset: up, downstreamOffset: down }
      const one = encodeOffsetSync(sync)
      assert.deepEqual(decodeOffsetSync(one.key, one.value), sync)
      const checkpoint = { group: b, ...sync, metadata: c }
      const two = encodeCheckpoint(checkpoint)
      assert.deepEqual(decodeCheckpoint(two.key, two.value), checkpoint)
      const beat = { sourceClusterAlias: a, targetClusterAlias: b, timestamp: up }
      const three = encodeHeartbeat(beat)
      assert.deepEqual(decodeHeartbeat(three.key, three.value), beat)
    }),
  )
})

test('another version and additional bytes are accepted; a truncated record or null is ignored', () => {
  const { key, value } = encodeCheckpoint({
    ...{ group: 'g', topic: 't', partition: 0 },
    ...{ upstreamOffset: 1, downstreamOffset: 2, metadata: 'm' },
  })
  const newer = Buffer.concat([value, Buffer.from('more')])
  newer.writeInt16BE(7)
  assert.equal(decodeCheckpoint(key, newer)?.metadata, 'm')
  for (let end = 0; end < value.length; end++) assert.equal(decodeCheckpoint(key, value.subarray(0, end)), undefined)
  for (let end = 0; end < key.length; end++) assert.equal(decodeCheckpoint(key.subarray(0, end), value), undefined)
  assert.equal(decodeCheckpoint(key, null), undefined)
  assert.equal(decodeCheckpoint(null, value), undefined)
  const negative = Buffer.from(key)
  negative.writeInt16BE(-1)
  assert.equal(decodeCheckpoint(negative, value), undefined)
})

test('a text too long for its field is refused', () => {
  const sync = { topic: 'x'.repeat(32_768), partition: 0, upstreamOffset: 0, downstreamOffset: 0 }
  assert.throws(() => encodeOffsetSync(sync), RangeError)
})

test('a sync is due at the same records as in MM2', () => {
  const emission = new SyncEmission(50)
  const note = ([up, down]: readonly [number, number]) => {
    const isDue = emission.note(up, down)
    emission.take()
    return isDue
  }
  const due = [
    ...[
      [0, 100],
      [2, 102],
    ],
    ...[
      [4, 153],
      [7, 204],
    ],
    ...[
      [2, 206],
      [4, 3],
    ],
  ]
  const all: readonly (readonly [number, number])[] = [
    ...([
      [0, 100],
      [2, 102],
      [3, 152],
      [4, 153],
      [5, 154],
      [6, 203],
      [7, 204],
    ] as const),
    ...([
      [2, 206],
      [3, 207],
      [4, 3],
      [5, 4],
    ] as const),
  ]
  assert.deepEqual(all.filter(note), due)
  const kept = new SyncEmission(50)
  kept.note(5, 4)
  kept.take()
  const pairs = [
    [7, 6],
    [7, 6],
    [8, 7],
    [10, 57],
  ] as const
  assert.deepEqual(
    pairs.map(([up, down]) => kept.note(up, down)),
    [true, true, true, true],
  )
  kept.take()
  assert.equal(kept.note(11, 58), false)
})

test('with a maximum lag of 0 every record has a sync', () => {
  const emission = new SyncEmission(0)
  for (let at = 0; at < 5; at++) {
    assert.equal(emission.note(at, at), true)
    emission.take()
  }
})

test('records in one batch get the syncs of MM2 4.2.0, which handles them one by one', () => {
  const emission = new SyncEmission(10)
  const upstreams = (records: number, from: number) => {
    emission.note(from, from, records)
    return emission.take().map(({ upstream }) => upstream)
  }
  const mm2 = golden.offsetSyncs.flatMap(({ key, value }) => {
    const sync = decodeOffsetSync(Buffer.from(key, 'hex'), Buffer.from(value, 'hex'))
    return sync?.topic === 'stock' ? [sync.upstreamOffset] : []
  })
  assert.deepEqual([...upstreams(40, 0), ...upstreams(5, 40)], [0, 11, 22, 33, 39, 44])
  assert.deepEqual(mm2.slice(0, 5), [0, 11, 22, 33, 44])
})

test('many syncs at once are thinned out to a few, including the first and the last', () => {
  const emission = new SyncEmission(0)
  emission.note(0, 100, 100_000)
  const first = emission.take()
  assert.deepEqual(
    [first[0], first.at(-1)],
    [
      { upstream: 0, downstream: 100 },
      { upstream: 99_999, downstream: 100_099 },
    ],
  )
  assert.ok(first.length >= 4 && first.length <= 6, `${first.length}`)
  for (let at = 0; at < 1000; at++) emission.note(200_000 + 2 * at, 100_100 + at)
  const gaps = emission.take()
  assert.ok(gaps.length <= 6, `${gaps.length}`)
  assert.equal(gaps[0]?.upstream, 200_000)
  assert.equal(gaps.at(-1)?.upstream, 201_998)
  assert.deepEqual(emission.take(), gaps.slice(-1))
  assert.equal(emission.isDue, false)
})

test('syncs that were not written are due again, before later ones', () => {
  const emission = new SyncEmission(10)
  emission.note(0, 0, 12)
  const lost = emission.take()
  assert.equal(emission.isDue, false)
  emission.note(12, 12, 11)
  emission.putBack(lost)
  assert.deepEqual(
    emission.take().map(({ upstream }) => upstream),
    [0, 11, 22],
  )
})
