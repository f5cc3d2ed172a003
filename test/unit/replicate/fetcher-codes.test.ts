// Every Kafka error code in a Fetch answer, for one partition and for the whole answer: which calls the port gets, and that
// fetching continues.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireErrors } from '../../../src/kafka/wire-errors.ts'
import { FetcherSetup, part } from './fetcher-setup.ts'
import { SourceLog } from './source-log.ts'

const codes = [...Object.keys(wireErrors).map(Number), 4711]
const sessionCodes = new Set([70, 71, 106])
const records = new SourceLog().add({ kind: 'plain', records: 3 }).bytes

test('any error of a partition is reported with its code, and the fetch is repeated', async () => {
  assert.ok(codes.length > 130)
  const left = [...codes]
  await using setup = await FetcherSetup.start((ask) => {
    // The records are sent once; later fetches get none.
    if (ask.partitions.length === 0 || ask.partitions[0]?.offset !== 0) return undefined
    const error = left.shift()
    return { sessionId: 1, partitions: [error === undefined ? part(0, { records }) : part(0, { error, records })] }
  })
  const copy = setup.add()
  await setup.untilCall('arrived')
  // Fetches without records may have followed.
  assert.deepEqual(
    setup.calls.slice(0, codes.length + 1),
    [...codes.map((code) => ['refused', 0, code]), ['arrived', 0, 3]],
    'expected each code once, then the records',
  )
  assert.equal(copy.queue.segments.length, 1, 'nothing of a refused partition is queued')
  assert.equal(setup.broker.requests.at(-1)?.connection, 1)
})

test('a refused partition does not affect the other partitions of the answer', async () => {
  await using setup = await FetcherSetup.start((ask) =>
    ask.partitions.length === 2 && ask.partitions.every((one) => one.offset === 0)
      ? { sessionId: 1, partitions: [part(0, { error: 6 }), part(1, { records })] }
      : undefined,
  )
  setup.add(0)
  setup.add(1)
  await setup.untilCall('arrived')
  assert.deepEqual(setup.calls.slice(0, 2), [
    ['refused', 0, 6],
    ['arrived', 1, 3],
  ])
})

test('an error of a whole answer is reported once, and the records come with the next answer', async () => {
  await Promise.all(
    codes.map(async (error) => {
      let answers = 0
      await using setup = await FetcherSetup.start(
        (ask) => {
          if (++answers === 1) return { error, partitions: [part(0, { records })] }
          return ask.partitions[0]?.offset === 0 ? { sessionId: 1, partitions: [part(0, { records })] } : undefined
        },
        { memoryBytes: 400_000 },
      )
      const copy = setup.add()
      await setup.untilCall('arrived')
      const told = sessionCodes.has(error) ? [] : [['unreachable', 0, 'BROKER_BUSY']]
      assert.deepEqual(setup.calls, [...told, ['arrived', 0, 3]], `error ${error}`)
      assert.equal(copy.queue.segments.length, 1)
      const [, newSession] = setup.asks
      assert.deepEqual([newSession?.sessionId, newSession?.sessionEpoch], [0, 0], 'in a new session')
    }),
  )
})
