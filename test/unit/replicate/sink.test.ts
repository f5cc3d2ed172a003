// The requests of a sink, and how it handles their answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, ranges } from '../../harness/scripted/bodies.ts'
import { enqueue, topicCopy, waitUntil } from './data-path-parts.ts'
import { SinkSetup } from './sink-setup.ts'
import { SourceLog } from './source-log.ts'

/** Batches that are too large to be joined. */
const large = (batches: number, from = 0) =>
  new SourceLog(from).add(
    ...Array.from({ length: batches }, () => ({ kind: 'plain', records: 2, size: 40_000 }) as const),
  )

const small = (records: number, from = 0) => new SourceLog(from).add({ kind: 'plain', records })

/** Holds answers back until it is opened. */
class Gate {
  #open: () => void = () => {}
  readonly passed: Promise<void> = new Promise((resolve) => {
    this.#open = resolve
  })

  open(): void {
    this.#open()
  }
}

test('batches are acknowledged in order, and the anchor moves with each', async () => {
  await using setup = await SinkSetup.start()
  const copy = setup.add()
  const log = large(12)
  const frame = enqueue(copy, log.batches)
  setup.sinks.offer(copy)
  await setup.untilCall('acknowledged', 12)
  assert.deepEqual(copy.position.anchor, { sourceNext: 24, targetNext: 24, sequence: 24 })
  const sequences = setup.requests.flat().map((batch) => batch.sequence)
  assert.deepEqual(
    sequences,
    Array.from({ length: 12 }, (_, i) => 2 * i),
  )
  assert.equal(frame.released, 1)
})

test('several requests are in flight before the first answer, and no more than permitted', async () => {
  const gate = new Gate()
  const produce = { maxRequestBytes: 64 * 1024, inFlight: 2, timeoutMs: 1000 }
  await using setup = await SinkSetup.start(() => gate.passed.then(() => undefined), { produce })
  const copy = setup.add()
  enqueue(copy, large(8).batches)
  setup.sinks.offer(copy)
  await waitUntil(() => copy.queue.inFlight.length >= 2, 'two in flight')
  await waitUntil(() => setup.requests.length > 0, 'the first request')
  assert.deepEqual([copy.queue.inFlight.length, copy.position.next], [2, 0])
  gate.open()
  await setup.untilCall('acknowledged', 8)
})

test('partitions of one fetch share a request, each is in it once, and a topic is one entry', async () => {
  await using setup = await SinkSetup.start()
  const [orders, payments] = [topicCopy(), topicCopy({ topic: 'payments', targetTopic: 'old.payments' })]
  // Every second one is in the other lane.
  const copies = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => setup.add(i, i % 4 < 2 ? orders : payments))
  for (const copy of copies) {
    enqueue(copy, small(2).batches)
    enqueue(copy, small(2, 2).batches)
    setup.sinks.offer(copy)
  }
  await waitUntil(() => copies.every((copy) => copy.position.next === 4), 'all arrive')
  for (const request of setup.requests) {
    const places = request.map((batch) => `${batch.topic}-${batch.partition}`)
    assert.equal(new Set(places).size, places.length)
    const topics = request.map((batch) => batch.topic)
    assert.deepEqual(topics, topics.toSorted())
  }
  assert.equal(setup.requests.length, 4)
})

test('answers may name the partitions of a request in any order', async () => {
  await using setup = await SinkSetup.start((batches) => ({ partitions: setup.append(batches).reverse() }))
  const copies = [0, 2, 4].map((i) => setup.add(i))
  for (const [i, copy] of copies.entries()) {
    enqueue(copy, small(i + 1).batches)
    setup.sinks.offer(copy)
  }
  await setup.untilCall('acknowledged', 3)
  assert.deepEqual(
    copies.map((copy) => copy.position.anchor?.targetNext),
    [1, 2, 3],
  )
})

test('an unexpected base offset is reported, and nothing counts as acknowledged', async () => {
  await using setup = await SinkSetup.start((batches) => ({
    partitions: batches.map(({ topic, partition, sequence }) => ({
      ...{ topic, partition, baseOffset: sequence === 2 ? 77 : sequence },
    })),
  }))
  const copy = setup.add()
  enqueue(copy, large(4).batches)
  setup.sinks.offer(copy)
  assert.deepEqual(await setup.untilCall('displaced'), ['displaced', 0, '77, not 2'])
  await waitUntil(() => setup.sinks.of(copy)?.idle === true, 'the last answer')
  assert.deepEqual(setup.calls, [
    ['acknowledged', 0, 2],
    ['displaced', 0, '77, not 2'],
  ])
  assert.deepEqual([copy.position.next, copy.position.mayBeAhead], [2, true])
  assert.ok(copy.queue.lost.length >= 1)
})

test('any base offset is accepted if none can be predicted', async () => {
  await using setup = await SinkSetup.start((batches) => ({
    partitions: batches.map(({ topic, partition }) => ({ topic, partition, baseOffset: 900 })),
  }))
  const copy = setup.add()
  copy.queue.targetNext = -1
  enqueue(copy, small(2).batches)
  setup.sinks.offer(copy)
  await setup.untilCall('acknowledged')
  assert.deepEqual(copy.position.anchor, { sourceNext: 2, targetNext: 902, sequence: 2 })
})

