// Which partitions a Fetch request names, and the broker's fetch session (KIP-227).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API, ranges } from '../../harness/scripted/bodies.ts'
import { topicCopy, waitUntil } from './data-path-parts.ts'
import { FetcherSetup, part } from './fetcher-setup.ts'
import { SourceLog } from './source-log.ts'

/** Records from this offset on, in one answer. */
const recordsFrom = (offset: number, records = 3, size = 20) =>
  new SourceLog(offset).add({ kind: 'plain', records, size }).bytes

const offers = (setup: FetcherSetup, min: number, max: number) => {
  setup.broker.offered = new Map([...ranges, [API.FETCH, [min, max]]])
}

test('the first fetch names every partition, later ones of the session only changed partitions', async () => {
  await using setup = await FetcherSetup.start(() => ({ sessionId: 4711, partitions: [] }))
  setup.add(0)
  setup.add(1)
  const first = await setup.askedSo((ask) => ask.partitions.length > 0, 'a full fetch')
  assert.deepEqual([first.sessionId, first.sessionEpoch], [0, 0])
  setup.answer((ask) =>
    ask.partitions.length === 0 && setup.calls.length === 0
      ? { sessionId: 4711, partitions: [part(1, { records: recordsFrom(0) })] }
      : { sessionId: 4711, partitions: [] },
  )
  await setup.untilCall('arrived')
  const changed = await setup.askedSo((ask) => ask.partitions.some((one) => one.offset === 3), 'the next offset')
  assert.deepEqual(
    changed.partitions.map((one) => [one.partition, one.offset, one.leaderEpoch]),
    [[1, 3, 5]],
  )
  const epochs = setup.asks.map((ask) => ask.sessionEpoch)
  assert.deepEqual(epochs, Array.from(epochs.keys()))
  assert.ok(setup.asks.slice(1).every((ask) => ask.sessionId === 4711))
})

test('after the broker has lost the session the next fetch starts a new one on the same connection', async () => {
  for (const error of [70, 71, 106]) {
    await using setup = await FetcherSetup.start(() => ({ sessionId: 1, partitions: [] }))
    setup.add(0)
    setup.add(1)
    await setup.asked(3)
    let told = 0
    setup.answer((ask) => {
      if (ask.sessionId === 1 && told++ === 0) return { error, partitions: [] }
      return { sessionId: 2, partitions: [] }
    })
    const newSession = await setup.askedSo((ask) => ask.sessionEpoch === 0, 'a new session', 1)
    assert.deepEqual([newSession.sessionId, newSession.partitions.length], [0, 2], `error ${error}`)
    await setup.askedSo((ask) => ask.sessionId === 2 && ask.sessionEpoch === 1, 'the new session')
    assert.deepEqual([setup.calls, setup.broker.requests.at(-1)?.connection], [[], 1])
  }
})

test('a broker without space for sessions is sent all partitions each time', async () => {
  await using setup = await FetcherSetup.start(() => ({ sessionId: 0, partitions: [] }))
  setup.add(0)
  setup.add(1)
  await setup.askedSo((ask) => ask.sessionEpoch === -1, 'a fetch without a session')
  const next = await setup.asked(2)
  assert.deepEqual([next.sessionId, next.sessionEpoch, next.partitions.length], [0, -1, 2])
})

test('a broker without support for sessions is sent all partitions each time', async () => {
  await using setup = await FetcherSetup.start(() => ({ partitions: [] }))
  offers(setup, 4, 6)
  setup.add(0)
  setup.add(1)
  await setup.askedSo((ask) => ask.partitions.length === 2, 'a fetch of everything')
  assert.equal((await setup.asked(2)).partitions.length, 2)
})

test('a partition with a full queue leaves the session, and returns once it has drained', async () => {
  await using setup = await FetcherSetup.start((ask) => {
    const wants = ask.partitions.find((one) => one.partition === 0)
    return wants?.offset === 0
      ? { sessionId: 9, partitions: [part(0, { records: recordsFrom(0, 3, 4000) })] }
      : { sessionId: 9, partitions: [] }
  })
  const full = setup.add(0)
  setup.add(1)
  await setup.untilCall('arrived')
  assert.ok(full.queue.bytes >= 8192)
  const leaving = await setup.askedSo((ask) => ask.forgotten.length > 0, 'it leaves')
  assert.deepEqual([leaving.forgotten, leaving.partitions], [[{ topic: 'orders', partition: 0 }], []])
  const before = setup.asks.length
  await setup.asked(3)
  const meanwhile = setup.asks.slice(before)
  assert.ok(meanwhile.every((ask) => ask.partitions.length === 0 && ask.forgotten.length === 0))
  assert.ok(
    meanwhile.every((ask) => ask.maxWaitMs <= 5),
    'expected short polls while the queue is full',
  )
  full.dropQueue()
  full.source.rewind(3)
  setup.fetcher.touch(full)
  const back = await setup.askedSo((ask) => ask.partitions.length > 0, 'it comes back', before)
  assert.deepEqual(
    back.partitions.map((one) => [one.partition, one.offset]),
    [[0, 3]],
  )
})

