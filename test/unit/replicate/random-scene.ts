// One random scene: two scripted clusters, faults determined by a seed, and the checks at its end.
import assert from 'node:assert/strict'
import { sleep } from '../../../src/base/retry.ts'
import { type BatchRecord, decodeBatch } from '../../../src/batch/records.ts'
import type { Anchor } from '../../../src/mirror/copied-partition.ts'
import { SEQUENCES } from '../../../src/replicate/partition/sequence.ts'
import { API } from '../../harness/scripted/bodies.ts'
import { type Fault, ScriptedCluster } from '../../harness/scripted/cluster.ts'
import { ScriptedLog } from '../../harness/scripted/partition-log.ts'
import { DataPath } from './data-path.ts'
import { waitUntil } from './data-path-parts.ts'
import { kinds, type Piece, SourceLog } from './source-log.ts'

const TOPIC = 'orders'
const TARGET = 'old.orders'
/** pause between two looks at a scene (ms); the scene fails after this many equal looks */
const LOOK_MS = 10
const STILL_LOOKS = 2500
const DAY_MS = 24 * 3600 * 1000

/** Random numbers from 0 to 1, determined by the seed (mulberry32). */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }

  /** from 0 to `below` - 1 */
  int(below: number): number {
    return Math.floor(this.next() * below)
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  one<T>(of: readonly T[]): T {
    return of[this.int(of.length)] as T
  }
}

/** Transient error codes. After some of them it is unknown whether a batch was appended. */
const PASSING = [-1, 3, 5, 6, 7, 7, 13, 19, 20, 20, 56, 74, 75, 78, 89]

export class Scene {
  readonly #random: SeededRandom
  readonly #sources: ScriptedLog[] = []
  readonly #targets: ScriptedLog[] = []
  readonly #writers: SourceLog[] = []
  /** how many batches of each source log were stored so far */
  readonly #given: number[] = []
  readonly #stored = new Map<number, Anchor>()
  #faultsLeft: number
  #restartsLeft: number
  #maxMessageBytes: number
  #acknowledged = 0
  #moved = false

