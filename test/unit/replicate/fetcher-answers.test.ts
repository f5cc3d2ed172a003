// How Fetch answers are handled: complete, partial, in pieces, cut off, throttled, damaged.
import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { API, fetchBody, ranges } from '../../harness/scripted/bodies.ts'
import { waitUntil } from './data-path-parts.ts'
import { FetcherSetup, part } from './fetcher-setup.ts'
import { SourceLog } from './source-log.ts'

const plain = (from: number, batches: number, size = 20) =>
  new SourceLog(from).add(...Array.from({ length: batches }, () => ({ kind: 'plain', records: 2, size }) as const))

test('a batch cut off at the end of an answer is requested again from its first offset', async () => {
  const { bytes } = plain(0, 3)
  await using setup = await FetcherSetup.start((ask) => {
    const offset = ask.partitions[0]?.offset
    if (offset === 0) return { partitions: [part(0, { records: bytes.subarray(0, bytes.length - 1) })] }
    return { partitions: offset === 4 ? [part(0, { records: bytes.subarray((bytes.length / 3) * 2) })] : [] }
  })
  const copy = setup.add()
  assert.deepEqual(await setup.untilCall('arrived', 2), ['arrived', 0, 2])
  assert.deepEqual(setup.calls[0], ['arrived', 0, 4])
  assert.deepEqual([copy.source.next, copy.queue.bytes], [6, bytes.length])
})

test('a batch larger than the requested size is requested with double sizes until it is complete', async () => {
  const { bytes } = plain(0, 1, 20_000)
  await using setup = await FetcherSetup.start((ask) => {
    const [wanted] = ask.partitions
    if (wanted?.offset !== 0) return undefined
    return { sessionId: 3, partitions: [part(0, { records: bytes.subarray(0, wanted.maxBytes) })] }
  })
  const copy = setup.add()
  await setup.untilCall('arrived')
  const sizes = setup.asks.flatMap((ask) => ask.partitions.filter((one) => one.offset === 0).map((one) => one.maxBytes))
  assert.deepEqual(sizes, [8192, 16_384, 32_768, 65_536])
  assert.deepEqual([copy.source.sizeFactor, copy.source.next], [1, 2])
})

test('an answer in small pieces is read as one answer', async () => {
  const { bytes } = plain(0, 4)
  await using setup = await FetcherSetup.start((ask, version) =>
    ask.partitions[0]?.offset === 0
      ? { pieceBytes: 7, bytes: fetchBody(version, [part(0, { records: bytes })]) }
      : undefined,
  )
  const copy = setup.add()
  await setup.untilCall('arrived')
  assert.deepEqual([copy.queue.bytes, copy.source.next], [bytes.length, 8])
})

test('nothing of a cut-off answer is used, and the records are fetched over a new connection', async () => {
  const { bytes } = plain(0, 4)
  const whole = fetchBody(11, [part(0, { records: bytes })]).length + 8
  for (const cutAfter of [1, 4, 8, 30, 90, whole - 1]) {
    await using setup = await FetcherSetup.start((ask, version) => {
      if (ask.partitions[0]?.offset !== 0) return undefined
      const answer = fetchBody(version, [part(0, { records: bytes })])
      return setup.calls.length === 0 ? { cutAfter, bytes: answer } : answer
    })
    const copy = setup.add()
    await setup.untilCall('arrived')
    assert.deepEqual(setup.calls, [
      ['unreachable', 0, 'CONNECTION_LOST'],
      ['arrived', 0, 8],
    ])
    assert.deepEqual([copy.queue.segments.length, copy.queue.bytes], [1, bytes.length])
    const newSession = setup.asks.at(1)
    assert.deepEqual([newSession?.sessionId, newSession?.sessionEpoch, newSession?.partitions.length], [0, 0, 1])
    assert.equal(setup.broker.asked(API.FETCH).at(1)?.connection, 2)
  }
})

