// The data path after one particular fault, between two scripted clusters: it looks at the target log and continues after its
// last record.
import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { FailureCode } from '../../../src/base/failure.ts'
import { decodeBatch, encodeBatch } from '../../../src/batch/records.ts'
import type { Anchor } from '../../../src/mirror/copied-partition.ts'
import { API, ranges } from '../../harness/scripted/bodies.ts'
import { type Fault, ScriptedCluster } from '../../harness/scripted/cluster.ts'
import { ScriptedLog } from '../../harness/scripted/partition-log.ts'
import { DataPath } from './data-path.ts'
import { waitUntil } from './data-path-parts.ts'
import { type Piece, SourceLog } from './source-log.ts'

/** Batches that are too large to be joined. */
const large = (count: number): Piece[] =>
  Array.from({ length: count }, () => ({ kind: 'plain', records: 2, size: 40_000 }))

class Setup implements AsyncDisposable {
  readonly written: SourceLog
  readonly source: ScriptedLog
  readonly target = new ScriptedLog()
  readonly stored = new Map<number, Anchor>()
  readonly reported: FailureCode[] = []
  acknowledged = 0
  readonly sourceCluster: ScriptedCluster
  readonly targetCluster: ScriptedCluster
  #flow: DataPath | undefined

  private constructor(clusters: readonly [ScriptedCluster, ScriptedCluster], pieces: readonly Piece[]) {
    this.sourceCluster = clusters[0]
    this.targetCluster = clusters[1]
    this.written = new SourceLog().add(...pieces)
    this.source = new ScriptedLog()
    for (const batch of this.written.batches) this.source.store({ ...batch, bytes: Buffer.from(batch.bytes) })
    this.source.aborted.push(...this.written.aborted)
    this.sourceCluster.add('orders', [this.source])
    this.targetCluster.add('old.orders', [this.target])
  }

  static async with(...pieces: readonly Piece[]): Promise<Setup> {
    return new Setup([await ScriptedCluster.start(), await ScriptedCluster.start()], pieces)
  }

  /** Starts a process that copies; an earlier one is killed. */
  async copies(settings: object = {}): Promise<DataPath> {
    await this.#flow?.[Symbol.asyncDispose]()
    this.#flow = new DataPath({
      ...{
        source: this.sourceCluster,
        target: this.targetCluster,
        sources: [this.source],
        stored: this.stored,
        settings,
      },
      // The target's current limit, which may differ from the one known when copying started.
      maxMessageBytes: () => Math.min(1_000_000, this.target.maxMessageBytes),
      observer: {
        troubled: ({ code }) => this.reported.push(code),
        acknowledged: ({ records }) => {
          this.acknowledged += records
        },
      },
    })
    await this.#flow.start()
    return this.#flow
  }

  get copy() {
    const [copy] = this.#flow?.copies ?? []
    assert.ok(copy)
    return copy
  }

  async done(): Promise<void> {
    await waitUntil(
      () => this.#flow?.isDone === true,
      () => this.#flow?.standing ?? '',
    )
    await waitUntil(() => this.targetCluster.zombies === 0, 'the last requests')
  }

  async untilFailure(code: FailureCode, times = 1): Promise<void> {
    const count = () => this.reported.filter((one) => one === code).length
    await waitUntil(
      () => count() >= times,
      () => `${code}; calls ${this.reported.join()}`,
    )
  }

  /** Sets the faults of the next Produce requests. */
  breakProduce(...faults: readonly (Fault | undefined)[]): void {
    const left = [...faults]
    this.targetCluster.fault = (apiKey) => (apiKey === API.PRODUCE ? left.shift() : undefined)
  }

  get held(): string[] {
    return valuesOf(this.target.batches.flatMap(({ bytes }) => decodeBatch(bytes, 0, bytes.length)))
  }

  get visible(): string[] {
    return valuesOf(this.written.visible)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flow?.[Symbol.asyncDispose]()
    await Promise.all([this.sourceCluster, this.targetCluster].map((cluster) => cluster[Symbol.asyncDispose]()))
  }
}

const valuesOf = (records: readonly { value: Buffer | null }[]) =>
  records.map(({ value }) => String(value).replaceAll('.', ''))

/** The number of Produce requests sent. */
const produced = (setup: Setup) => setup.targetCluster.brokers.flatMap((broker) => broker.asked(API.PRODUCE)).length

/** Replaces the source log by one with other records, as after a lost log. @returns the new log */
function replaceSource(setup: Setup): SourceLog {
  setup.stored.set(0, { sourceNext: 0, targetNext: 0, sequence: 0 })
  const others = new SourceLog(0).add({ kind: 'plain', records: 4, size: 500 }, { kind: 'plain', records: 2 })
  setup.source.batches.length = 0
  for (const batch of others.batches) setup.source.store(batch)
  return others
}

