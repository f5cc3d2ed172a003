// Every error code of Kafka on every request of the data path, once: what a partition is said to suffer from, and that all of it
// arrives in the end, exactly once. Each code has a partition of its own, in one flow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FailureCode, failures } from '../../../src/base/failure.ts'
import { rewriteHead } from '../../../src/batch/header.ts'
import { wireErrors } from '../../../src/kafka/wire-errors.ts'
import { API } from '../../harness/scripted/bodies.ts'
import { ScriptedCluster } from '../../harness/scripted/cluster.ts'
import { ScriptedLog } from '../../harness/scripted/partition-log.ts'
import { DataPath } from './data-path.ts'
import { PRODUCER, soon } from './data-path-parts.ts'
import { SourceLog } from './source-log.ts'

const codes = [...Object.keys(wireErrors).map(Number), 4711]
const failureOf = (code: number): FailureCode => wireErrors[code]?.failure ?? 'BROKER_BUSY'
/** A request that is asked once more with fresh metadata, before anybody hears of it. */
const askedTwice = (code: number): FailureCode[] =>
  ['LEADER_MOVED', 'UNKNOWN_TOPIC', 'CONNECTION_LOST', 'BROKER_UNREACHABLE'].includes(failureOf(code))
    ? []
    : [failureOf(code)]

interface Side {
  readonly name: string
  readonly apiKey: number
  readonly side: 'source' | 'target'
  /** what a partition is said to suffer from; undefined: nothing in particular */
  readonly expected: (code: number) => readonly FailureCode[] | undefined
}

const requests: readonly Side[] = [
  {
    ...{ name: 'Fetch', apiKey: API.FETCH, side: 'source' },
    // An offset out of range is looked into: it was none.
    expected: (code) => [failureOf(code) === 'OFFSET_OUT_OF_RANGE' ? 'BROKER_BUSY' : failureOf(code)],
  },
  {
    ...{ name: 'Produce', apiKey: API.PRODUCE, side: 'target' },
    // A batch may have been damaged on its way.
    expected: (code) => [wireErrors[code]?.name === 'CORRUPT_MESSAGE' ? 'BROKER_BUSY' : failureOf(code)],
  },
  { ...{ name: 'ListOffsets of the source', apiKey: API.LIST_OFFSETS, side: 'source' }, expected: askedTwice },
  { ...{ name: 'ListOffsets of the target', apiKey: API.LIST_OFFSETS, side: 'target' }, expected: askedTwice },
  {
    ...{ name: 'DescribeProducers', apiKey: API.DESCRIBE_PRODUCERS, side: 'target' },
    // Whoever may not ask looks at the log instead, once it is at rest.
    expected: (code) =>
      ['UNSUPPORTED_VERSION', 'NOT_AUTHORIZED'].includes(failureOf(code)) ? undefined : askedTwice(code),
  },
]

/** Two batches of which the first has been copied by an earlier process. */
function partition(): { source: ScriptedLog; target: ScriptedLog } {
  const { batches } = new SourceLog().add({ kind: 'plain', records: 1 }, { kind: 'plain', records: 2, size: 300 })
  const [source, target] = [new ScriptedLog(), new ScriptedLog()]
  for (const batch of batches) source.store(batch)
  const copied = Buffer.from(batches[0]?.bytes as Buffer)
  rewriteHead(copied, 0, copied.length, { idHigh: 0, idLow: Number(PRODUCER), epoch: 0 }, 0)
  assert.equal(target.append(copied).error, 0)
  return { source, target }
}

for (const { name, apiKey, side, expected } of requests) {
  test(`every error code on ${name} is reported as it is, and everything arrives once`, async () => {
    await using source = await ScriptedCluster.start()
    await using target = await ScriptedCluster.start()
    const partitions = codes.map(() => partition())
    const sources = partitions.map((one) => one.source)
    source.add('orders', sources)
    target.add(
      'old.orders',
      partitions.map((one) => one.target),
    )
    const left = new Map(codes.entries())
    const cluster = side === 'source' ? source : target
    cluster.errorOf = (key, place) => {
      // Where a log begins is of no matter here.
      const code = key === apiKey && place.at !== -2 ? left.get(place.partition) : undefined
      if (code !== undefined) left.delete(place.partition)
      return code ?? 0
    }
    const reported = new Map<number, FailureCode[]>()
    const anchor = { sourceNext: 1, targetNext: 1, sequence: 1 }
    await using flow = new DataPath({
      ...{ source, target, sources, stored: new Map(codes.map((_, i) => [i, anchor])) },
      observer: {
        troubled: ({ partition, code }) => reported.set(partition, [...(reported.get(partition) ?? []), code]),
      },
    })
    await flow.start()
    const isDone = () => {
      // As an operator does who has fixed the cause.
      flow.replication.retryNow()
      return flow.isDone
    }
    await soon(isDone, () => flow.standing, 20_000, 5)
    assert.equal(left.size, 0, 'every code was answered')
    for (const [index, code] of codes.entries()) {
      const wanted = expected(code)
      if (wanted) assert.deepEqual(reported.get(index) ?? [], wanted, `code ${code}`)
      assert.deepEqual(
        partitions[index]?.target.batches.map((batch) => [batch.base, batch.next]),
        [
          [0, 1],
          [1, 3],
        ],
        `code ${code}`,
      )
    }
    const halting = codes.flatMap((code) => expected(code) ?? []).filter((code) => failures[code].verdict === 'halt')
    assert.deepEqual(flow.halts.map((failure) => failure.code).sort(), halting.sort())
  })
}
