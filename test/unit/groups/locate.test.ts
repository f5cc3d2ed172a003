// Finds target offsets by comparing two logs in memory, with records left out, copied twice or written by others.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { BatchRecord } from '../../../src/batch/records.ts'
import { locate } from '../../../src/groups/translation/locate.ts'
import type { Log } from '../../../src/groups/translation/log-peek.ts'

interface Entry {
  readonly offset: number
  readonly timestamp: number
  readonly text: string
}

/** A log in memory that returns a few records at a time. */
function logOf(entries: readonly Entry[], end: number): Log & { reads: number } {
  const log = {
    reads: 0,
    read(offset: number) {
      log.reads++
      const records = entries.filter((one) => one.offset >= offset).slice(0, 7)
      const last = records.at(-1)
      const isAll = records.length < 7
      const seen = { records: records.map(recordOf), next: isAll ? Math.max(offset, end) : (last?.offset ?? 0) + 1 }
      return Promise.resolve(seen)
    },
    start: () => Promise.resolve(entries[0]?.offset ?? end),
    since: (timestamp: number) => Promise.resolve(entries.find((one) => one.timestamp >= timestamp)?.offset),
  }
  return log
}

function recordOf({ offset, timestamp, text }: Entry): BatchRecord {
  return { offset, timestamp, key: null, value: Buffer.from(text), headers: [] }
}

const markOf = ({ timestamp, value }: BatchRecord) => `${timestamp} ${value?.toString() ?? ''}`

/** Source records with offset gaps, their target offsets, and records of others between them. */
const cases = fc
  .array(
    fc.record({
      hole: fc.constantFrom(0, 0, 0, 1, 3),
      foreign: fc.constantFrom(0, 0, 0, 0, 2),
      late: fc.nat({ max: 3 }),
    }),
    { minLength: 2, maxLength: 80 },
  )
  .map((steps) => {
    const source: Entry[] = []
    const target: Entry[] = []
    const places: number[] = []
    let [up, down] = [50, 900]
    for (const [index, { hole, foreign, late }] of steps.entries()) {
      up += hole
      for (let i = 0; i < foreign; i++)
        target.push({ offset: down++, timestamp: 1000 + index, text: `foreign ${index} ${i}` })
      const record = { timestamp: 1000 + index - late, text: `record ${index}` }
      source.push({ ...record, offset: up++ })
      places.push(down)
      target.push({ ...record, offset: down++ })
    }
    return { source, target, places, after: { upstream: up, downstream: down } }
  })

test('every offset is translated, whatever was left out or written in between', async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.nat(), async ({ source, target, places, after }, seed) => {
      const upstream = 45 + (seed % (after.upstream - 45))
      const index = source.findIndex(({ offset }) => offset >= upstream)
      const logs = { source: logOf(source, after.upstream), target: logOf(target, after.downstream) }
      const search = { ...logs, upstream, before: undefined, after, markOf, withTime: true }
      assert.equal(await locate(search), index < 0 ? after.downstream : places[index])
      assert.equal(await locate({ ...search, withTime: false }), index < 0 ? after.downstream : places[index])
    }),
  )
})

test('if offsets did not shift, one read of the target is enough', async () => {
  const entries = Array.from({ length: 5000 }, (_, i) => ({ offset: i, timestamp: i, text: `record ${i}` }))
  const copied = entries.map((one) => ({ ...one, offset: one.offset + 10 }))
  const target = logOf(copied, 5010)
  const after = { upstream: 5000, downstream: 5010 }
  const search = {
    source: logOf(entries, 5000),
    target,
    upstream: 1234,
    before: undefined,
    after,
    markOf,
    withTime: true,
  }
  assert.equal(await locate(search), 1244)
  assert.ok(target.reads <= 2)
})

test('of records that were copied twice the later copy is used', async () => {
  const source = Array.from({ length: 40 }, (_, i) => ({ offset: i, timestamp: i, text: `record ${i}` }))
  const order = [...source.slice(0, 30), ...source.slice(20, 40)]
  const target = order.map((one, offset) => ({ ...one, offset }))
  const after = { upstream: 40, downstream: 50 }
  const search = {
    source: logOf(source, 40),
    target: logOf(target, 50),
    before: undefined,
    after,
    markOf,
    withTime: true,
  }
  assert.deepEqual(await Promise.all([5, 25].map((upstream) => locate({ ...search, upstream }))), [5, 35])
})

test('a record that the target lacks is not found', async () => {
  const source = Array.from({ length: 30 }, (_, i) => ({ offset: i, timestamp: i, text: `record ${i}` }))
  const target = source.slice(10).map((one, offset) => ({ ...one, offset }))
  const after = { upstream: 30, downstream: 20 }
  const search = {
    source: logOf(source, 30),
    target: logOf(target, 20),
    before: undefined,
    after,
    markOf,
    withTime: true,
  }
  assert.equal(await locate({ ...search, upstream: 4 }), undefined)
})
