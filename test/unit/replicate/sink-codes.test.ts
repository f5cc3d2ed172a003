// Every Kafka error code in a Produce answer: which calls the port gets, and that nothing else happens.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireErrors } from '../../../src/kafka/wire-errors.ts'
import { enqueue, waitUntil } from './data-path-parts.ts'
import { SinkSetup } from './sink-setup.ts'
import { SourceLog } from './source-log.ts'

const codes = [...Object.keys(wireErrors).map(Number), 4711]
const log = () => new SourceLog().add({ kind: 'plain', records: 2, size: 40_000 })

test('an error of a partition is reported with its code, and the partition sends again after recovery', async () => {
  assert.ok(codes.length > 130)
  const left = [...codes]
  await using setup = await SinkSetup.start((batches) => {
    const error = left.shift()
    return error === undefined
      ? undefined
      : { partitions: batches.map(({ topic, partition }) => ({ topic, partition, error, message: 'because' })) }
  })
  const copy = setup.add()
  for (const [index, code] of [...codes, 0].entries()) {
    enqueue(copy, log().batches)
    setup.sinks.offer(copy)
    await waitUntil(() => setup.calls.length > index, `the answer ${code}`)
    if (code === 0) break
    assert.deepEqual(setup.calls.at(-1), ['refused', 0, code])
    assert.deepEqual([copy.position.next, copy.position.mayBeAhead, copy.queue.lost.length], [0, true, 1])
    copy.position.confirm()
    setup.recover(copy)
  }
  assert.deepEqual(setup.calls.at(-1), ['acknowledged', 0, 2])
  assert.equal(setup.broker.connections, 1, 'an error code does not end the connection')
})

test('a refused partition does not affect the other partitions of the request', async () => {
  await using setup = await SinkSetup.start((batches) => ({
    partitions: setup.append(batches).map((one) => (one.partition === 2 ? { ...one, error: 6 } : one)),
  }))
  const copies = [0, 2, 4].map((i) => setup.add(i))
  for (const copy of copies) enqueue(copy, new SourceLog().add({ kind: 'plain', records: 2 }).batches)
  for (const copy of copies) setup.sinks.offer(copy)
  await waitUntil(() => setup.calls.length === 3, 'all three')
  assert.deepEqual(
    setup.calls.toSorted((a, b) => a[1] - b[1]),
    [
      ['acknowledged', 0, 2],
      ['refused', 2, 6],
      ['acknowledged', 4, 2],
    ],
  )
})

test('a partition missing in an answer is recovered, and the others are acknowledged', async () => {
  await using setup = await SinkSetup.start((batches) => ({
    partitions: setup.append(batches).filter(({ partition }) => partition !== 2),
  }))
  const copies = [0, 2, 4].map((i) => setup.add(i))
  for (const copy of copies) enqueue(copy, new SourceLog().add({ kind: 'plain', records: 2 }).batches)
  for (const copy of copies) setup.sinks.offer(copy)
  await waitUntil(() => setup.calls.length === 3, 'all three')
  assert.deepEqual(
    setup.calls.map(([what, partition]) => [what, partition]),
    [
      ['acknowledged', 0],
      ['acknowledged', 4],
      ['lost', 2],
    ],
  )
})

test('an error while an answer is processed counts its request once, and its partition is recovered', async () => {
  await using setup = await SinkSetup.start()
  const copy = setup.add()
  setup.acknowledged = () => {
    throw new Error('a bug')
  }
  enqueue(copy, log().batches)
  setup.sinks.offer(copy)
  await setup.untilCall('lost')
  assert.equal(setup.sinks.of(copy)?.idle, true)
})

test('batches in flight behind a refused one are in doubt, and their answers are ignored', async () => {
  let requests = 0
  await using setup = await SinkSetup.start((batches) => ({
    partitions: setup.append(batches).map((one) => (++requests === 2 ? { ...one, error: 19 } : one)),
  }))
  const copy = setup.add()
  const batches = Array.from({ length: 5 }, () => ({ kind: 'plain', records: 2, size: 40_000 }) as const)
  enqueue(copy, new SourceLog().add(...batches).batches)
  setup.sinks.offer(copy)
  await setup.untilCall('refused')
  await waitUntil(() => setup.sinks.of(copy)?.idle === true, 'the other answers')
  assert.deepEqual(setup.calls, [
    ['acknowledged', 0, 2],
    ['refused', 0, 19],
  ])
  assert.equal(copy.position.next, 2)
  assert.equal(copy.queue.lost[0]?.next, 4)
})
