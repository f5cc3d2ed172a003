// Where offsets of the source stand on the target, for whoever asks while no flow need be running: the engine's door for commands.
// It goes by what godwit has written on the target, and by both logs where nothing is written: MirrorMaker 2 filled the target, or
// the copy has gone on since. Nothing is made, changed or written.
import { Failure } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { Admin } from '../kafka/admin.ts'
import type { Cluster, ClusterMetadata } from '../kafka/cluster.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { CommittedOffset } from '../kafka/groups.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import type { Point } from '../mirror/offset-map.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import { topicPartitionKey } from '../mirror/topic-partition.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import { BrokerConnections } from '../state/broker-connections.ts'
import type { FlowState } from './flow-state.ts'
import { copiedPlace } from './groups/copied-place.ts'
import { Locator, placeOf } from './groups/locator.ts'
import { type Log, LogPeek } from './groups/log-peek.ts'
import type { GroupOffset } from './groups/translation.ts'
import { openFlowState } from './open-state.ts'
import { PartitionCopy, type TopicCopy } from './replicate/partition-copy.ts'
import { proofOf } from './replicate/skip-arrived.ts'
import { Topology } from './topology.ts'

export interface OffsetLookupParts {
  readonly settings: FlowSettings
  /** how records are read */
  readonly sourceAdmin: ClusterSettings
  readonly targetCluster: ClusterSettings
  /** connected as administrator */
  readonly source: Cluster
  readonly target: Cluster
  readonly log: Logger
}

/**
 * noted: godwit noted it while copying; compared: found by comparing both logs; ahead: the group is ahead of the copy, so it would
 * read what is still to come; unknown: it cannot be told, `why` says why; outside: the flow does not copy its topic
 */
export type How = 'noted' | 'compared' | 'ahead' | 'unknown' | 'outside'

export interface LookedUp extends GroupOffset {
  readonly how: How
  /** what else there is to know, e.g. that the target has deleted the record */
  readonly note?: string
}

/** How far a partition has been copied, and who says so. */
export interface Copied extends Point {
  /** position: godwit's own; logs: the last record of both sides; mm2: what Connect has stored, which may lag behind */
  readonly by: 'position' | 'logs' | 'mm2'
}

/** One partition, looked at. */
interface Prepared {
  readonly copy: PartitionCopy
  readonly targetStart: number
  readonly by: Copied['by'] | undefined
  /** why nothing can be told at all */
  readonly problem?: string
}

type Side = 'source' | 'target'

/** Nobody waits longer for places that have to be searched for (ms). */
const PATIENCE_MS = 60_000
const LOG_APPEND_TIME = 'LogAppendTime'

export class OffsetLookup implements AsyncDisposable {
  readonly policy: ReplicationPolicy
  readonly #parts: OffsetLookupParts
  readonly #state: FlowState
  readonly #topology: Readonly<Record<Side, Topology>>
  readonly #connections: Readonly<Record<Side, BrokerConnections>>
  readonly #admin: Readonly<Record<Side, Admin>>
  readonly #locator: Locator
  readonly #prepared = new Map<string, Promise<Prepared>>()
  readonly #topics = new Map<string, Promise<TopicCopy>>()

  private constructor(parts: OffsetLookupParts) {
    this.#parts = parts
    const { settings, source, target, sourceAdmin, targetCluster, log } = parts
    this.policy = newReplicationPolicy(settings.policy, settings.source)
    this.#state = openFlowState(parts, 'look')
    this.#topology = { source: new Topology(source, log), target: new Topology(target, log) }
    this.#connections = { source: new BrokerConnections(sourceAdmin), target: new BrokerConnections(targetCluster) }
    this.#admin = { source: new Admin(source), target: new Admin(target) }
    this.#locator = new Locator({
      settings,
      log,
      source: { cluster: source, settings: sourceAdmin, topology: this.#topology.source },
      target: { cluster: target, settings: targetCluster, topology: this.#topology.target },
    })
  }

