// Settling: where copying begins, and what is learnt of the target before it goes on, against clusters played by numbers.
import assert from 'node:assert/strict'
import { beforeEach, mock, test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import type { FlowSettings } from '../../../src/model/flow-settings.ts'
import type { Sent } from '../../../src/replicate/partition/send-queue.ts'
import { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import { Recovery, type RecoveryParts } from '../../../src/replicate/recovery.ts'
import type { Findings } from '../../../src/replicate/target-log.ts'

const producer = 77n
const topic = {
  topic: 'orders',
  targetTopic: 'orders',
  sourceId: '',
  targetId: '',
  maxMessageBytes: 1_000_000,
  targetAppendTime: false,
  recodeTo: undefined,
  limitsRead: 0,
}

/** Two clusters that tell what is written here. */
class World {
  source = { start: 0, end: 1000 }
  /** last stable offset of the source, where a transaction is open */
  stable: number | undefined
  target = { start: 0, end: 0 }
  /** last sequence that the target's leader remembers of us */
  lastSequence: number | undefined
  found: Findings = { ours: 0, doubled: 0, foreign: 0, proof: '' }
  stored: number | undefined
  isNewProducer = true
  onDoubt: FlowSettings['onDoubt'] = 'at-least-once'
  keepFails = false
  readonly arrivedAfterAll: Sent[] = []
  searches = 0

  readonly recovery = new Recovery(this.#parts())

  async recover(copy: PartitionCopy): Promise<Failure | undefined> {
    for await (const { failure } of this.recovery.recover([copy])) return failure
    return undefined
  }

  /** Recovers every 100 ms, as replication does after a refusal; gives how often it had to wait. */
  async recoverAtRest(copy: PartitionCopy): Promise<number> {
    for (let waits = 0; waits < 100; waits++) {
      const failure = await this.recover(copy)
      if (!failure) return waits
      assert.equal(failure.code, 'BROKER_BUSY')
      copy.abandon('recovering')
      mock.timers.tick(100)
    }
    return assert.fail('it never came to rest')
  }

  #parts(): RecoveryParts {
    const offset = (of: number) => ({ offset: of, timestamp: -1, leaderEpoch: 0 })
    const listed = (side: (isolation?: string) => { start: number; end: number }) => ({
      listOffsets: (asked: readonly { at: 'earliest' | 'latest' | number }[], isolation: string) =>
        Promise.resolve(
          new Map(asked.map(({ at }) => ['orders-0', offset(at === 'earliest' ? side().start : side(isolation).end)])),
        ),
    })
    const state = () => ({
      producerId: producer,
      epoch: 0,
      lastSequence: this.lastSequence ?? -1,
      lastTimestamp: 0,
      coordinatorEpoch: -1,
      currentTransactionStart: -1,
    })
    const settings = {
      source: 'A',
      target: 'B',
      autoOffsetReset: 'earliest',
      start: [],
      newPartitions: 'earliest',
      onGap: 'continue',
      isolation: 'read_committed',
    }
    return {
      metadataOf: () => undefined,
      settings: new Proxy(settings, {
        get: (known, key) => (key === 'onDoubt' ? this.onDoubt : Reflect.get(known, key)),
      }) as unknown as FlowSettings,
      sourceAdmin: listed((isolation) => ({
        ...this.source,
        end: isolation === 'read_committed' ? (this.stable ?? this.source.end) : this.source.end,
      })),
      targetAdmin: {
        ...listed(() => this.target),
        describeProducers: () =>
          Promise.resolve(new Map([['orders-0', this.lastSequence === undefined ? [] : [state()]]])),
      },
      targetLog: {
        search: () => {
          this.searches++
          return Promise.resolve(this.found)
        },
      },
      log: silentLogger,
      targetLeader: () => ({ id: 1, host: 'localhost', port: 1 }),
      storedOffset: () => this.stored,
      isNew: () => false,
      firstStart: () => undefined,
      producerId: () => Promise.resolve({ id: producer, isNew: this.isNewProducer }),
      keep: () => (this.keepFails ? Promise.reject(new Failure('BROKER_BUSY', 'no')) : Promise.resolve()),
      arrivedAfterAll: (_copy, sent) => this.arrivedAfterAll.push(sent),
    }
  }
}

/** A partition as it is restored after a restart. */
function restored(sourceNext: number, targetNext: number, sequence = sourceNext): PartitionCopy {
  const copy = new PartitionCopy(topic, 0)
  copy.queue.stamp = { idHigh: 0, idLow: Number(producer), epoch: 0 }
  copy.position.anchor = { sourceNext, targetNext, sequence }
  copy.position.mayBeAhead = true
  return copy
}

/** Ten records in flight that end before this source offset. */
const sentBefore = (next: number, old = false): Sent => ({
  ...{ records: 10, bytes: 1, maxTimestamp: 1, old, limits: 0, at: 1, next, expected: -1, runs: [0, next - 10] },
})

beforeEach(() => {
  mock.timers.reset()
  mock.timers.enable({ apis: ['Date'] })
})

test('a partition without state on the target is settled in the end, however often it is refused meanwhile', async () => {
  const world = new World()
  world.target.end = 40
  const copy = restored(40, 40)
  assert.equal(await world.recoverAtRest(copy), 20)
  assert.equal(copy.state, 'copying')
  assert.equal(copy.source.next, 40)
})

test('an end that moves meanwhile is not stable', async () => {
  const world = new World()
  world.target.end = 40
  const copy = restored(40, 40)
  assert.equal((await world.recover(copy))?.code, 'BROKER_BUSY')
  world.target.end = 41
  world.found = { ours: 1, doubled: 0, foreign: 0, proof: '' }
  assert.equal(await world.recoverAtRest(copy), 20)
  assert.equal(copy.queue.arrived?.left ?? 0, 1)
})

test('the first sequence is the source offset; where the target remembers our producer, the one it demands', async () => {
  const world = new World()
  world.stored = 449
  const fresh = new PartitionCopy(topic, 0)
  assert.equal(await world.recover(fresh), undefined)
  assert.deepEqual([fresh.source.next, fresh.queue.sequence], [450, 450])
  world.isNewProducer = false
  world.lastSequence = 349
  world.target.end = 400
  const again = new PartitionCopy(topic, 0)
  assert.equal(await world.recover(again), undefined)
  assert.deepEqual([again.source.next, again.queue.sequence, again.queue.targetNext], [450, 350, 400])
})

test('a stored offset behind a transaction that is open now is no truncation, one behind the end is', async () => {
  const world = new World()
  world.stable = 400
  world.stored = 449
  const copy = new PartitionCopy(topic, 0)
  assert.equal(await world.recover(copy), undefined)
  assert.deepEqual([copy.source.next, copy.source.end], [450, 400])
  world.stored = 1000
  assert.equal((await world.recover(new PartitionCopy(topic, 0)))?.code, 'SOURCE_TRUNCATED')
})

test('an anchor that could not be stored is dropped, so that it is stored before anything is sent', async () => {
  const world = new World()
  world.keepFails = true
  const copy = new PartitionCopy(topic, 0)
  await assert.rejects(world.recover(copy))
  assert.equal(copy.position.anchor, undefined)
})

test('records in flight that arrived are acknowledged, the others are fetched again', async () => {
  const world = new World()
  const copy = restored(100, 100)
  copy.begin({ sourceNext: 100, targetNext: 100, sequence: 100 }, { sequence: 100, targetNext: 100 })
  copy.queue.launch(sentBefore(110))
  copy.queue.launch(sentBefore(125))
  copy.abandon('recovering')
  world.lastSequence = 109
  world.target.end = 110
  assert.equal(await world.recover(copy), undefined)
  assert.deepEqual(
    [copy.position.next, copy.source.next, copy.queue.sequence, copy.queue.targetNext],
    [110, 110, 110, 110],
  )
  assert.equal(world.arrivedAfterAll.length, 1)
  assert.equal(world.searches, 0)
})

test('what lies behind an acknowledged record in flight is anchored behind it', async () => {
  const world = new World()
  const copy = restored(100, 100)
  copy.begin({ sourceNext: 100, targetNext: 100, sequence: 100 }, { sequence: 100, targetNext: 100 })
  copy.queue.launch(sentBefore(112))
  copy.abandon('recovering')
  // A request of an earlier attempt, with other batches, came as well.
  world.lastSequence = 115
  world.target.end = 116
  assert.equal(await world.recover(copy), undefined)
  assert.deepEqual(copy.position.anchor, { sourceNext: 112, targetNext: 110, sequence: 110 })
})

test('records dated long ago are sent again only when nothing of them can come late', async () => {
  for (const old of [true, false]) {
    const world = new World()
    const copy = restored(100, 100)
    copy.begin({ sourceNext: 100, targetNext: 100, sequence: 100 }, { sequence: 100, targetNext: 100 })
    copy.queue.launch(sentBefore(112, old))
    copy.abandon('recovering')
    world.lastSequence = 99
    world.target.end = 100
    assert.equal(await world.recoverAtRest(copy), old ? 20 : 0)
  }
})

test('what was appended after the producer state was read is counted at the next attempt', async () => {
  const world = new World()
  const copy = restored(100, 100)
  world.lastSequence = 99
  world.target.end = 110
  world.found = { ours: 10, doubled: 0, foreign: 0, proof: '' }
  assert.equal((await world.recover(copy))?.code, 'BROKER_BUSY')
  world.lastSequence = 109
  assert.equal(await world.recover(copy), undefined)
  assert.equal(copy.queue.arrived?.left, 10)
})

test('a target that knows an earlier record last than it acknowledged has lost records, wherever it ends', async () => {
  const world = new World()
  world.lastSequence = 90
  world.target.end = 120
  const failure = await world.recover(restored(100, 100))
  assert.match(failure?.message ?? '', /was acknowledged up to 100, but .* an earlier one/)
})

test('records that arrived and are gone from the source since are passed over, without holes silently', async () => {
  const world = new World()
  world.lastSequence = 149
  world.target.end = 150
  world.found = { ours: 50, doubled: 0, foreign: 0, proof: 'digest' }
  world.source.start = 120
  const some = restored(100, 100)
  assert.equal(await world.recover(some), undefined)
  assert.deepEqual(
    [some.source.next, some.queue.arrived?.left ?? 0, some.queue.arrived?.proof, some.position.doubtful],
    [120, 30, 'digest', 0],
  )
  world.source.start = 400
  const all = restored(100, 100)
  assert.equal(await world.recover(all), undefined)
  assert.deepEqual(
    [all.position.next, all.queue.arrived?.left ?? 0, all.position.doubtful, all.position.anchor?.targetNext],
    [150, 0, 0, 150],
  )
})

test('the same on a source with holes cannot be proved: counted as doubtful, or left to a person', async () => {
  const world = new World()
  world.lastSequence = 89
  world.target.end = 90
  world.found = { ours: 50, doubled: 0, foreign: 0, proof: 'digest' }
  world.source.start = 400
  const copy = restored(100, 40, 40)
  assert.equal(await world.recover(copy), undefined)
  assert.deepEqual([copy.position.doubtful, copy.queue.arrived?.left ?? 0], [50, 0])
  world.onDoubt = 'stop'
  const failure = await world.recover(restored(100, 40, 40))
  assert.equal(failure?.code, 'DUPLICATES_POSSIBLE')
})

test('what the target has deleted or compacted since does not keep a partition waiting', async () => {
  const world = new World()
  world.lastSequence = 149
  world.target.end = 150
  const copy = restored(100, 100)
  assert.equal(await world.recover(copy), undefined)
  assert.equal(copy.queue.arrived?.left ?? 0, 50)
})

test('a target that ends before what it acknowledged has lost records', async () => {
  const world = new World()
  world.target.end = 90
  const failure = await world.recover(restored(100, 100))
  assert.equal(failure?.code, 'TARGET_TRUNCATED')
  assert.match(failure?.message ?? '', /ends at 90, but records were acknowledged up to 100/)
})
