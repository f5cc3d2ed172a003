// How far a partition was copied, found from two logs in memory, with offset gaps on the source and transaction markers on the
// target.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { BatchRecord } from '../../../src/batch/records.ts'
import { copiedUpTo } from '../../../src/groups/translation/copied-place.ts'
import type { Log } from '../../../src/groups/translation/log-peek.ts'

interface Entry {
  readonly offset: number
  readonly timestamp: number
  readonly text: string
}

/** A log in memory that returns a few records at a time. */
function logOf(entries: readonly Entry[], end: number): Log {
  return {
    read(offset: number) {
      const records = entries.filter((one) => one.offset >= offset).slice(0, 7)
      const next = records.length < 7 ? Math.max(offset, end) : (records.at(-1)?.offset ?? 0) + 1
      return Promise.resolve({ records: records.map(recordOf), next })
    },
    start: () => Promise.resolve(entries[0]?.offset ?? end),
    since: (timestamp: number) => Promise.resolve(entries.find((one) => one.timestamp >= timestamp)?.offset),
  }
}

const recordOf = ({ offset, timestamp, text }: Entry): BatchRecord => ({
  ...{ offset, timestamp, key: null },
  ...{ value: Buffer.from(text), headers: [] },
})
const markOf = ({ timestamp, value }: BatchRecord) => `${timestamp} ${value?.toString() ?? ''}`

/**
 * Records with offset gaps, how many of them are copied, the gaps of the copies, and a guess of the result, which is often wrong.
 */
const cases = fc.record({
  records: fc.array(fc.record({ gap: fc.nat(3), copyGap: fc.nat({ max: 1 }) }), { minLength: 1, maxLength: 120 }),
  share: fc.double({ min: 0.01, max: 1, noNaN: true }),
  guess: fc.option(fc.record({ upstream: fc.nat(400), downstream: fc.nat(300) }), { nil: undefined }),
})

test('the offset after the last copied record is found, whatever was guessed', async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ records, share, guess }) => {
      let [offset, copyOffset] = [0, 0]
      const pairs = records.map(({ gap, copyGap }, index) => {
        const text = `record ${index}`
        offset += gap
        copyOffset += copyGap
        const entry = { offset: offset++, timestamp: 1000 + index, text }
        return { entry, copy: { ...entry, offset: copyOffset++ } }
      })
      const copied = pairs.slice(0, Math.max(1, Math.floor(pairs.length * share)))
      const last = copied.at(-1)
      const [sourceEnd, targetEnd] = [offset, (last?.copy.offset ?? 0) + 1]
      const found = await copiedUpTo({
        source: logOf(
          pairs.map(({ entry }) => entry),
          sourceEnd,
        ),
        target: logOf(
          copied.map(({ copy }) => copy),
          targetEnd,
        ),
        ...{ sourceEnd, targetEnd, markOf, withTime: true, known: guess ? [guess] : [] },
      })
      assert.deepEqual(found, { upstream: (last?.entry.offset ?? 0) + 1, downstream: targetEnd })
    }),
  )
})

test('a target that ends with records of others has no result', async () => {
  const source = logOf([{ offset: 0, timestamp: 1, text: 'ours' }], 1)
  const target = logOf([{ offset: 0, timestamp: 2, text: 'theirs' }], 1)
  const search = { source, target, sourceEnd: 1, targetEnd: 1, known: [], markOf, withTime: true }
  assert.equal(await copiedUpTo(search), undefined)
})

test('an empty target has no result', async () => {
  const source = logOf([{ offset: 0, timestamp: 1, text: 'ours' }], 1)
  const search = { source, target: logOf([], 0), sourceEnd: 1, targetEnd: 0, known: [], markOf, withTime: true }
  assert.equal(await copiedUpTo(search), undefined)
})