test('a late answer, after the partition has failed, changes nothing', async () => {
  for (const error of [0, 6, 45]) {
    const gate = new Gate()
    await using setup = await SinkSetup.start(async (batches) => {
      await gate.passed
      return { partitions: setup.append(batches).map((one) => ({ ...one, error })) }
    })
    const copy = setup.add()
    enqueue(copy, large(2).batches)
    setup.sinks.offer(copy)
    await waitUntil(() => copy.queue.inFlight.length === 2, 'both in flight')
    copy.abandon('recovering')
    setup.recover(copy)
    const { anchor } = copy.position
    gate.open()
    await waitUntil(() => setup.sinks.of(copy)?.idle === true, 'both answers')
    assert.deepEqual([setup.calls, copy.position.anchor, copy.queue.inFlight.length], [[], anchor, 0])
  }
})

test('a partition that is not copying, or has another leader, is left out', async () => {
  await using setup = await SinkSetup.start()
  const [failed, moved, sound] = [setup.add(0), setup.add(2), setup.add(4)]
  for (const copy of [failed, moved, sound]) enqueue(copy, small(2).batches)
  for (const copy of [failed, moved, sound]) setup.sinks.offer(copy)
  failed.state = 'recovering'
  moved.queue.sendTo(99)
  await setup.untilCall('acknowledged')
  assert.deepEqual(
    setup.requests.map((request) => request.map((batch) => batch.partition)),
    [[4]],
  )
})

test('a partition without space in a request comes first in the next one', async () => {
  const produce = { maxRequestBytes: 4096, inFlight: 1, timeoutMs: 1000 }
  await using setup = await SinkSetup.start(() => undefined, { produce })
  const copies = Array.from({ length: 12 }, (_, i) => setup.add(2 * i))
  for (const copy of copies) {
    enqueue(copy, new SourceLog().add({ kind: 'plain', records: 1, size: 3000 }).batches)
    setup.sinks.offer(copy)
  }
  await waitUntil(() => copies.every((copy) => copy.position.next === 1), 'all arrive')
  const partitions = setup.requests.flat().map((batch) => batch.partition)
  assert.equal(partitions.length, 12)
  assert.equal(new Set(partitions).size, 12)
})

test('two lanes are two connections, neighbours are in different lanes, and each lane keeps its order', async () => {
  await using setup = await SinkSetup.start()
  const copies = [0, 1, 2, 3].map((i) => setup.add(i))
  assert.deepEqual(
    copies.map((copy) => copy.queue.lane),
    [0, 1, 0, 1],
  )
  for (const copy of copies) enqueue(copy, large(6).batches)
  for (const copy of copies) setup.sinks.offer(copy)
  await setup.untilCall('acknowledged', 24)
  assert.equal(setup.sinks.connections, 2)
  const lanes = new Map<number, Set<number>>()
  for (const [i, { connection }] of setup.broker.asked(API.PRODUCE).entries())
    for (const batch of setup.requests[i] ?? [])
      lanes.set(batch.partition, (lanes.get(batch.partition) ?? new Set()).add(connection))
  assert.ok([...lanes.values()].every((connections) => connections.size === 1))
  assert.equal(new Set([...lanes.values()].flatMap((connections) => [...connections])).size, 2)
})

test('a late answer in one lane does not delay the other', async () => {
  const gate = new Gate()
  await using setup = await SinkSetup.start((batches) =>
    batches[0]?.partition === 0 ? gate.passed.then(() => undefined) : undefined,
  )
  const [slow, quick] = [setup.add(0), setup.add(1)]
  for (const copy of [slow, quick]) enqueue(copy, small(3).batches)
  for (const copy of [slow, quick]) setup.sinks.offer(copy)
  await setup.untilCall('acknowledged')
  assert.deepEqual([slow.position.next, quick.position.next], [0, 3])
  gate.open()
  await setup.untilCall('acknowledged', 2)
})

test('after a throttled answer no lane sends anything before its time has passed', async () => {
  const times: number[] = []
  await using setup = await SinkSetup.start((batches) => {
    times.push(performance.now())
    return { partitions: setup.append(batches), throttleMs: times.length === 1 ? 150 : 0 }
  })
  const [first, second] = [setup.add(0), setup.add(1)]
  enqueue(first, small(2).batches)
  setup.sinks.offer(first)
  await setup.untilCall('acknowledged')
  for (const copy of [first, second]) {
    enqueue(copy, small(2, copy === first ? 2 : 0).batches)
    setup.sinks.offer(copy)
  }
  await setup.untilCall('acknowledged', 3)
  assert.ok((times[1] as number) - (times[0] as number) >= 145)
})

test('topics are named by id if the target supports it', async () => {
  const id = '00000000-0000-4000-8000-0000000000cd'
  await using setup = await SinkSetup.start()
  setup.broker.offered = new Map([...ranges, [API.PRODUCE, [3, 13]]])
  const copy = setup.add(0, topicCopy({ targetId: id }))
  enqueue(copy, large(2).batches)
  setup.sinks.offer(copy)
  await setup.untilCall('acknowledged', 2)
  assert.ok(setup.requests.flat().every((batch) => batch.topic === id))
  assert.equal(copy.position.next, 4)
})

test('a batch that cannot be sent is reported once earlier ones are acknowledged; others continue', async () => {
  await using setup = await SinkSetup.start()
  const [bad, good] = [setup.add(0), setup.add(2)]
  const log = large(2)
  const damaged = log.batches[1]?.bytes as Buffer
  damaged.writeUInt8((damaged.at(-1) as number) ^ 1, damaged.length - 1)
  enqueue(bad, log.batches)
  enqueue(good, large(3).batches)
  for (const copy of [bad, good]) setup.sinks.offer(copy)
  await setup.untilCall('acknowledged', 4)
  assert.deepEqual(await setup.untilCall('unfit'), ['unfit', 0, 'CORRUPT_BATCH'])
  assert.deepEqual([bad.position.next, bad.position.mayBeAhead, good.position.next], [2, false, 6])
})