test('without partitions to fetch there are no requests, until a partition is touched', async () => {
  await using setup = await FetcherSetup.start((ask) =>
    ask.partitions[0]?.offset === 0
      ? { sessionId: 9, partitions: [part(0, { records: recordsFrom(0, 3, 4000) })] }
      : { sessionId: 9, partitions: [] },
  )
  const copy = setup.add(0)
  await setup.untilCall('arrived')
  const { length } = setup.asks
  copy.queue.drop()
  setup.fetcher.touch(copy)
  const next = await setup.askedSo((ask) => ask.partitions[0]?.offset === 3, 'it is asked for again', length)
  assert.deepEqual(next.forgotten, [], 'a partition that returns at once is not removed from the session')
})

test('a partition that is removed, fails or moves to another broker leaves the session', async () => {
  await using setup = await FetcherSetup.start(() => ({ sessionId: 9, partitions: [] }))
  const [removed, failed, moved] = [setup.add(0), setup.add(1), setup.add(2)]
  setup.add(3)
  await setup.asked(2)
  setup.fetcher.remove(removed)
  failed.abandon('recovering')
  setup.fetcher.touch(failed)
  moved.source.readFrom(99, 6)
  setup.fetcher.touch(moved)
  const left = new Set<number>()
  await waitUntil(() => {
    for (const ask of setup.asks) for (const one of ask.forgotten) left.add(one.partition)
    return left.size === 3
  }, 'three leave')
  assert.deepEqual([...left].sort(), [0, 1, 2])
})

test('a changed offset or leader epoch updates the session', async () => {
  await using setup = await FetcherSetup.start(() => ({ sessionId: 9, partitions: [] }))
  const copy = setup.add(0)
  setup.add(1)
  await setup.asked(2)
  copy.source.rewind(40)
  setup.fetcher.touch(copy)
  await setup.askedSo((ask) => ask.partitions.some((one) => one.offset === 40), 'the offset')
  copy.source.readFrom(setup.broker.id, 6)
  setup.fetcher.touch(copy)
  const ask = await setup.askedSo((one) => one.partitions.some((p) => p.leaderEpoch === 6), 'the epoch')
  assert.deepEqual([ask.partitions.length, ask.sessionId], [1, 9])
})

test('an answer to a request from before a failure is dropped, and the records are requested again', async () => {
  let answers = 0
  await using setup = await FetcherSetup.start((ask) => {
    if (ask.partitions[0]?.offset !== 0) return { sessionId: 9, partitions: [] }
    answers++
    if (answers === 1) {
      // While the broker answers, the partition fails and restarts at the same position.
      copy.abandon('recovering')
      copy.begin({ sourceNext: 0, targetNext: 0, sequence: 0 }, { sequence: 0, targetNext: 0 })
    }
    return { sessionId: 9, partitions: [part(0, { records: recordsFrom(0, 3 * answers) })] }
  })
  const copy = setup.add(0)
  assert.deepEqual(await setup.untilCall('arrived'), ['arrived', 0, 6])
  assert.deepEqual([copy.queue.segments.length, copy.source.next], [1, 6])
})

test('an answer for an offset that is no longer wanted is dropped', async () => {
  await using setup = await FetcherSetup.start((ask) => {
    const offset = ask.partitions[0]?.offset
    if (offset === 0) copy.source.rewind(50)
    return offset === undefined || offset > 50
      ? { sessionId: 9, partitions: [] }
      : { sessionId: 9, partitions: [part(0, { records: recordsFrom(offset) })] }
  })
  const copy = setup.add(0)
  await setup.untilCall('arrived')
  assert.equal(copy.source.next, 53)
  assert.equal(copy.queue.segments.length, 1)
})

test('while paused nothing is requested, and pending answers are dropped', async () => {
  await using setup = await FetcherSetup.start((ask) => {
    setup.isPaused = true
    // During the throttle time the frame is free, which shows that the answer was handled.
    const partitions = ask.partitions.length > 0 ? [part(0, { records: recordsFrom(0) })] : []
    return { throttleMs: 20, sessionId: 9, partitions }
  })
  const copy = setup.add(0)
  await waitUntil(() => setup.asks.length > 0, 'the first fetch')
  await waitUntil(() => setup.frames.free === setup.frames.most, 'its answer')
  await waitUntil(() => setup.frames.free === setup.frames.most - 1, 'the next look')
  assert.deepEqual([copy.queue.segments.length, setup.calls, setup.asks.length], [0, [], 1])
  setup.isPaused = false
  const { length } = setup.asks
  setup.answer(() => ({ sessionId: 9, partitions: [part(0, { records: recordsFrom(0) })] }))
  setup.fetcher.touch(copy)
  await setup.untilCall('arrived')
  assert.ok(setup.asks.length > length)
})

test('topics are named by id if all have one, otherwise by name', async () => {
  const id = '00000000-0000-4000-8000-0000000000ab'
  await using setup = await FetcherSetup.start((ask, version) => ({
    sessionId: 9,
    partitions:
      ask.partitions[0]?.offset === 0
        ? [{ ...part(0, { records: recordsFrom(0) }), topic: version >= 13 ? id : 'orders' }]
        : [],
  }))
  offers(setup, 4, 13)
  const copy = setup.add(0, { shared: topicCopy({ sourceId: id }) })
  await setup.untilCall('arrived')
  assert.deepEqual([setup.asks[0]?.partitions[0]?.topic, copy.source.next], [id, 3])
  setup.add(1, { shared: topicCopy({ topic: 'payments' }) })
  const named = await setup.askedSo((ask) => ask.partitions.some((one) => one.topic === 'payments'), 'by name')
  assert.ok(named.partitions.every((one) => one.topic !== id))
})