// The tests mostly wait, so they run concurrently.
suite('after a fault', { concurrency: true }, () => {
  test('a batch that was appended while its answer was lost counts as acknowledged, and is not sent again', async () => {
    await using setup = await Setup.with(...large(3))
    setup.breakProduce(undefined, 'lose')
    await setup.copies()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
    assert.deepEqual([setup.acknowledged, setup.copy.position.records], [6, 6])
  })

  test('a batch that never reached the target is fetched and sent again with the same sequence number', async () => {
    await using setup = await Setup.with(...large(3))
    setup.breakProduce(undefined, 'cut')
    await setup.copies()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
    assert.equal(setup.acknowledged, 6)
    assert.equal(setup.target.producers[0]?.lastSequence, 5)
  })

  test('a request that is appended after its connection ended is waited for, even the first one', async () => {
    for (const faults of [[{ zombieMs: 400 }], [undefined, { zombieMs: 150 }]] as const) {
      await using setup = await Setup.with(...large(3))
      setup.breakProduce(...faults)
      await setup.copies()
      await setup.done()
      assert.deepEqual(setup.held, setup.visible)
    }
  })

  test("a request appended after the partition has continued is not regarded as another writer's", async () => {
    await using setup = await Setup.with(...large(4))
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    setup.breakProduce(undefined, { zombieUntil: released })
    let since = -1
    setup.sourceCluster.errorOf = (apiKey) => {
      if (apiKey !== API.FETCH) return 0
      const { state, position, queue } = setup.copy
      const hasGoneOn = state === 'copying' && !position.mayBeAhead && queue.inFlight.length === 0
      if (since < 0 && setup.targetCluster.zombies > 0 && setup.reported.length > 0 && hasGoneOn) {
        since = setup.reported.length
        release()
      }
      // Nothing is sent again before it has been appended, and the partition has failed once more.
      const isOver = since >= 0 && setup.reported.slice(since).includes('LEADER_MOVED')
      return isOver || setup.acknowledged === 0 ? 0 : 6
    }
    await setup.copies()
    await setup.done()
    assert.ok(since > 0)
    assert.deepEqual([setup.held, setup.copy.position.hasForeignWriter], [setup.visible, false])
    assert.deepEqual(setup.copy.position.anchor, { sourceNext: 8, targetNext: 8, sequence: 8 })
  })

  test('records with old timestamps, whose producer state is dropped at once, are copied once too', async () => {
    await using setup = await Setup.with(...large(3).map((piece) => ({ ...piece, age: 3 * 24 * 3600 * 1000 })))
    setup.breakProduce(undefined, 'lose', { zombieMs: 300 })
    const fault = setup.targetCluster.fault
    setup.targetCluster.fault = (apiKey) => {
      setup.target.expire(Date.now())
      return fault(apiKey)
    }
    await setup.copies()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
  })

  test('after a restart records after the stored position that the target has are not sent again', async () => {
    await using setup = await Setup.with(...large(2), { kind: 'aborted', records: 2 }, { kind: 'holes', records: 3 })
    await setup.copies()
    await setup.done()
    const before = produced(setup)
    setup.stored.set(0, { sourceNext: 0, targetNext: 0, sequence: 0 })
    await setup.copies()
    await setup.done()
    assert.deepEqual([setup.held, produced(setup)], [setup.visible, before])
    assert.deepEqual(setup.copy.position.anchor, { sourceNext: setup.written.end, targetNext: 7, sequence: 7 })
  })

  test('where DescribeProducers is not supported, the target log is read once its end offset is stable', async () => {
    await using setup = await Setup.with(...large(2))
    for (const broker of setup.targetCluster.brokers) {
      broker.offered = new Map(ranges)
      ;(broker.offered as Map<number, unknown>).delete(API.DESCRIBE_PRODUCERS)
    }
    setup.breakProduce(undefined, 'lose')
    await setup.copies()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
  })

  test('a target that ends with another record than the source quarantines the partition at each retry', async () => {
    await using setup = await Setup.with(...large(2))
    await setup.copies()
    await setup.done()
    replaceSource(setup)
    const held = setup.held
    const flow = await setup.copies()
    for (let times = 1; times <= 3; times++) {
      await setup.untilFailure('DUPLICATES_POSSIBLE', times)
      assert.equal(setup.copy.position.mayBeAhead, true)
      flow.replication.retryNow()
    }
    assert.deepEqual(setup.held, held, 'nothing may be sent')
  })

  test('with at-least-once unproved records are copied again and counted, and nothing is reported', async () => {
    await using setup = await Setup.with(...large(2))
    await setup.copies()
    await setup.done()
    const others = replaceSource(setup)
    const held = setup.held
    await setup.copies({ onDoubt: 'at-least-once' })
    await setup.done()
    assert.deepEqual(setup.held, [...held, ...valuesOf(others.visible)])
    assert.equal(setup.copy.position.doubtful, 4)
  })

  test('nothing is written to a target that has lost acknowledged records', async () => {
    await using setup = await Setup.with(...large(2))
    setup.stored.set(0, { sourceNext: 2, targetNext: 2, sequence: 2 })
    await setup.copies()
    await setup.untilFailure('TARGET_TRUNCATED')
    assert.deepEqual([setup.held, produced(setup)], [[], 0])
  })

  test('records of another writer are detected, and ours are still copied once', async () => {
    await using setup = await Setup.with(...large(4))
    const foreign = encodeBatch([{ timestamp: Date.now(), key: null, value: Buffer.from('foreign'), headers: [] }], {
      stamp: { idHigh: 0, idLow: 5, epoch: 0 },
      sequence: 0,
    })
    let requests = 0
    setup.targetCluster.fault = (apiKey) => {
      if (apiKey === API.PRODUCE && ++requests === 2) setup.target.append(foreign)
      return apiKey === API.PRODUCE && requests === 4 ? 'lose' : undefined
    }
    await setup.copies()
    await setup.done()
    assert.deepEqual(
      setup.held.filter((value) => value !== 'foreign'),
      setup.visible,
    )
    assert.equal(setup.copy.position.hasForeignWriter, true)
  })

  test('a gap on the source is skipped and counted, or stops the partition, as configured', async () => {
    for (const onGap of ['continue', 'stop'] as const) {
      await using setup = await Setup.with(...large(4))
      let fetches = 0
      setup.sourceCluster.fault = (apiKey) => {
        // After the first answer retention deletes the next records.
        if (apiKey === API.FETCH && ++fetches === 2) {
          setup.source.batches.splice(0, 3)
          setup.source.start = 6
        }
        return undefined
      }
      const fetch = { maxBytes: 65_536, maxPartitionBytes: 8192, minBytes: 1, maxWaitMs: 10, rack: '' }
      await setup.copies({ onGap, fetch })
      if (onGap === 'stop') {
        await setup.untilFailure('OFFSET_OUT_OF_RANGE')
        assert.equal(setup.held.length, 2)
      } else {
        await setup.done()
        assert.deepEqual(setup.held, [...setup.visible.slice(0, 2), ...setup.visible.slice(6)])
        assert.equal(setup.copy.position.missed, 4)
      }
    }
  })

  test('nothing is copied from a source that ends before the copied position', async () => {
    await using setup = await Setup.with(...large(2))
    await setup.copies()
    await setup.done()
    const held = setup.held
    const shorter = new ScriptedLog()
    shorter.store(setup.source.batches[0] as (typeof setup.source.batches)[number])
    setup.sourceCluster.add('orders', [shorter])
    Object.assign(setup.source, { batches: shorter.batches })
    setup.source.store(shorter.batches[0] as (typeof shorter.batches)[number])
    setup.sourceCluster.move('orders', 0)
    await setup.untilFailure('SOURCE_TRUNCATED')
    assert.deepEqual(setup.held, held)
  })

  test('a lower limit of the target is read, and batches are split', async () => {
    await using setup = await Setup.with({ kind: 'plain', records: 8, size: 400 })
    setup.target.maxMessageBytes = 1000
    await setup.copies()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
    assert.ok(setup.target.batches.every((batch) => batch.bytes.length <= 1000))
  })

  test("a record above the target's limit stops the partition there, until the limit is raised", async () => {
    await using setup = await Setup.with({ kind: 'plain', records: 2 }, { kind: 'plain', records: 1, size: 5000 })
    setup.target.maxMessageBytes = 1000
    const flow = await setup.copies()
    await setup.untilFailure('TOO_LARGE')
    assert.deepEqual([setup.held, setup.copy.position.next], [setup.visible.slice(0, 2), 2])
    flow.replication.retryNow()
    await setup.untilFailure('TOO_LARGE', 2)
    assert.deepEqual([setup.held, setup.copy.state], [setup.visible.slice(0, 2), 'quarantined'])
    setup.target.maxMessageBytes = 10_000
    flow.replication.retryNow()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
  })

  test('a target leader that moves while an answer is late causes no missing or duplicated record', async () => {
    await using setup = await Setup.with(...large(8))
    // One fetch returns everything, and the first batch is sent alone. Nothing else causes a request to the new leader.
    const fetch = { maxBytes: 700_000, maxPartitionBytes: 700_000, minBytes: 1, maxWaitMs: 10, rack: '' }
    let requests = 0
    let moved = 0
    setup.targetCluster.fault = (apiKey) => {
      if (apiKey !== API.PRODUCE || ++requests !== 1) return undefined
      setup.targetCluster.move('old.orders', 0)
      moved++
      return { delayMs: 60 }
    }
    const flow = await setup.copies({ fetch })
    await waitUntil(() => moved === 1, 'the move')
    await flow.lookAgain()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
  })

  test('a moved leader of the source is followed', async () => {
    await using setup = await Setup.with(...large(5))
    let fetches = 0
    setup.sourceCluster.fault = (apiKey) => {
      if (apiKey === API.FETCH && ++fetches === 2) setup.sourceCluster.move('orders', 0)
      return undefined
    }
    await setup.copies()
    await setup.done()
    assert.deepEqual(setup.held, setup.visible)
  })
})