  /** Looks at both clusters and reads the state of the flow. @throws Failure when a cluster does not answer, STATE_UNREADABLE */
  static async open(parts: OffsetLookupParts): Promise<OffsetLookup> {
    const lookup = new OffsetLookup(parts)
    try {
      const { source, target } = lookup.#topology
      await Promise.all([source.refresh(), target.refresh(), lookup.#state.load()])
      return lookup
    } catch (error) {
      await lookup[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Metadata of the source as of the opening. */
  get source(): ClusterMetadata {
    return this.#seen('source')
  }

  get target(): ClusterMetadata {
    return this.#seen('target')
  }

  /** The name of a source topic on the target. */
  nameOnTarget(topic: string): string {
    return this.policy.formatRemoteTopic(this.#parts.settings.source, topic)
  }

  /** The source topics that the flow copies, by name. */
  get copiedTopics(): string[] {
    const { settings } = this.#parts
    const all = [...this.source.topics.values()].filter(({ error }) => error === 0).map(({ name }) => name)
    return all.filter((name) => shouldReplicate(name, settings, this.policy).replicate).sort()
  }

  /** Translates what groups have committed on the source; every offset has an outcome. @throws Failure when a cluster does not answer */
  async translate(
    groups: ReadonlyMap<string, readonly CommittedOffset[]>,
  ): Promise<ReadonlyMap<string, readonly LookedUp[]>> {
    const wanted = [...groups.values()].flat().filter((one) => this.#isCopied(one.topic))
    await Promise.all(wanted.map((one) => this.#prepare(one.topic, one.partition)))
    await this.#resolve(wanted)
    const found = new Map<string, readonly LookedUp[]>()
    for (const [group, offsets] of groups) {
      found.set(group, await Promise.all(offsets.map((one) => this.#lookUp(one))))
    }
    return found
  }

  /** How far a partition of the source has been copied; undefined where nothing tells. @throws Failure */
  async copied(topic: string, partition: number): Promise<Copied | undefined> {
    if (!this.#isCopied(topic)) return undefined
    const { copy, by, problem } = await this.#prepare(topic, partition)
    if (!copy.anchor || !by || problem !== undefined) return undefined
    return { upstream: copy.anchor.sourceNext, downstream: copy.anchor.targetNext, by }
  }

  /** Time of the first record at or behind an offset of the source, ms since the epoch; undefined when there is none. @throws Failure */
  async timeOf(topic: string, partition: number, offset: number): Promise<number | undefined> {
    const log = this.#open('source', topic, partition)
    for (let at = offset; ; ) {
      const { records, next } = await log.read(at)
      const [first] = records
      if (first) return Number(first.timestamp)
      if (next <= at) return undefined
      at = next
    }
  }

  async close(): Promise<void> {
    const { source, target } = this.#connections
    await Promise.allSettled([this.#state.close(), this.#locator.close(), source.close(), target.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #seen(side: Side): ClusterMetadata {
    const { current } = this.#topology[side]
    if (!current) throw new Failure('INTERNAL', `the ${side} was not looked at`)
    return current
  }

  #isCopied(topic: string): boolean {
    return shouldReplicate(topic, this.#parts.settings, this.policy).replicate
  }

  /** Searches the logs for places that are not known. */
  async #resolve(wanted: readonly CommittedOffset[]): Promise<void> {
    const searched = []
    for (const { topic, partition, offset: upstream } of wanted) {
      const { copy, problem } = await this.#prepare(topic, partition)
      if (problem === undefined && copy.anchor && upstream >= 0) searched.push({ copy, upstream })
    }
    await this.#locator.resolve(searched, Date.now() + PATIENCE_MS)
  }

  async #lookUp({ topic, partition, offset: upstream, metadata }: CommittedOffset): Promise<LookedUp> {
    const place = { topic, partition, targetTopic: this.nameOnTarget(topic), upstream, metadata }
    const unknown = (why: string): LookedUp => ({ ...place, downstream: -1, how: 'unknown', why })
    if (!this.#isCopied(topic)) return { ...unknown('the flow does not copy its topic'), how: 'outside' }
    const { copy, by, problem, targetStart } = await this.#prepare(topic, partition)
    if (problem !== undefined) return unknown(problem)
    const located = placeOf(copy, upstream)
    if (!copy.anchor || located?.kind !== 'exact') return unknown('its record was not found on the target')
    const { downstream } = located
    const { sourceNext } = copy.anchor
    if (upstream >= sourceNext && by === 'mm2') return unknown('what the target ends with is not from the source')
    if (upstream > sourceNext && (await this.#hasRecords(copy, sourceNext, upstream))) {
      const why = `copied up to ${sourceNext} only: it would read again what comes from there on`
      return { ...place, downstream, how: 'ahead', note: why }
    }
    const gone =
      downstream < targetStart ? { note: `the target begins at ${targetStart}: its record is deleted there` } : {}
    return { ...place, downstream, how: by === 'position' ? 'noted' : 'compared', ...gone }
  }

  async #hasRecords({ shared, partition }: PartitionCopy, from: number, to: number): Promise<boolean> {
    const log = this.#open('source', shared.topic, partition)
    for (let at = from; at < to; ) {
      const { records, next } = await log.read(at)
      const [first] = records
      if (first) return first.offset < to
      if (next <= at) return false
      at = next
    }
    return false
  }

  #prepare(topic: string, partition: number): Promise<Prepared> {
    const key = topicPartitionKey(topic, partition)
    const preparing = this.#prepared.get(key) ?? this.#look(topic, partition)
    this.#prepared.set(key, preparing)
    return preparing
  }

  async #look(topic: string, partition: number): Promise<Prepared> {
    this.#topics.set(topic, this.#topics.get(topic) ?? this.#sharedOf(topic))
    const copy = new PartitionCopy((await this.#topics.get(topic)) as TopicCopy, partition)
    const nothing = { copy, targetStart: 0, by: undefined }
    const missing = this.#missing(copy)
    if (missing !== undefined) return { ...nothing, problem: missing }
    const restored = this.#state.restore(copy)
    if (restored === 'other-source-topic') return { ...nothing, problem: 'its topic was made anew on the source' }
    if (restored === 'other-target-topic') return { ...nothing, problem: 'its topic was made anew on the target' }
    const [sourceStart, sourceEnd, targetStart, targetEnd] = await Promise.all([
      this.#offset('source', copy, 'earliest'),
      this.#offset('source', copy, 'latest'),
      this.#offset('target', copy, 'earliest'),
      this.#offset('target', copy, 'latest'),
    ])
    const by = await this.#anchor(copy, { sourceStart, sourceEnd, targetStart, targetEnd })
    return { copy, targetStart, by }
  }

  #missing({ shared, partition }: PartitionCopy): string | undefined {
    const { settings } = this.#parts
    const here = this.source.topics.get(shared.topic)
    const there = this.target.topics.get(shared.targetTopic)
    if (!here) return `its topic is no more on cluster ${settings.source}`
    if (!there) return `there is no topic ${shared.targetTopic} on cluster ${settings.target} yet`
    if (partition >= there.partitions.length)
      return `topic ${shared.targetTopic} on cluster ${settings.target} has ${there.partitions.length} partitions only`
    return undefined
  }

  /** Gives the copy the newest pair of offsets that belong together, and says who told it. */
  async #anchor(copy: PartitionCopy, ends: Ends): Promise<Copied['by'] | undefined> {
    const { anchor } = copy
    const { sourceStart, sourceEnd, targetStart, targetEnd } = ends
    if (anchor?.targetNext === targetEnd) return 'position'
    const stored = this.#state.storedOffset(copy)
    const isEmpty = targetStart === targetEnd
    const known = [
      ...(anchor ? [{ upstream: anchor.sourceNext, downstream: anchor.targetNext }] : []),
      ...(stored === undefined ? [] : [{ upstream: stored + 1, downstream: targetEnd }]),
    ]
    const found = isEmpty ? undefined : await this.#compare(copy, { sourceEnd, targetEnd, known })
    if (anchor && found && found.upstream >= anchor.sourceNext) copy.map.breakAt(known[0] as Point)
    if (anchor && !(found && found.upstream >= anchor.sourceNext)) return 'position'
    // Nothing is there and nothing was stored: nothing was copied.
    const fallback = isEmpty && targetEnd === 0 ? sourceStart : stored === undefined ? sourceEnd : stored + 1
    const at = found ?? { upstream: fallback, downstream: targetEnd }
    if (copy.map.isEmpty) copy.map.start(at, isEmpty && targetEnd === 0)
    copy.anchor = { sourceNext: at.upstream, targetNext: at.downstream, sequence: 0 }
    return found || (isEmpty && (targetEnd === 0 || stored !== undefined)) ? 'logs' : 'mm2'
  }

  #compare(
    { shared, partition }: PartitionCopy,
    search: { readonly sourceEnd: number; readonly targetEnd: number; readonly known: readonly Point[] },
  ): Promise<Point | undefined> {
    const { targetAppendTime } = shared
    return copiedPlace({
      ...search,
      source: this.#open('source', shared.topic, partition),
      target: this.#open('target', shared.targetTopic, partition),
      markOf: targetAppendTime ? (record) => proofOf({ ...record, timestamp: 0 }) : proofOf,
      withTime: !targetAppendTime,
    })
  }

  async #sharedOf(topic: string): Promise<TopicCopy> {
    const targetTopic = this.nameOnTarget(topic)
    const there = this.target.topics.get(targetTopic)
    const configs = there ? (await this.#admin.target.describeTopicConfigs([targetTopic])).get(targetTopic) : []
    const entries = configs instanceof Failure ? [] : (configs ?? [])
    const stamp = entries.find(({ name }) => name === 'message.timestamp.type')?.value
    return {
      topic,
      targetTopic,
      sourceId: this.source.topics.get(topic)?.topicId ?? '',
      targetId: there?.topicId ?? '',
      maxMessageBytes: 0,
      targetAppendTime: stamp === LOG_APPEND_TIME,
      recodeTo: undefined,
      limitsRead: 0,
    }
  }

  #open(side: Side, topic: string, partition: number): Log {
    const { settings } = this.#parts
    const parts = {
      cluster: settings[side],
      admin: this.#admin[side],
      topology: this.#topology[side],
      connections: this.#connections[side],
      readCommitted: side === 'source' && settings.isolation === 'read_committed',
    }
    return new LogPeek(parts, topic, partition)
  }

  /** An end is the one that readers see on the source, and that of the log on the target. */
  async #offset(side: Side, { shared, partition }: PartitionCopy, at: 'earliest' | 'latest'): Promise<number> {
    const topic = side === 'source' ? shared.topic : shared.targetTopic
    const isolation = side === 'source' ? this.#parts.settings.isolation : 'read_uncommitted'
    const found = (await this.#admin[side].listOffsets([{ topic, partition, at }], isolation)).get(
      topicPartitionKey(topic, partition),
    )
    if (found instanceof Failure) throw found
    return found?.offset ?? 0
  }
}

interface Ends {
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly targetStart: number
  readonly targetEnd: number
}
