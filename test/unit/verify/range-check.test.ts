// The comparison of records: equal records are equal in any encoding, and one change is found with its kind.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { NewRecord } from '../../../src/batch/records.ts'
import { RecordStream } from '../../../src/verify/compare/tape.ts'
import { newOutcome, type PartitionOutcome } from '../../../src/verify/outcome.ts'
import { RangeCheck } from '../../../src/verify/range-check.ts'
import { someCodec, someRecord, TIME } from '../batch/batches.ts'
import { logOf, sideOf } from './scripted-side.ts'

interface Writing {
  readonly sizes: readonly number[]
  readonly codecs: readonly number[]
  readonly answer: number
}

const plainly: Writing = { sizes: [4], codecs: [0], answer: 2 }

async function compared(
  source: readonly NewRecord[],
  target: readonly NewRecord[],
  how: { source?: Writing; target?: Writing; withTime?: boolean; isCopied?: boolean } = {},
): Promise<PartitionOutcome> {
  const outcome = newOutcome()
  const [mine, theirs] = [how.source ?? plainly, how.target ?? plainly]
  const check = new RangeCheck({
    source: sideOf('old', logOf(source, mine.sizes, mine.codecs), mine.answer),
    target: sideOf('new', logOf(target, theirs.sizes, theirs.codecs), theirs.answer),
    streams: { source: new RecordStream(0, source.length), target: new RecordStream(0) },
    ...{
      outcome,
      targetEnd: target.length,
      retentionMs: undefined,
      withTime: how.withTime ?? true,
      showRecords: false,
      waitMs: 0,
    },
    ...{ maxDifferences: 100, isCopied: () => Promise.resolve(how.isCopied ?? true), onCompared: () => {} },
    signal: new AbortController().signal,
  })
  await check.run()
  return outcome
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 })
const writing: fc.Arbitrary<Writing> = fc.record({
  ...{ sizes, codecs: fc.array(someCodec, { minLength: 1, maxLength: 3 }), answer: fc.integer({ min: 1, max: 5 }) },
})

/** Distinguishable records. */
function numbered(count: number): NewRecord[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ timestamp: TIME + at, key: Buffer.from(`k${at}`), value: Buffer.from(`value ${at}`) },
    headers: [
      { key: 'a', value: Buffer.from(`x${at}`) },
      { key: 'b', value: null },
    ],
  }))
}

const kinds = ({ differences }: PartitionOutcome) => differences.map(({ kind }) => kind)

describe('equal records', () => {
  test('are equal however they are split into batches, compressed and fetched', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(someRecord, { maxLength: 40 }), writing, writing, async (records, source, target) => {
        const outcome = await compared(records, records, { source, target })
        assert.deepEqual([outcome.verdict, outcome.records, outcome.differences], ['equal', records.length, []])
      }),
      { numRuns: 150 },
    )
  })

  test('have the same digest on both sides if their batches are equal, and another one if not', async () => {
    const digestOf = async (records: readonly NewRecord[]) => {
      const stream = new RecordStream(0, records.length)
      await sideOf('old', logOf(records, [4]), 99).fill(stream)
      while (stream.ready()) stream.takeBatch()
      return stream.digest.value
    }
    const records = numbered(10)
    assert.equal(await digestOf(records), await digestOf(numbered(10)))
    assert.notEqual(await digestOf(records), await digestOf([...records].reverse()))
  })
})

type Mutation = readonly [
  name: string,
  kind: string,
  fields: readonly string[],
  change: (r: NewRecord[], at: number) => void,
]

const replaced = (records: NewRecord[], at: number, fields: Partial<NewRecord>) => {
  records[at] = { ...(records[at] as NewRecord), ...fields }
}
const flipped = (bytes: Buffer | null) => {
  const copy = Buffer.from(bytes ?? '?')
  copy[0] = (copy[0] ?? 0) ^ 1
  return copy
}
const mutations: readonly Mutation[] = [
  ['a byte of a value', 'changed', ['value'], (r, at) => replaced(r, at, { value: flipped(r[at]?.value ?? null) })],
  ['a byte of a key', 'changed', ['key'], (r, at) => replaced(r, at, { key: flipped(r[at]?.key ?? null) })],
  ['a value that became null', 'changed', ['value'], (r, at) => replaced(r, at, { value: null })],
  ['a time', 'changed', ['timestamp'], (r, at) => replaced(r, at, { timestamp: TIME - 7 })],
  [
    'the value of a header',
    'changed',
    ['header b'],
    (r, at) =>
      replaced(r, at, {
        headers: [
          { key: 'a', value: Buffer.from(`x${at}`) },
          { key: 'b', value: Buffer.alloc(0) },
        ],
      }),
  ],
  [
    'the order of headers',
    'changed',
    ['header order'],
    (r, at) => replaced(r, at, { headers: [...(r[at]?.headers ?? [])].reverse() }),
  ],
  ['a record that is missing', 'missing', [], (r, at) => void r.splice(at, 1)],
  ['a record that is there twice', 'doubled', [], (r, at) => void r.splice(at, 0, r[at] as NewRecord)],
  [
    'an additional record',
    'extra',
    [],
    (r, at) => void r.splice(at, 0, { timestamp: 5, key: null, value: Buffer.from('own'), headers: [] }),
  ],
  [
    'two neighbours that were swapped',
    'reordered',
    [],
    (r, at) => {
      const other = at === r.length - 1 ? at - 1 : at + 1
      ;[r[at], r[other]] = [r[other] as NewRecord, r[at] as NewRecord]
    },
  ],
]

