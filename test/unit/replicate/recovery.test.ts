// Recovery: where copying starts, and what is read from the target before it continues, with scripted answers of both clusters.
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

/** Two clusters whose answers are defined here. */
class Setup {
  source = { start: 0, end: 1000 }
  /** last stable offset of the source, if a transaction is open */
  stable: number | undefined
  target = { start: 0, end: 0 }
  /** the last sequence number in the target leader's producer state for us */
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

  /** Recovers every 100 ms, as replication does after a failure. @returns how often it had to wait */
  async recoverAtRest(copy: PartitionCopy): Promise<number> {
    for (let waits = 0; waits < 100; waits++) {
      const failure = await this.recover(copy)
      if (!failure) return waits
      assert.equal(failure.code, 'BROKER_BUSY')
      copy.abandon('recovering')
      mock.timers.tick(100)
    }
    return assert.fail('the end offset never became stable')
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

/** A partition as restored after a restart. */
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

test('a partition without producer state on the target waits until its end offset is stable', async () => {
  const setup = new Setup()
  setup.target.end = 40
  const copy = restored(40, 40)
  assert.equal(await setup.recoverAtRest(copy), 20)
  assert.equal(copy.state, 'copying')
  assert.equal(copy.source.next, 40)
})

test('an end offset that changes meanwhile is not stable', async () => {
  const setup = new Setup()
  setup.target.end = 40
  const copy = restored(40, 40)
  assert.equal((await setup.recover(copy))?.code, 'BROKER_BUSY')
  setup.target.end = 41
  setup.found = { ours: 1, doubled: 0, foreign: 0, proof: '' }
  assert.equal(await setup.recoverAtRest(copy), 20)
  assert.equal(copy.queue.arrived?.left ?? 0, 1)
})

test('the first sequence number is the source offset, or the next one of existing producer state', async () => {
  const setup = new Setup()
  setup.stored = 449
  const fresh = new PartitionCopy(topic, 0)
  assert.equal(await setup.recover(fresh), undefined)
  assert.deepEqual([fresh.source.next, fresh.queue.sequence], [450, 450])
  setup.isNewProducer = false
  setup.lastSequence = 349
  setup.target.end = 400
  const again = new PartitionCopy(topic, 0)
  assert.equal(await setup.recover(again), undefined)
  assert.deepEqual([again.source.next, again.queue.sequence, again.queue.targetNext], [450, 350, 400])
})

test('a stored offset beyond an open transaction is no truncation, one beyond the log end is', async () => {
  const setup = new Setup()
  setup.stable = 400
  setup.stored = 449
  const copy = new PartitionCopy(topic, 0)
  assert.equal(await setup.recover(copy), undefined)
  assert.deepEqual([copy.source.next, copy.source.end], [450, 400])
  setup.stored = 1000
  assert.equal((await setup.recover(new PartitionCopy(topic, 0)))?.code, 'SOURCE_TRUNCATED')
})

test('an anchor that could not be stored is discarded, so that it is stored before anything is sent', async () => {
  const setup = new Setup()
  setup.keepFails = true
  const copy = new PartitionCopy(topic, 0)
  await assert.rejects(setup.recover(copy))
  assert.equal(copy.position.anchor, undefined)
})

test('records in flight that the target has are acknowledged, the others are fetched again', async () => {
  const setup = new Setup()
  const copy = restored(100, 100)
  copy.begin({ sourceNext: 100, targetNext: 100, sequence: 100 }, { sequence: 100, targetNext: 100 })
  copy.queue.launch(sentBefore(110))
  copy.queue.launch(sentBefore(125))
  copy.abandon('recovering')
  setup.lastSequence = 109
  setup.target.end = 110
  assert.equal(await setup.recover(copy), undefined)
  assert.deepEqual(
    [copy.position.next, copy.source.next, copy.queue.sequence, copy.queue.targetNext],
    [110, 110, 110, 110],
  )
  assert.equal(setup.arrivedAfterAll.length, 1)
  assert.equal(setup.searches, 0)
})

test('the anchor is after acknowledged records in flight, including skipped offsets after them', async () => {
  const setup = new Setup()
  const copy = restored(100, 100)
  copy.begin({ sourceNext: 100, targetNext: 100, sequence: 100 }, { sequence: 100, targetNext: 100 })
  copy.queue.launch(sentBefore(112))
  copy.abandon('recovering')
  // A request of an earlier attempt, with other batches, was appended too.
  setup.lastSequence = 115
  setup.target.end = 116
  assert.equal(await setup.recover(copy), undefined)
  assert.deepEqual(copy.position.anchor, { sourceNext: 112, targetNext: 110, sequence: 110 })
})

test('records with old timestamps are sent again only when a late append is impossible', async () => {
  for (const old of [true, false]) {
    const setup = new Setup()
    const copy = restored(100, 100)
    copy.begin({ sourceNext: 100, targetNext: 100, sequence: 100 }, { sequence: 100, targetNext: 100 })
    copy.queue.launch(sentBefore(112, old))
    copy.abandon('recovering')
    setup.lastSequence = 99
    setup.target.end = 100
    assert.equal(await setup.recoverAtRest(copy), old ? 20 : 0)
  }
})

test('records appended after the producer state was read are counted at the next attempt', async () => {
  const setup = new Setup()
  const copy = restored(100, 100)
  setup.lastSequence = 99
  setup.target.end = 110
  setup.found = { ours: 10, doubled: 0, foreign: 0, proof: '' }
  assert.equal((await setup.recover(copy))?.code, 'BROKER_BUSY')
  setup.lastSequence = 109
  assert.equal(await setup.recover(copy), undefined)
  assert.equal(copy.queue.arrived?.left, 10)
})

test('a target whose producer state is before an acknowledged record has lost records, whatever its end', async () => {
  const setup = new Setup()
  setup.lastSequence = 90
  setup.target.end = 120
  const failure = await setup.recover(restored(100, 100))
  assert.match(failure?.message ?? '', /was acknowledged up to 100, but .* an earlier one/)
})

test('records that the target has and the source has deleted are skipped, without a message if no gaps', async () => {
  const setup = new Setup()
  setup.lastSequence = 149
  setup.target.end = 150
  setup.found = { ours: 50, doubled: 0, foreign: 0, proof: 'digest' }
  setup.source.start = 120
  const some = restored(100, 100)
  assert.equal(await setup.recover(some), undefined)
  assert.deepEqual(
    [some.source.next, some.queue.arrived?.left ?? 0, some.queue.arrived?.proof, some.position.doubtful],
    [120, 30, 'digest', 0],
  )
  setup.source.start = 400
  const all = restored(100, 100)
  assert.equal(await setup.recover(all), undefined)
  assert.deepEqual(
    [all.position.next, all.queue.arrived?.left ?? 0, all.position.doubtful, all.position.anchor?.targetNext],
    [150, 0, 0, 150],
  )
})

test('on a source with offset gaps they cannot be proved: counted as doubtful, or the partition stops', async () => {
  const setup = new Setup()
  setup.lastSequence = 89
  setup.target.end = 90
  setup.found = { ours: 50, doubled: 0, foreign: 0, proof: 'digest' }
  setup.source.start = 400
  const copy = restored(100, 40, 40)
  assert.equal(await setup.recover(copy), undefined)
  assert.deepEqual([copy.position.doubtful, copy.queue.arrived?.left ?? 0], [50, 0])
  setup.onDoubt = 'stop'
  const failure = await setup.recover(restored(100, 40, 40))
  assert.equal(failure?.code, 'DUPLICATES_POSSIBLE')
})

test('records that the target has deleted or compacted do not keep a partition waiting', async () => {
  const setup = new Setup()
  setup.lastSequence = 149
  setup.target.end = 150
  const copy = restored(100, 100)
  assert.equal(await setup.recover(copy), undefined)
  assert.equal(copy.queue.arrived?.left ?? 0, 50)
})

test('a target that ends before an acknowledged record has lost records', async () => {
  const setup = new Setup()
  setup.target.end = 90
  const failure = await setup.recover(restored(100, 100))
  assert.equal(failure?.code, 'TARGET_TRUNCATED')
  assert.match(failure?.message ?? '', /ends at 90, but records were acknowledged up to 100/)
})