test('connecting to a stopped broker is retried, with the number of the attempt', async () => {
  await using setup = await FetcherSetup.start(() => 'cut')
  setup.add()
  await setup.untilCall('unreachable', 3)
  assert.deepEqual(
    setup.calls.slice(0, 3).map(([, attempt]) => attempt),
    [0, 1, 2],
  )
})

test('nonsensical answers end the connection, not the fetcher', async () => {
  const answers = [{ raw: Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }, Buffer.alloc(3), Buffer.alloc(11, 0x7f)]
  for (const invalid of answers) {
    let told = 0
    await using setup = await FetcherSetup.start((ask) => {
      if (told++ === 0) return invalid
      return ask.partitions[0]?.offset === 0 ? { partitions: [part(0, { records: plain(0, 1).bytes })] } : undefined
    })
    setup.add()
    await setup.untilCall('arrived')
    assert.deepEqual([setup.calls[0]?.[0], setup.calls[0]?.[1]], ['unreachable', 0])
  }
})

test('after a throttled answer no request is sent for its time, and its frame is released', async () => {
  const times: number[] = []
  await using setup = await FetcherSetup.start(() => {
    times.push(performance.now())
    return times.length === 1 ? { throttleMs: 150, sessionId: 1, partitions: [] } : undefined
  })
  setup.add()
  await waitUntil(() => times.length === 1, 'the first fetch')
  await waitUntil(() => setup.frames.free === setup.frames.most, 'the frame is given back')
  assert.equal(times.length, 1)
  await waitUntil(() => times.length >= 2, 'the second fetch')
  assert.ok((times[1] as number) - (times[0] as number) >= 145)
})

test('a preferred replica is reported, and nothing of that answer is queued', async () => {
  await using setup = await FetcherSetup.start(
    () => ({ sessionId: 1, partitions: [part(0, { preferredReplica: 7, records: plain(0, 1).bytes })] }),
    { fetch: { maxBytes: 65_536, maxPartitionBytes: 8192, minBytes: 1, maxWaitMs: 10, rack: 'r1' } },
  )
  const copy = setup.add()
  assert.deepEqual(await setup.untilCall('preferred'), ['preferred', 0, 7])
  assert.equal(setup.asks[0]?.rack, 'r1')
  assert.equal(copy.queue.segments.length, 0)
})

test('a log that diverges from what was read is refused, with the diverging offset', async () => {
  await using setup = await FetcherSetup.start((ask) =>
    ask.partitions[0]?.lastFetchedEpoch === 4
      ? { sessionId: 1, partitions: [part(0, { divergingEnd: 17, records: plain(20, 1).bytes })] }
      : undefined,
  )
  setup.broker.offered = new Map([...ranges, [API.FETCH, [4, 12]]])
  const copy = setup.add(0, { from: 20 })
  copy.source.resumeAtEpoch(4)
  copy.source.rewind(20)
  setup.onRefused = () => copy.abandon('recovering')
  setup.fetcher.touch(copy)
  copy.source.readFrom(setup.broker.id, 6)
  setup.fetcher.touch(copy)
  await setup.untilCall('refused')
  assert.deepEqual([setup.refusals[0]?.divergingEnd, copy.queue.segments.length], [17, 0])
})

test('damaged bytes of one partition do not affect other partitions', async () => {
  const broken = Buffer.from(plain(0, 1).bytes)
  broken.writeInt32BE(5, 8)
  await using setup = await FetcherSetup.start((ask) =>
    ask.partitions.some((one) => one.offset === 0) && setup.calls.length === 0
      ? { sessionId: 1, partitions: [part(0, { records: broken }), part(1, { records: plain(0, 1).bytes })] }
      : undefined,
  )
  const [first, second] = [setup.add(0), setup.add(1)]
  await setup.untilCall('arrived')
  assert.deepEqual(setup.calls.slice(0, 2), [
    ['unfit', 0, 'CORRUPT_BATCH'],
    ['arrived', 1, 2],
  ])
  assert.deepEqual([first.queue.segments.length, second.queue.segments.length], [0, 1])
})

