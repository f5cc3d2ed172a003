// The offset map compared with a plain list of copied records, for any offset gaps, restarts and rewinds.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { BLOCK_ENTRIES, OffsetMap, type Point } from '../../../src/mirror/offset-map.ts'

/**
 * Runs of copied records: the number of offsets without a record before them, of records, and of foreign records on the target.
 */
const runs = fc.array(
  fc.record({
    hole: fc.nat({ max: 5 }),
    records: fc.integer({ min: 1, max: 9 }),
    foreign: fc.constantFrom(0, 0, 0, 2),
  }),
  { minLength: 1, maxLength: 60 },
)

type Run = { hole: number; records: number; foreign: number }

/** Adds the runs to the map, and returns the expected translations as a list. */
function copied(pattern: readonly Run[], map: OffsetMap) {
  const truth: Point[] = []
  let [upstream, downstream] = [100, 40]
  map.start({ upstream, downstream }, true)
  for (const { hole, records, foreign } of pattern) {
    upstream += hole
    downstream += foreign
    map.note(upstream, downstream)
    for (let i = 0; i < records; i++) truth.push({ upstream: upstream++, downstream: downstream++ })
  }
  return { truth, end: { upstream, downstream } }
}

const exact = (map: OffsetMap, upstream: number, end: Point) => {
  const located = map.locate(upstream, end)
  assert.equal(located.kind, 'exact')
  return located.kind === 'exact' ? located.downstream : -1
}

test('every record is found at its offset, and an offset without a record leads to the next one', () => {
  fc.assert(
    fc.property(runs, (pattern) => {
      const map = new OffsetMap()
      const { truth, end } = copied(pattern, map)
      for (const { upstream, downstream } of truth) assert.equal(exact(map, upstream, end), downstream)
      const isPure = pattern.every(({ foreign }) => foreign === 0)
      for (let upstream = 90; upstream <= end.upstream + 5; upstream++) {
        const next = truth.find((one) => one.upstream >= upstream)?.downstream ?? end.downstream
        const found = exact(map, upstream, end)
        // With foreign records on the target the result may be one of them, but never after the right record.
        assert.ok(isPure ? found === next : found <= next)
      }
    }),
  )
})

test('translations never decrease as offsets increase', () => {
  fc.assert(
    fc.property(runs, (pattern) => {
      const map = new OffsetMap()
      const { end } = copied(pattern, map)
      for (let upstream = 90, last = 0; upstream <= end.upstream + 5; upstream++) {
        const found = exact(map, upstream, end)
        assert.ok(found >= last)
        last = found
      }
    }),
  )
})

test('reading the written blocks gives an equal map, whenever they were written', () => {
  fc.assert(
    fc.property(runs, fc.array(fc.nat({ max: 60 })), (pattern, flushes) => {
      const map = new OffsetMap()
      const stored = new Map<number, readonly { upstream: number; downstream: number; unknown: boolean }[]>()
      const flush = () => {
        const { changed, removed } = map.takeChanges()
        for (const first of removed) stored.delete(first)
        for (const block of changed)
          stored.set(
            block[0]?.upstream ?? -1,
            block.map((entry) => ({ ...entry })),
          )
      }
      let [upstream, downstream] = [100, 40]
      map.start({ upstream, downstream }, true)
      for (const [index, { hole, records }] of pattern.entries()) {
        upstream += hole
        map.note(upstream, downstream)
        upstream += records
        downstream += records
        if (flushes.includes(index)) flush()
      }
      flush()
      assert.deepEqual(OffsetMap.of([...stored.values()], true).entries(), map.entries())
    }),
  )
})

test('a partition without offset gaps has one entry, however long it is', () => {
  const map = new OffsetMap()
  map.start({ upstream: 0, downstream: 7 }, true)
  for (let at = 0; at < 1_000_000; at += 1000) map.note(at, at + 7)
  assert.equal(map.size, 1)
  assert.equal(exact(map, 123_456, { upstream: 1_000_000, downstream: 1_000_007 }), 123_463)
})