describe('one change', () => {
  for (const [name, kind, fields, change] of mutations) {
    test(`is found wherever it is, and reported as ${kind}: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 2, max: 60 }),
          fc.nat(),
          writing,
          writing,
          async (count, place, source, target) => {
            const [before, after] = [numbered(count), numbered(count)]
            const at = place % count
            change(after, at)
            const outcome = await compared(before, after, { source, target })
            assert.deepEqual([outcome.verdict, kinds(outcome)], ['different', [kind]])
            const [found] = outcome.differences
            assert.deepEqual(found?.fields ?? [], fields)
            const offset = found?.sourceOffset ?? found?.targetOffset ?? -1
            const isDoubled = kind === 'doubled' || kind === 'reordered'
            assert.ok(isDoubled ? Math.abs(offset - at) <= 1 : offset === at, `${offset} is not ${at}`)
          },
        ),
        { numRuns: 60 },
      )
    })
  }

  test('does not hide the next one', async () => {
    const after = numbered(400)
    replaced(after, 10, { value: Buffer.from('other') })
    replaced(after, 200, { timestamp: 1 })
    after.splice(300, 1)
    const outcome = await compared(numbered(400), after)
    assert.deepEqual(kinds(outcome), ['changed', 'changed', 'missing'])
    assert.equal(outcome.records, 397)
  })
})

describe('a run of records', () => {
  test('that is missing is one finding with its length', async () => {
    const after = numbered(5000)
    after.splice(1000, 2500)
    const outcome = await compared(numbered(5000), after, { source: { ...plainly, sizes: [100], answer: 9 } })
    assert.deepEqual(
      outcome.differences.map(({ kind, sourceOffset, records }) => ({ kind, sourceOffset, records })),
      [{ kind: 'missing', sourceOffset: 1000, records: 2500 }],
    )
  })

  test('that was copied twice is one finding', async () => {
    const records = numbered(300)
    const outcome = await compared(records, [
      ...records.slice(0, 200),
      ...records.slice(150, 200),
      ...records.slice(200),
    ])
    assert.deepEqual([kinds(outcome), outcome.differences[0]?.records], [['doubled'], 50])
  })

  test('that moved far is reported as reordered', async () => {
    const records = numbered(500)
    const [moved] = records.slice(20, 21)
    const after = [...records.slice(0, 20), ...records.slice(21, 400), ...(moved ? [moved] : []), ...records.slice(400)]
    const outcome = await compared(records, after)
    assert.deepEqual(kinds(outcome), ['reordered'])
    assert.deepEqual([outcome.differences[0]?.sourceOffset, outcome.differences[0]?.targetOffset], [20, 399])
  })

  test('that never matches again ends the comparison as different', async () => {
    const others = numbered(90).map((record) => ({ ...record, value: Buffer.from('z'), key: null, timestamp: 3 }))
    const outcome = await compared(numbered(100), [...numbered(10), ...others], { isCopied: true })
    assert.equal(outcome.verdict, 'different')
    assert.ok(outcome.differences.length > 0)
  })
})

describe('a target without the last records', () => {
  test('is not complete yet if the flow may still copy them', async () => {
    const outcome = await compared(numbered(50), numbered(30), { isCopied: false })
    assert.deepEqual([outcome.verdict, outcome.records, kinds(outcome)], ['notYet', 30, []])
    assert.match(outcome.late ?? '', /source offsets 30 to 49/)
  })

  test("has missing records if the flow's position is after them", async () => {
    const outcome = await compared(numbered(50), numbered(30), { isCopied: true })
    assert.deepEqual([outcome.verdict, kinds(outcome), outcome.differences[0]?.records], ['different', ['missing'], 20])
  })

  test('is different if an earlier record differs, and uncopied records are not reported as missing', async () => {
    const after = numbered(30)
    replaced(after, 28, { value: Buffer.from('other') })
    const outcome = await compared(numbered(50), after, { isCopied: false })
    assert.deepEqual([outcome.verdict, kinds(outcome)], ['different', ['changed']])
    assert.match(outcome.late ?? '', /30 to 49/)
  })
})

describe('the limits of a comparison', () => {
  test('timestamps are not compared on a target with LogAppendTime', async () => {
    const after = numbered(20).map((record) => ({ ...record, timestamp: TIME + 999 }))
    assert.equal((await compared(numbered(20), after, { withTime: false })).verdict, 'equal')
    assert.equal((await compared(numbered(20), after)).verdict, 'different')
  })

  test('a damaged batch is a finding with its side, and records after it do not count as compared', async () => {
    const batches = logOf(numbered(40), [4])
    batches[5]?.writeUInt8(batches[5].readUInt8(80) ^ 1, 80)
    const outcome = newOutcome()
    const check = new RangeCheck({
      ...{ source: sideOf('old', logOf(numbered(40), [4])), target: sideOf('new', batches) },
      streams: { source: new RecordStream(0, 40), target: new RecordStream(0) },
      ...{
        outcome,
        targetEnd: 40,
        retentionMs: undefined,
        withTime: true,
        showRecords: false,
        waitMs: 0,
        maxDifferences: 9,
      },
      ...{ isCopied: () => Promise.resolve(true), onCompared: () => {}, signal: new AbortController().signal },
    })
    await check.run()
    assert.deepEqual(
      [outcome.verdict, kinds(outcome), outcome.differences[0]?.targetOffset],
      ['different', ['damaged'], 20],
    )
    assert.match(outcome.differences[0]?.sentence ?? '', /cluster new.*offset 20 is damaged/)
    assert.match(outcome.notes.join(), /nothing from source offset/)
  })

  test('values are reported only by length and hash', async () => {
    const after = numbered(20)
    replaced(after, 3, { value: Buffer.from('a secret of the target') })
    const outcome = await compared(numbered(20), after)
    assert.doesNotMatch(JSON.stringify(outcome), /secret/)
    assert.equal(outcome.differences[0]?.target?.value?.bytes, 22)
  })
})
