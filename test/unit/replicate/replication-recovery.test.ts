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
import { soon } from './data-path-parts.ts'
import { type Piece, SourceLog } from './source-log.ts'

/** Batches that are too large to be joined. */
const large = (count: number): Piece[] =>
  Array.from({ length: count }, () => ({ kind: 'plain', records: 2, size: 40_000 }))

class World implements AsyncDisposable {
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

  static async with(...pieces: readonly Piece[]): Promise<World> {
    return new World([await ScriptedCluster.start(), await ScriptedCluster.start()], pieces)
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
    await soon(
      () => this.#flow?.isDone === true,
      () => this.#flow?.standing ?? '',
    )
    await soon(() => this.targetCluster.zombies === 0, 'the last requests')
  }

  async untilFailure(code: FailureCode, times = 1): Promise<void> {
    const count = () => this.reported.filter((one) => one === code).length
    await soon(
      () => count() >= times,
      () => `${code}; heard ${this.reported.join()}`,
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
const produced = (world: World) => world.targetCluster.brokers.flatMap((broker) => broker.asked(API.PRODUCE)).length

/** Replaces the source log by one with other records, as after a lost log. @returns the new log */
function replaceSource(world: World): SourceLog {
  world.stored.set(0, { sourceNext: 0, targetNext: 0, sequence: 0 })
  const others = new SourceLog(0).add({ kind: 'plain', records: 4, size: 500 }, { kind: 'plain', records: 2 })
  world.source.batches.length = 0
  for (const batch of others.batches) world.source.store(batch)
  return others
}

// The tests mostly wait, so they run concurrently.
suite('after a mishap', { concurrency: true }, () => {
  test('a batch that was appended while its answer was lost counts as acknowledged, and is not sent again', async () => {
    await using world = await World.with(...large(3))
    world.breakProduce(undefined, 'lose')
    await world.copies()
    await world.done()
    assert.deepEqual(world.held, world.visible)
    assert.deepEqual([world.acknowledged, world.copy.position.records], [6, 6])
  })

  test('a batch that never reached the target is fetched and sent again with the same sequence number', async () => {
    await using world = await World.with(...large(3))
    world.breakProduce(undefined, 'cut')
    await world.copies()
    await world.done()
    assert.deepEqual(world.held, world.visible)
    assert.equal(world.acknowledged, 6)
    assert.equal(world.target.producers[0]?.lastSequence, 5)
  })

  test('a request that is appended after its connection ended is waited for, even the first one', async () => {
    for (const faults of [[{ zombieMs: 400 }], [undefined, { zombieMs: 150 }]] as const) {
      await using world = await World.with(...large(3))
      world.breakProduce(...faults)
      await world.copies()
      await world.done()
      assert.deepEqual(world.held, world.visible)
    }
  })

  test("a request appended after the partition has continued is not regarded as another writer's", async () => {
    await using world = await World.with(...large(4))
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    world.breakProduce(undefined, { zombieUntil: released })
    let since = -1
    world.sourceCluster.errorOf = (apiKey) => {
      if (apiKey !== API.FETCH) return 0
      const { state, position, queue } = world.copy
      const hasGoneOn = state === 'copying' && !position.mayBeAhead && queue.inFlight.length === 0
      if (since < 0 && world.targetCluster.zombies > 0 && world.reported.length > 0 && hasGoneOn) {
        since = world.reported.length
        release()
      }
      // Nothing is sent again before it has been appended, and the partition has failed once more.
      const isOver = since >= 0 && world.reported.slice(since).includes('LEADER_MOVED')
      return isOver || world.acknowledged === 0 ? 0 : 6
    }
    await world.copies()
    await world.done()
    assert.ok(since > 0)
    assert.deepEqual([world.held, world.copy.position.hasForeignWriter], [world.visible, false])
    assert.deepEqual(world.copy.position.anchor, { sourceNext: 8, targetNext: 8, sequence: 8 })
  })

  test('records with old timestamps, whose producer state is dropped at once, are copied once too', async () => {
    await using world = await World.with(...large(3).map((piece) => ({ ...piece, age: 3 * 24 * 3600 * 1000 })))
    world.breakProduce(undefined, 'lose', { zombieMs: 300 })
    const fault = world.targetCluster.fault
    world.targetCluster.fault = (apiKey) => {
      world.target.expire(Date.now())
      return fault(apiKey)
    }
    await world.copies()
    await world.done()
    assert.deepEqual(world.held, world.visible)
  })

  test('after a restart records after the stored position that the target has are not sent again', async () => {
    await using world = await World.with(...large(2), { kind: 'aborted', records: 2 }, { kind: 'holes', records: 3 })
    await world.copies()
    await world.done()
    const before = produced(world)
    world.stored.set(0, { sourceNext: 0, targetNext: 0, sequence: 0 })
    await world.copies()
    await world.done()
    assert.deepEqual([world.held, produced(world)], [world.visible, before])
    assert.deepEqual(world.copy.position.anchor, { sourceNext: world.written.end, targetNext: 7, sequence: 7 })
  })

  test('where DescribeProducers is not supported, the target log is read once its end offset is stable', async () => {
    await using world = await World.with(...large(2))
    for (const broker of world.targetCluster.brokers) {
      broker.offered = new Map(ranges)
      ;(broker.offered as Map<number, unknown>).delete(API.DESCRIBE_PRODUCERS)
    }
    world.breakProduce(undefined, 'lose')
    await world.copies()
    await world.done()
    assert.deepEqual(world.held, world.visible)
  })

  test('a target that ends with another record than the source quarantines the partition at each retry', async () => {
    await using world = await World.with(...large(2))
    await world.copies()
    await world.done()
    replaceSource(world)
    const held = world.held
    const flow = await world.copies()
    for (let times = 1; times <= 3; times++) {
      await world.untilFailure('DUPLICATES_POSSIBLE', times)
      assert.equal(world.copy.position.mayBeAhead, true)
      flow.replication.retryNow()
    }
    assert.deepEqual(world.held, held, 'nothing may be sent')
  })

  test('with at-least-once unproved records are copied again and counted, and nothing is reported', async () => {
    await using world = await World.with(...large(2))
    await world.copies()
    await world.done()
    const others = replaceSource(world)
    const held = world.held
    await world.copies({ onDoubt: 'at-least-once' })
    await world.done()
    assert.deepEqual(world.held, [...held, ...valuesOf(others.visible)])
    assert.equal(world.copy.position.doubtful, 4)
  })

  test('nothing is written to a target that has lost acknowledged records', async () => {
    await using world = await World.with(...large(2))
    world.stored.set(0, { sourceNext: 2, targetNext: 2, sequence: 2 })
    await world.copies()
    await world.untilFailure('TARGET_TRUNCATED')
    assert.deepEqual([world.held, produced(world)], [[], 0])
  })

  test('records of another writer are detected, and ours are still copied once', async () => {
    await using world = await World.with(...large(4))
    const foreign = encodeBatch([{ timestamp: Date.now(), key: null, value: Buffer.from('foreign'), headers: [] }], {
      stamp: { idHigh: 0, idLow: 5, epoch: 0 },
      sequence: 0,
    })
    let requests = 0
    world.targetCluster.fault = (apiKey) => {
      if (apiKey === API.PRODUCE && ++requests === 2) world.target.append(foreign)
      return apiKey === API.PRODUCE && requests === 4 ? 'lose' : undefined
    }
    await world.copies()
    await world.done()
    assert.deepEqual(
      world.held.filter((value) => value !== 'foreign'),
      world.visible,
    )
    assert.equal(world.copy.position.hasForeignWriter, true)
  })

  test('a gap on the source is skipped and counted, or stops the partition, as configured', async () => {
    for (const onGap of ['continue', 'stop'] as const) {
      await using world = await World.with(...large(4))
      let fetches = 0
      world.sourceCluster.fault = (apiKey) => {
        // After the first answer retention deletes the next records.
        if (apiKey === API.FETCH && ++fetches === 2) {
          world.source.batches.splice(0, 3)
          world.source.start = 6
        }
        return undefined
      }
      const fetch = { maxBytes: 65_536, maxPartitionBytes: 8192, minBytes: 1, maxWaitMs: 10, rack: '' }
      await world.copies({ onGap, fetch })
      if (onGap === 'stop') {
        await world.untilFailure('OFFSET_OUT_OF_RANGE')
        assert.equal(world.held.length, 2)
      } else {
        await world.done()
        assert.deepEqual(world.held, [...world.visible.slice(0, 2), ...world.visible.slice(6)])
        assert.equal(world.copy.position.missed, 4)
      }
    }
  })

  test('nothing is copied from a source that ends before the copied position', async () => {
    await using world = await World.with(...large(2))
    await world.copies()
    await world.done()
    const held = world.held
    const shorter = new ScriptedLog()
    shorter.store(world.source.batches[0] as (typeof world.source.batches)[number])
    world.sourceCluster.add('orders', [shorter])
    Object.assign(world.source, { batches: shorter.batches })
    world.source.store(shorter.batches[0] as (typeof shorter.batches)[number])
    world.sourceCluster.move('orders', 0)
    await world.untilFailure('SOURCE_TRUNCATED')
    assert.deepEqual(world.held, held)
  })

  test('a lower limit of the target is read, and batches are split', async () => {
    await using world = await World.with({ kind: 'plain', records: 8, size: 400 })
    world.target.maxMessageBytes = 1000
    await world.copies()
    await world.done()
    assert.deepEqual(world.held, world.visible)
    assert.ok(world.target.batches.every((batch) => batch.bytes.length <= 1000))
  })

  test("a record above the target's limit stops the partition there, until the limit is raised", async () => {
    await using world = await World.with({ kind: 'plain', records: 2 }, { kind: 'plain', records: 1, size: 5000 })
    world.target.maxMessageBytes = 1000
    const flow = await world.copies()
    await world.untilFailure('TOO_LARGE')
    assert.deepEqual([world.held, world.copy.position.next], [world.visible.slice(0, 2), 2])
    flow.replication.retryNow()
    await world.untilFailure('TOO_LARGE', 2)
    assert.deepEqual([world.held, world.copy.state], [world.visible.slice(0, 2), 'quarantined'])
    world.target.maxMessageBytes = 10_000
    flow.replication.retryNow()
    await world.done()
    assert.deepEqual(world.held, world.visible)
  })

  test('a target leader that moves while an answer is late causes no missing or duplicated record', async () => {
    await using world = await World.with(...large(8))
    // One fetch returns everything, and the first batch is sent alone. Nothing else causes a request to the new leader.
    const fetch = { maxBytes: 700_000, maxPartitionBytes: 700_000, minBytes: 1, maxWaitMs: 10, rack: '' }
    let requests = 0
    let moved = 0
    world.targetCluster.fault = (apiKey) => {
      if (apiKey !== API.PRODUCE || ++requests !== 1) return undefined
      world.targetCluster.move('old.orders', 0)
      moved++
      return { delayMs: 60 }
    }
    const flow = await world.copies({ fetch })
    await soon(() => moved === 1, 'the move')
    await flow.lookAgain()
    await world.done()
    assert.deepEqual(world.held, world.visible)
  })

  test('a moved leader of the source is followed', async () => {
    await using world = await World.with(...large(5))
    let fetches = 0
    world.sourceCluster.fault = (apiKey) => {
      if (apiKey === API.FETCH && ++fetches === 2) world.sourceCluster.move('orders', 0)
      return undefined
    }
    await world.copies()
    await world.done()
    assert.deepEqual(world.held, world.visible)
  })
})
