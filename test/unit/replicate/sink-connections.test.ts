// A connection ends before, while or after a request is written: batches in flight may have been appended, and nothing is sent
// again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import { API, produceBody } from '../../harness/scripted/bodies.ts'
import { type CountedFrame, enqueue, waitUntil } from './data-path-parts.ts'
import { SinkSetup } from './sink-setup.ts'
import { SourceLog } from './source-log.ts'

const log = (batches: number, size = 40_000, from = 0) =>
  new SourceLog(from).add(...Array.from({ length: batches }, () => ({ kind: 'plain', records: 2, size }) as const))

/** Recovers the partition, fetches again and offers it, as after a failure. */
function goOn(setup: SinkSetup, copy: PartitionCopy, batches: number): void {
  setup.recover(copy)
  enqueue(copy, log(batches).batches)
  setup.sinks.offer(copy)
}

/** Checks that the partition is lost, that everything handed over is in doubt, and that every frame is free again. */
async function assertLost(setup: SinkSetup, copy: PartitionCopy, frame: CountedFrame, inFlight: number): Promise<void> {
  assert.equal((await setup.untilCall('lost'))[1], copy.partition)
  assert.deepEqual([setup.of('lost').length, setup.of('acknowledged').length], [1, 0])
  assert.deepEqual([copy.queue.lost.length, copy.position.mayBeAhead], [inFlight, inFlight > 0])
  assert.equal(copy.position.next, 0)
  await waitUntil(() => frame.released === 1, 'the frame is free')
}

test('connecting to an unreachable broker is retried if there is work, and nothing was in flight', async () => {
  await using setup = await SinkSetup.start()
  setup.broker.once(API.API_VERSIONS, () => 'cut')
  const copy = setup.add()
  const frame = enqueue(copy, log(2).batches)
  setup.sinks.offer(copy)
  await assertLost(setup, copy, frame, 0)
  assert.equal(setup.requests.length, 0)
  goOn(setup, copy, 2)
  await setup.untilCall('acknowledged', 2)
  assert.equal(copy.position.next, 4)
})

test('a request cut by the end of the connection is in doubt, and not sent over another one', async () => {
  await using setup = await SinkSetup.start()
  setup.broker.cutWithin(API.PRODUCE, 30_000)
  const copy = setup.add()
  const frame = enqueue(copy, log(1, 400_000).batches)
  setup.sinks.offer(copy)
  await assertLost(setup, copy, frame, 1)
  assert.equal(setup.requests.length, 0)
  goOn(setup, copy, 1)
  await setup.untilCall('acknowledged')
  assert.equal(setup.requests.length, 1)
})

test('a connection that ends after the request was read leaves it in doubt', async () => {
  await using setup = await SinkSetup.start((batches) => {
    setup.append(batches)
    return 'cut'
  })
  const copy = setup.add()
  const frame = enqueue(copy, log(1).batches)
  setup.sinks.offer(copy)
  await assertLost(setup, copy, frame, 1)
  assert.equal(setup.requests.length, 1)
})

test('a connection that ends within an answer, at any byte, leaves the request in doubt', async () => {
  for (const cutAfter of [1, 4, 9, 30]) {
    await using setup = await SinkSetup.start((batches, version) => ({
      cutAfter,
      bytes: produceBody(version, setup.append(batches)),
    }))
    const copy = setup.add()
    const frame = enqueue(copy, log(1).batches)
    setup.sinks.offer(copy)
    await assertLost(setup, copy, frame, 1)
  }
})

test('an answer in small pieces is read as one answer', async () => {
  await using setup = await SinkSetup.start((batches, version) => ({
    pieceBytes: 3,
    bytes: produceBody(version, setup.append(batches)),
  }))
  const copy = setup.add()
  enqueue(copy, log(3).batches)
  setup.sinks.offer(copy)
  await setup.untilCall('acknowledged', 3)
})

test('with several requests in flight all are in doubt, and the partition is reported once', async () => {
  await using setup = await SinkSetup.start(() => 'hang')
  const copy = setup.add()
  enqueue(copy, log(8).batches)
  setup.sinks.offer(copy)
  await waitUntil(() => copy.queue.inFlight.length >= 3 && setup.requests.length > 0, 'several in flight')
  const { length } = copy.queue.inFlight
  setup.broker.cut()
  await setup.untilCall('lost')
  await waitUntil(() => setup.sinks.of(copy)?.idle === true, 'all are given up')
  assert.deepEqual([setup.of('lost').length, copy.queue.lost.length], [1, length])
  assert.equal(copy.queue.lost[0]?.next, 2)
})

test('each partition of a request is reported, and those of the other lane are not', async () => {
  await using setup = await SinkSetup.start((batches) => (batches[0]?.partition === 1 ? undefined : 'cut'))
  const copies = [0, 1, 2].map((i) => setup.add(i))
  for (const copy of copies) enqueue(copy, log(1, 20).batches)
  for (const copy of copies) setup.sinks.offer(copy)
  await setup.untilCall('lost', 2)
  await setup.untilCall('acknowledged')
  assert.deepEqual(setup.calls.map(([what, partition]) => `${what} ${partition}`).sort(), [
    'acknowledged 1',
    'lost 0',
    'lost 2',
  ])
})

test('answered requests count as acknowledged although the connection ends after them', async () => {
  let requests = 0
  await using setup = await SinkSetup.start(() => (++requests === 2 ? 'cut' : undefined))
  const copy = setup.add()
  enqueue(copy, log(4).batches)
  setup.sinks.offer(copy)
  await setup.untilCall('lost')
  assert.deepEqual([setup.calls[0], copy.position.next], [['acknowledged', 0, 2], 2])
  assert.ok(copy.queue.lost.every((sent) => sent.next > 2))
})

test('nonsensical answers end the connection', async () => {
  for (const invalid of [{ raw: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, Buffer.alloc(2)]) {
    await using setup = await SinkSetup.start(() => invalid)
    const copy = setup.add()
    const frame = enqueue(copy, log(1).batches)
    setup.sinks.offer(copy)
    await assertLost(setup, copy, frame, 1)
  }
})

test('a broker with a new address gets the requests that waited for the old address', async () => {
  await using setup = await SinkSetup.start()
  await using elsewhere = await SinkSetup.start()
  const copy = setup.add()
  setup.sinks.open({ id: setup.broker.id, host: '127.0.0.1', port: elsewhere.broker.port }, [copy])
  enqueue(copy, log(1).batches)
  setup.sinks.open({ id: setup.broker.id, host: '127.0.0.1', port: setup.broker.port }, [copy])
  await setup.untilCall('acknowledged')
  assert.equal(elsewhere.requests.length, 0)
})
