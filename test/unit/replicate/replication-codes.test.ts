// Every Kafka error code, once for every request of the data path: which failure a partition reports, and that everything is
// copied exactly once. Each code has its own partition, in one flow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FailureCode, failures } from '../../../src/base/failure.ts'
import { rewriteHead } from '../../../src/batch/header.ts'
import { wireErrors } from '../../../src/kafka/wire-errors.ts'
import { API } from '../../harness/scripted/bodies.ts'
import { ScriptedCluster } from '../../harness/scripted/cluster.ts'
import { ScriptedLog } from '../../harness/scripted/partition-log.ts'
import { DataPath } from './data-path.ts'
import { PRODUCER, waitUntil } from './data-path-parts.ts'
import { SourceLog } from './source-log.ts'

const codes = [...Object.keys(wireErrors).map(Number), 4711]
const failureOf = (code: number): FailureCode => wireErrors[code]?.failure ?? 'BROKER_BUSY'
/** For a request that is repeated once with refreshed metadata before a failure is reported. */
const askedTwice = (code: number): FailureCode[] =>
  ['LEADER_MOVED', 'UNKNOWN_TOPIC', 'CONNECTION_LOST', 'BROKER_UNREACHABLE'].includes(failureOf(code))
    ? []
    : [failureOf(code)]

interface Side {
  readonly name: string
  readonly apiKey: number
  readonly side: 'source' | 'target'
  /** the failures that a partition reports; undefined: not checked */
  readonly expected: (code: number) => readonly FailureCode[] | undefined
}

const requests: readonly Side[] = [
  {
    ...{ name: 'Fetch', apiKey: API.FETCH, side: 'source' },
    // The offset is compared with the log, and turns out to be within it.
    expected: (code) => [failureOf(code) === 'OFFSET_OUT_OF_RANGE' ? 'BROKER_BUSY' : failureOf(code)],
  },
  {
    ...{ name: 'Produce', apiKey: API.PRODUCE, side: 'target' },
    // The batch may have been damaged in transit, so it is sent again.
    expected: (code) => [wireErrors[code]?.name === 'CORRUPT_MESSAGE' ? 'BROKER_BUSY' : failureOf(code)],
  },
  { ...{ name: 'ListOffsets of the source', apiKey: API.LIST_OFFSETS, side: 'source' }, expected: askedTwice },
  { ...{ name: 'ListOffsets of the target', apiKey: API.LIST_OFFSETS, side: 'target' }, expected: askedTwice },
  {
    ...{ name: 'DescribeProducers', apiKey: API.DESCRIBE_PRODUCERS, side: 'target' },
    // Without permission or support, recovery reads the log once its end offset is stable.
    expected: (code) =>
      ['UNSUPPORTED_VERSION', 'NOT_AUTHORIZED'].includes(failureOf(code)) ? undefined : askedTwice(code),
  },
]

/** Two batches; an earlier process has copied the first. */
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
  test(`every error code on ${name} is reported with its failure, and everything is copied once`, async () => {
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
      // The log start offset does not matter here.
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
      // As an operator does after fixing the cause.
      flow.replication.retryNow()
      return flow.isDone
    }
    await waitUntil(isDone, () => flow.standing, 20_000, 5)
    assert.equal(left.size, 0, 'not every code was used')
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