test('the readable end is the last stable offset, or the high watermark under read_uncommitted', async () => {
  for (const [isolation, end] of [
    ['read_committed', 40],
    ['read_uncommitted', 70],
  ] as const) {
    await using setup = await FetcherSetup.start(
      () => ({ sessionId: 1, partitions: [part(0, { highWatermark: 70, lastStable: 40, logStart: 11 })] }),
      { isolation },
    )
    const copy = setup.add()
    assert.deepEqual(await setup.untilCall('nothing'), ['nothing', 0, 0])
    assert.deepEqual([copy.source.end, copy.source.logStart], [end, 11])
    assert.equal(setup.asks[0]?.readCommitted, isolation === 'read_committed')
  }
})

test('the aborted transactions of an answer are stored with its queued records', async () => {
  const log = new SourceLog().add({ kind: 'aborted', records: 2 }, { kind: 'plain', records: 1 })
  await using setup = await FetcherSetup.start((ask) =>
    ask.partitions[0]?.offset === 0
      ? { partitions: [part(0, { records: log.bytes, aborted: log.aborted })] }
      : undefined,
  )
  const copy = setup.add()
  await setup.untilCall('arrived')
  const [segment] = copy.queue.segments
  assert.ok(segment)
  let at = segment.at
  const drops = log.batches.map((batch) => {
    const isDropped = segment.filter.drops(segment.bytes, at)
    at += batch.bytes.length
    return isDropped
  })
  assert.equal(at, segment.end)
  assert.deepEqual(drops, [true, true, false])
})

test('a small answer is copied out of its frame; a large one keeps it until its queue is dropped', async () => {
  for (const [batches, isHeld] of [
    [1, false],
    [4, true],
  ] as const) {
    const { bytes } = plain(0, batches, 10_000)
    const fetch = { maxBytes: 131_072, maxPartitionBytes: 100_000, minBytes: 1, maxWaitMs: 10, rack: '' }
    await using setup = await FetcherSetup.start(
      (ask) => (ask.partitions[0]?.offset === 0 ? { sessionId: 1, partitions: [part(0, { records: bytes })] } : 'hang'),
      { fetch },
    )
    const copy = setup.add()
    await setup.untilCall('arrived')
    await waitUntil(() => setup.asks.length >= 2, 'the next fetch')
    // The next answer has its own frame already.
    assert.equal(setup.frames.free, setup.frames.most - (isHeld ? 2 : 1))
    copy.dropQueue()
    assert.equal(setup.frames.free, setup.frames.most - 1)
  }
})

test('an answer larger than any frame is accepted', async () => {
  const { bytes } = plain(0, 1, 300_000)
  await using setup = await FetcherSetup.start((ask) =>
    ask.partitions[0]?.offset === 0 ? { sessionId: 1, partitions: [part(0, { records: bytes })] } : undefined,
  )
  const copy = setup.add()
  await setup.untilCall('arrived')
  const [segment] = copy.queue.segments
  assert.equal(segment && segment.end - segment.at, bytes.length)
})

test('partitions that were not requested, and empty ones, are ignored', async () => {
  await using setup = await FetcherSetup.start(() => ({
    sessionId: 1,
    partitions: [{ ...part(8), topic: 'another' }, part(5, { error: 3 }), part(0, { records: Buffer.alloc(0) })],
  }))
  const copy = setup.add()
  await setup.untilCall('nothing', 3)
  assert.ok(setup.calls.every(([what, partition]) => what === 'nothing' && partition === 0))
  assert.equal(copy.source.end, 1000)
})

test('records that the source lists and never returns are reported after five seconds', async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.now() })
  try {
    await using setup = await FetcherSetup.start(() => ({ sessionId: 1, partitions: [part(0, { highWatermark: 5 })] }))
    setup.add()
    for (let second = 0; second < 4; second++) {
      await setup.asked(3)
      mock.timers.tick(1001)
    }
    assert.ok(setup.calls.every(([what]) => what === 'nothing'))
    mock.timers.tick(1001)
    assert.deepEqual(await setup.untilCall('unfit'), ['unfit', 0, 'CORRUPT_BATCH'])
  } finally {
    mock.timers.reset()
  }
})