test('many offset gaps are stored in blocks, and only changed blocks are written again', () => {
  const map = new OffsetMap()
  map.start({ upstream: 0, downstream: 0 }, true)
  for (let i = 1; i < 5 * BLOCK_ENTRIES; i++) map.note(i * 3, i * 2)
  assert.equal(map.takeChanges().changed.length, 5)
  map.note(5 * BLOCK_ENTRIES * 3 + 1, 5 * BLOCK_ENTRIES * 2)
  assert.equal(map.takeChanges().changed.length, 1)
  assert.equal(map.takeChanges().changed.length, 0)
})

test('for records that were copied again the last copy is used', () => {
  const map = new OffsetMap()
  map.start({ upstream: 0, downstream: 0 }, true)
  map.note(12, 10)
  map.note(20, 17)
  map.note(11, 25)
  const end = { upstream: 30, downstream: 44 }
  assert.deepEqual(
    [8, 11, 12, 20].map((at) => exact(map, at, end)),
    [8, 25, 26, 34],
  )
})

test('an offset before the start of the map is reported as such, unless nothing was copied before', () => {
  const map = new OffsetMap()
  map.start({ upstream: 100, downstream: 50 }, false)
  const end = { upstream: 200, downstream: 150 }
  assert.deepEqual(map.locate(40, end), { kind: 'before', after: { upstream: 100, downstream: 50, unknown: false } })
  map.start({ upstream: 100, downstream: 50 }, true)
  assert.equal(exact(map, 40, end), 50)
})

test('an unknown range is reported with both ends, and is not unknown if both sides have equal length', () => {
  const map = new OffsetMap()
  map.start({ upstream: 0, downstream: 0 }, true)
  map.breakAt({ upstream: 50, downstream: 50 })
  map.note(80, 80)
  const end = { upstream: 100, downstream: 98 }
  assert.deepEqual(
    [49, 60, 80, 90].map((at) => exact(map, at, end)),
    [49, 60, 80, 90],
  )
  map.breakAt({ upstream: 100, downstream: 98 })
  map.note(150, 140)
  const later = { upstream: 160, downstream: 150 }
  const located = map.locate(120, later)
  assert.equal(located.kind, 'between')
  assert.ok(located.kind === 'between' && located.before.downstream === 98 && located.after.downstream === 140)
  assert.equal(exact(map, 150, later), 140)
})

test('parts of an unknown range that become known shrink it until nothing is unknown', () => {
  const map = new OffsetMap()
  map.start({ upstream: 0, downstream: 0 }, true)
  map.breakAt({ upstream: 100, downstream: 100 })
  map.note(200, 190)
  const end = { upstream: 300, downstream: 290 }
  map.learn(150, 150)
  assert.equal(exact(map, 130, end), 130)
  assert.equal(map.locate(160, end).kind, 'between')
  map.learn(160, 150)
  assert.equal(exact(map, 170, end), 160)
  assert.equal(exact(map, 155, end), 150)
})

test('what becomes known about the time before the map becomes its start', () => {
  const map = new OffsetMap()
  map.start({ upstream: 100, downstream: 90 }, false)
  const end = { upstream: 200, downstream: 190 }
  map.learn(20, 10)
  assert.equal(exact(map, 50, end), 40)
  assert.equal(map.locate(10, end).kind, 'before')
  map.learn(5, 0)
  assert.equal(map.locate(10, end).kind, 'between')
  assert.equal(exact(map, 5, end), 0)
})

test('a million offset gaps take a few bytes each once they are written, and are still found', () => {
  const map = new OffsetMap()
  map.start({ upstream: 0, downstream: 0 }, true)
  const holes = 1_000_000
  const before = process.memoryUsage()
  for (let i = 1; i <= holes; i++) {
    map.note(i * 11, i * 10)
    if (i % 10_000 === 0) map.takeChanges()
  }
  globalThis.gc?.()
  const after = process.memoryUsage()
  assert.ok(after.external + after.arrayBuffers - before.external - before.arrayBuffers < 20 * holes)
  const end = { upstream: holes * 11 + 10, downstream: holes * 10 + 10 }
  for (const at of [0, 5, 10, 11, 5_000_000, 10_999_989, 11_000_009]) {
    assert.equal(exact(map, at, end), Math.floor(at / 11) * 10 + Math.min(at % 11, 10))
  }
})
