// A connection ends before, while or after a request is written: batches in flight may have been appended, and nothing is sent
// again.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import { API, produceBody } from '../../harness/scripted/bodies.ts'
import { type CountedFrame, enqueue, soon } from './data-path-parts.ts'
import { SinkWorld } from './sink-world.ts'
import { SourceLog } from './source-log.ts'

const log = (batches: number, size = 40_000, from = 0) =>
  new SourceLog(from).add(...Array.from({ length: batches }, () => ({ kind: 'plain', records: 2, size }) as const))

/** Recovers the partition, fetches again and offers it, as after a failure. */
function goOn(world: SinkWorld, copy: PartitionCopy, batches: number): void {
  world.recover(copy)
  enqueue(copy, log(batches).batches)
  world.sinks.offer(copy)
}

/** Checks that the partition is lost, that everything handed over is in doubt, and that every frame is free again. */
async function assertLost(world: SinkWorld, copy: PartitionCopy, frame: CountedFrame, inFlight: number): Promise<void> {
  assert.equal((await world.hears('lost'))[1], copy.partition)
  assert.deepEqual([world.of('lost').length, world.of('acknowledged').length], [1, 0])
  assert.deepEqual([copy.queue.lost.length, copy.position.mayBeAhead], [inFlight, inFlight > 0])
  assert.equal(copy.position.next, 0)
  await soon(() => frame.released === 1, 'the frame is free')
}

test('connecting to an unreachable broker is retried if there is work, and nothing was in flight', async () => {
  await using world = await SinkWorld.start()
  world.broker.once(API.API_VERSIONS, () => 'cut')
  const copy = world.add()
  const frame = enqueue(copy, log(2).batches)
  world.sinks.offer(copy)
  await assertLost(world, copy, frame, 0)
  assert.equal(world.requests.length, 0)
  goOn(world, copy, 2)
  await world.hears('acknowledged', 2)
  assert.equal(copy.position.next, 4)
})

test('a request cut by the end of the connection is in doubt, and not sent over another one', async () => {
  await using world = await SinkWorld.start()
  world.broker.cutWithin(API.PRODUCE, 30_000)
  const copy = world.add()
  const frame = enqueue(copy, log(1, 400_000).batches)
  world.sinks.offer(copy)
  await assertLost(world, copy, frame, 1)
  assert.equal(world.requests.length, 0)
  goOn(world, copy, 1)
  await world.hears('acknowledged')
  assert.equal(world.requests.length, 1)
})

test('a connection that ends after the request was read leaves it in doubt', async () => {
  await using world = await SinkWorld.start((batches) => {
    world.append(batches)
    return 'cut'
  })
  const copy = world.add()
  const frame = enqueue(copy, log(1).batches)
  world.sinks.offer(copy)
  await assertLost(world, copy, frame, 1)
  assert.equal(world.requests.length, 1)
})

test('a connection that ends within an answer, at any byte, leaves the request in doubt', async () => {
  for (const cutAfter of [1, 4, 9, 30]) {
    await using world = await SinkWorld.start((batches, version) => ({
      cutAfter,
      bytes: produceBody(version, world.append(batches)),
    }))
    const copy = world.add()
    const frame = enqueue(copy, log(1).batches)
    world.sinks.offer(copy)
    await assertLost(world, copy, frame, 1)
  }
})

test('an answer in small pieces is read as one answer', async () => {
  await using world = await SinkWorld.start((batches, version) => ({
    pieceBytes: 3,
    bytes: produceBody(version, world.append(batches)),
  }))
  const copy = world.add()
  enqueue(copy, log(3).batches)
  world.sinks.offer(copy)
  await world.hears('acknowledged', 3)
})

test('with several requests in flight all are in doubt, and the partition is reported once', async () => {
  await using world = await SinkWorld.start(() => 'hang')
  const copy = world.add()
  enqueue(copy, log(8).batches)
  world.sinks.offer(copy)
  await soon(() => copy.queue.inFlight.length >= 3 && world.requests.length > 0, 'several in flight')
  const { length } = copy.queue.inFlight
  world.broker.cut()
  await world.hears('lost')
  await soon(() => world.sinks.of(copy)?.idle === true, 'all are given up')
  assert.deepEqual([world.of('lost').length, copy.queue.lost.length], [1, length])
  assert.equal(copy.queue.lost[0]?.next, 2)
})

test('each partition of a request is reported, and those of the other lane are not', async () => {
  await using world = await SinkWorld.start((batches) => (batches[0]?.partition === 1 ? undefined : 'cut'))
  const copies = [0, 1, 2].map((i) => world.add(i))
  for (const copy of copies) enqueue(copy, log(1, 20).batches)
  for (const copy of copies) world.sinks.offer(copy)
  await world.hears('lost', 2)
  await world.hears('acknowledged')
  assert.deepEqual(world.heard.map(([what, partition]) => `${what} ${partition}`).sort(), [
    'acknowledged 1',
    'lost 0',
    'lost 2',
  ])
})

test('answered requests count as acknowledged although the connection ends after them', async () => {
  let requests = 0
  await using world = await SinkWorld.start(() => (++requests === 2 ? 'cut' : undefined))
  const copy = world.add()
  enqueue(copy, log(4).batches)
  world.sinks.offer(copy)
  await world.hears('lost')
  assert.deepEqual([world.heard[0], copy.position.next], [['acknowledged', 0, 2], 2])
  assert.ok(copy.queue.lost.every((sent) => sent.next > 2))
})

test('nonsensical answers end the connection', async () => {
  for (const senseless of [{ raw: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, Buffer.alloc(2)]) {
    await using world = await SinkWorld.start(() => senseless)
    const copy = world.add()
    const frame = enqueue(copy, log(1).batches)
    world.sinks.offer(copy)
    await assertLost(world, copy, frame, 1)
  }
})

test('a broker with a new address gets the requests that waited for the old address', async () => {
  await using world = await SinkWorld.start()
  await using elsewhere = await SinkWorld.start()
  const copy = world.add()
  world.sinks.open({ id: world.broker.id, host: '127.0.0.1', port: elsewhere.broker.port }, [copy])
  enqueue(copy, log(1).batches)
  world.sinks.open({ id: world.broker.id, host: '127.0.0.1', port: world.broker.port }, [copy])
  await world.hears('acknowledged')
  assert.equal(elsewhere.requests.length, 0)
})