  constructor(seed: number) {
    const random = new SeededRandom(seed)
    this.#random = random
    this.#faultsLeft = random.int(14)
    this.#restartsLeft = random.chance(0.5) ? 1 + random.int(2) : 0
    this.#maxMessageBytes = random.chance(0.2) ? 1500 : 1_000_000
    const isOld = random.chance(0.12)
    for (let partition = 0; partition < 1 + random.int(3); partition++) {
      const start = random.one([0, 0, 1000, SEQUENCES - 5])
      const written = new SourceLog(start)
      for (let pieces = 2 + random.int(12); pieces > 0; pieces--) written.add(this.#piece(isOld))
      const log = new ScriptedLog(start)
      log.aborted.push(...written.aborted)
      const target = new ScriptedLog(random.one([0, 0, 300]))
      target.maxMessageBytes = this.#maxMessageBytes
      this.#writers.push(written)
      this.#sources.push(log)
      this.#targets.push(target)
      this.#given.push(0)
      this.#give(partition, Math.ceil(written.batches.length * random.next()))
    }
  }

  async run(): Promise<void> {
    await using source = await ScriptedCluster.start()
    await using target = await ScriptedCluster.start()
    source.add(TOPIC, this.#sources)
    target.add(TARGET, this.#targets)
    for (const cluster of [source, target]) {
      cluster.fault = (apiKey) => this.#fault(apiKey, cluster === target)
      cluster.errorOf = (apiKey, { topic, partition }) => this.#error(apiKey, cluster, topic, partition)
    }
    while (!(await this.#process(source, target)));
    await waitUntil(() => source.zombies + target.zombies === 0, 'the last requests')
    this.#assertOnce()
  }

  /** Runs one process to its end or until it is killed. @returns whether everything was copied */
  async #process(source: ScriptedCluster, target: ScriptedCluster): Promise<boolean> {
    const killAt = this.#restartsLeft > 0 ? this.#acknowledged + this.#random.int(8) : Number.POSITIVE_INFINITY
    await using flow = new DataPath({
      ...{ source, target, sources: this.#sources, stored: this.#stored },
      maxMessageBytes: () => this.#maxMessageBytes,
      observer: {
        acknowledged: ({ partition }) => {
          this.#acknowledged++
          const anchor = flow.copies[partition]?.position.anchor
          if (anchor && this.#random.chance(0.3)) this.#stored.set(partition, anchor)
          this.#give(partition, 1 + this.#random.int(4))
        },
      },
    })
    await flow.start()
    const isAll = () => this.#writers.every(({ batches }, partition) => this.#given[partition] === batches.length)
    const isOver = () => {
      if (this.#moved) {
        this.#moved = false
        void flow.lookAgain()
      }
      if (flow.isDone && !isAll()) for (const partition of this.#given.keys()) this.#give(partition, 3)
      return this.#acknowledged >= killAt || (isAll() && flow.isDone)
    }
    await untilOver(isOver, flow)
    if (this.#acknowledged >= killAt) this.#restartsLeft--
    const isDone = isAll() && flow.isDone
    if (isDone) this.#assertMaps(flow)
    return isDone
  }

  /** Stores this many more batches on the source. */
  #give(partition: number, batches: number): void {
    const given = this.#given[partition] as number
    const more = (this.#writers[partition] as SourceLog).batches.slice(given, given + batches)
    for (const batch of more) this.#sources[partition]?.store({ ...batch, bytes: Buffer.from(batch.bytes) })
    this.#given[partition] = given + more.length
  }

  #piece(isOld: boolean): Piece {
    const random = this.#random
    const age = isOld && random.chance(0.7) ? 3 * DAY_MS : 0
    const size = random.one([12, 30, 200, 900])
    return { kind: random.one(kinds), records: 1 + random.int(6), codec: random.one([0, 0, 1, 3, 4]), size, age }
  }

  #fault(apiKey: number, isTarget: boolean): Fault | undefined {
    const random = this.#random
    const isHot = apiKey === API.PRODUCE || apiKey === API.FETCH
    if (isTarget && apiKey === API.PRODUCE && random.chance(0.2))
      for (const log of this.#targets) log.expire(Date.now())
    if (this.#faultsLeft === 0 || !random.chance(apiKey === API.PRODUCE ? 0.3 : isHot ? 0.08 : 0.1)) return undefined
    this.#faultsLeft--
    const faults: Fault[] = ['cut', 'lose', { delayMs: 1 + random.int(120) }, { cutAfter: 1 + random.int(60) }]
    faults.push({ pieceBytes: 5 + random.int(50) })
    if (apiKey === API.PRODUCE) faults.push({ zombieMs: 1 + random.int(300) }, { zombieMs: 1 + random.int(60) }, 'lose')
    if (apiKey === API.FETCH && !isTarget) faults.push({ keepBytes: 20 + random.int(400) })
    return random.one(faults)
  }

  #error(apiKey: number, cluster: ScriptedCluster, topic: string, partition: number): number {
    const random = this.#random
    if (this.#faultsLeft === 0 || !random.chance(0.05)) return 0
    this.#faultsLeft--
    if (random.chance(0.4)) {
      cluster.move(topic, partition)
      this.#moved = true
      return 0
    }
    return apiKey === API.PRODUCE || apiKey === API.FETCH ? random.one(PASSING) : random.one([5, 6, 7, 78])
  }

  /** The target has every visible record of the source once, in order. */
  #assertOnce(): void {
    for (const [partition, { visible }] of this.#writers.entries()) {
      const target = this.#targets[partition] as ScriptedLog
      const held = target.batches.flatMap(({ bytes }) => decodeBatch(bytes, 0, bytes.length))
      assert.deepEqual(values(held), values(visible), `partition ${partition}`)
      assert.deepEqual(withoutOffset(held), withoutOffset(visible))
      assert.deepEqual(
        held.map((record) => record.offset),
        held.map((_, i) => target.start + i),
      )
    }
  }

  /** The target offset of each record in a partition's map is right, and no record counts as doubtful. */
  #assertMaps(flow: DataPath): void {
    for (const { partition, position } of flow.copies) {
      const { visible } = this.#writers[partition] as SourceLog
      const target = this.#targets[partition] as ScriptedLog
      assert.deepEqual([position.doubtful, position.missed, position.hasForeignWriter], [0, 0, false])
      assert.equal(position.anchor?.targetNext, target.start + visible.length)
      const end = { upstream: position.next, downstream: position.anchor.targetNext }
      for (const [index, { offset }] of visible.entries()) {
        const found = position.map.locate(offset, end)
        if (found.kind === 'exact') assert.equal(found.downstream, target.start + index, `offset ${offset}`)
      }
    }
  }
}

/** Polls; fails if nothing has changed for many looks, which take longer on a busy machine. */
async function untilOver(isOver: () => boolean, flow: DataPath): Promise<void> {
  for (let before = '', still = 0; !isOver(); still++) {
    if (flow.standing !== before) still = 0
    before = flow.standing
    assert.ok(still < STILL_LOOKS, `no progress:\n${before}`)
    await sleep(LOOK_MS)
  }
}

const values = (records: readonly BatchRecord[]) => records.map(({ value }) => String(value?.subarray(0, 12)))
const withoutOffset = (records: readonly BatchRecord[]) => records.map((record) => ({ ...record, offset: 0 }))
