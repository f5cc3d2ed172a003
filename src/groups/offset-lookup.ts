// Translates source offsets to target offsets for commands, without a running flow. It uses godwit's stored positions and offset maps,
// and compares both logs where they do not answer: MirrorMaker 2 filled the target, or copying has continued since they were written.
// Read-only: nothing is created, changed or written.
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { mapConcurrently } from '../base/in-turns.ts'
import { type TopicPartition, topicPartitionKey } from '../base/topic-partition.ts'
import { digestOf } from '../batch/record-digest.ts'
import type { ClusterMetadata } from '../kafka/cluster.ts'
import type { CommittedOffset } from '../kafka/groups.ts'
import type { CopiedPartition } from '../mirror/copied-partition.ts'
import type { Point } from '../mirror/offset-map.ts'
import { newReplicationPolicy, type ReplicationPolicy } from '../mirror/replication-policy.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import { openStoredProgress } from '../state/open-state.ts'
import type { StoredProgress } from '../state/stored-progress.ts'
import { BothLogs, type BothLogsParts } from './translation/both-logs.ts'
import { copiedUpTo } from './translation/copied-place.ts'
import { Locator, locateInMap } from './translation/locator.ts'
import { LookedUpPartition } from './translation/looked-up-partition.ts'
import type { GroupOffset } from './translation/translation.ts'

export type OffsetLookupParts = BothLogsParts

/**
 * How an offset was translated. noted: by the offset map that godwit wrote while copying; compared: by comparing both logs; ahead: the
 * group is ahead of the copy; unknown: not translated, see `why`; outside: the flow does not copy the topic; none: the group has
 * committed -1, which is not an offset
 */
export type How = 'noted' | 'compared' | 'ahead' | 'unknown' | 'outside' | 'none'

export interface LookedUp extends GroupOffset {
  readonly how: How
  /** a remark, e.g. that the target has deleted the record */
  readonly note?: string
}

/** How far a partition has been copied, and how that is known. */
export interface Copied extends Point {
  /** position: godwit's stored position; logs: comparison of both logs; mm2: the offset stored by Connect, which may lag behind */
  readonly by: 'position' | 'logs' | 'mm2'
}

/** One partition with all that its translation needs. */
interface Prepared {
  readonly copy: LookedUpPartition
  readonly targetStart: number
  readonly by: Copied['by'] | undefined
  /** why no offset of it can be translated */
  readonly problem?: string
}

/** How long one call may search the logs (ms). */
const SEARCH_MS = 60_000
/** Partitions whose logs are read at the same time, 1 MiB each. */
const AT_ONCE = 8
const NO_OFFSET =
  'the group has committed -1, which is not an offset: its consumers start according to auto.offset.reset'
const LOG_APPEND_TIME = 'LogAppendTime'

export class OffsetLookup implements AsyncDisposable {
  readonly policy: ReplicationPolicy
  readonly #parts: OffsetLookupParts
  readonly #state: StoredProgress
  readonly #logs: BothLogs
  readonly #locator: Locator
  readonly #prepared = new Map<string, Promise<Prepared>>()
  readonly #topics = new Map<string, Promise<CopiedPartition['shared']>>()

  private constructor(parts: OffsetLookupParts) {
    this.#parts = parts
    const { settings, source, target, sourceAdmin, targetCluster, log } = parts
    this.policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
    this.#state = openStoredProgress(parts, 'look')
    this.#logs = new BothLogs(parts)
    const { topology } = this.#logs
    this.#locator = new Locator({
      settings,
      log,
      source: { cluster: source, settings: sourceAdmin, topology: topology.source },
      target: { cluster: target, settings: targetCluster, topology: topology.target },
    })
  }

  /** Reads the metadata of both clusters and the stored state of the flow. @throws Failure when a cluster does not answer, STATE_UNREADABLE */
  static async open(parts: OffsetLookupParts): Promise<OffsetLookup> {
    const lookup = new OffsetLookup(parts)
    try {
      await Promise.all([lookup.#logs.refresh(), lookup.#state.load()])
      return lookup
    } catch (error) {
      await lookup[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Metadata of the source, as read by `open`. */
  get source(): ClusterMetadata {
    return this.#logs.metadataOf('source')
  }

  get target(): ClusterMetadata {
    return this.#logs.metadataOf('target')
  }

  /** The name of a source topic on the target. */
  nameOnTarget(topic: string): string {
    return this.policy.formatRemoteTopic(this.#parts.settings.sourceAlias, topic)
  }

  /** The source topics that the flow copies, by name. */
  get copiedTopics(): string[] {
    const { settings } = this.#parts
    const all = [...this.source.topics.values()].filter(({ error }) => error === 0).map(({ name }) => name)
    return all.filter((name) => shouldReplicate(name, settings, this.policy).replicate).sort()
  }

  /** Translates committed source offsets, by group; each has a result. @throws Failure when a cluster does not answer */
  async translate(
    groups: ReadonlyMap<string, readonly CommittedOffset[]>,
  ): Promise<ReadonlyMap<string, readonly LookedUp[]>> {
    const wanted = [...groups.values()].flat().filter(({ topic, offset }) => offset >= 0 && this.#isCopied(topic))
    await this.#prepareAll(wanted)
    await this.#resolve(wanted)
    const found = new Map<string, readonly LookedUp[]>()
    for (const [group, offsets] of groups)
      found.set(group, await mapConcurrently(offsets, AT_ONCE, (one) => this.#lookUp(one)))
    return found
  }

  /** How far these source partitions have been copied, in the given order; undefined where unknown. @throws Failure */
  async copied(places: readonly TopicPartition[]): Promise<(Copied | undefined)[]> {
    await this.#prepareAll(places.filter(({ topic }) => this.#isCopied(topic)))
    return mapConcurrently(places, AT_ONCE, async ({ topic, partition }) => {
      if (!this.#isCopied(topic)) return undefined
      const { copy, by, problem } = await this.#prepare(topic, partition)
      if (!copy.position.anchor || !by || problem !== undefined) return undefined
      return { upstream: copy.position.anchor.sourceNext, downstream: copy.position.anchor.targetNext, by }
    })
  }

  /** Timestamp of the first source record at or after an offset, ms since the epoch; undefined when there is none. @throws Failure */
  async timeOf(topic: string, partition: number, offset: number): Promise<number | undefined> {
    const first = await this.#logs.firstFrom({ topic, partition }, offset)
    return first && Number(first.timestamp)
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.#state.close(), this.#locator.close(), this.#logs.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #isCopied(topic: string): boolean {
    return shouldReplicate(topic, this.#parts.settings, this.policy).replicate
  }

  /** Searches the logs for offsets that the maps do not have. */
  async #resolve(wanted: readonly CommittedOffset[]): Promise<void> {
    const searched = []
    for (const { topic, partition, offset: upstream } of wanted) {
      const { copy, problem } = await this.#prepare(topic, partition)
      if (problem === undefined && copy.position.anchor) searched.push({ copy, upstream })
    }
    await this.#locator.resolve(searched, Date.now() + SEARCH_MS)
  }

  async #lookUp({ topic, partition, offset: upstream, metadata }: CommittedOffset): Promise<LookedUp> {
    const base = { topic, partition, targetTopic: this.nameOnTarget(topic), upstream, metadata }
    const unknown = (why: string): LookedUp => ({ ...base, downstream: -1, how: 'unknown', why })
    if (!this.#isCopied(topic)) return { ...unknown('the flow does not copy its topic'), how: 'outside' }
    if (upstream < 0) return { ...unknown(NO_OFFSET), how: 'none' }
    const { copy, by, problem, targetStart } = await this.#prepare(topic, partition)
    if (problem !== undefined) return unknown(problem)
    const located = locateInMap(copy, upstream)
    if (!copy.position.anchor || located?.kind !== 'exact') return unknown('its record was not found on the target')
    const { downstream } = located
    const { sourceNext } = copy.position.anchor
    const isSure = by === 'position' || by === 'logs'
    if (upstream >= sourceNext && !isSure) return unknown('the last records on the target are not from the source')
    if (upstream > sourceNext && (await this.#hasRecords(copy, sourceNext, upstream))) {
      const why = `copied only up to ${sourceNext}: on the target the group would read the records from there on again`
      return { ...base, downstream, how: 'ahead', note: why }
    }
    const note = missingNote(upstream, downstream, copy.position.map.beginning, targetStart)
    return { ...base, downstream, how: by === 'position' ? 'noted' : 'compared', ...(note !== undefined && { note }) }
  }

  async #hasRecords({ shared, partition }: LookedUpPartition, from: number, to: number): Promise<boolean> {
    const first = await this.#logs.firstFrom({ topic: shared.topic, partition }, from)
    return first !== undefined && first.offset < to
  }

  /** Prepares many partitions; the offsets that all of them need are read with few requests. */
  async #prepareAll(places: readonly TopicPartition[]): Promise<void> {
    const unique = new Map(places.map((one) => [topicPartitionKey(one.topic, one.partition), one]))
    const fresh = [...unique].filter(([key]) => !this.#prepared.has(key)).map(([, one]) => one)
    const here = fresh.filter((one) => this.#logs.hasPartition('source', one))
    const copies = here.map(({ topic, partition }) => ({ topic: this.nameOnTarget(topic), partition }))
    // The target first, so that everything it has is below the source end that is read afterwards.
    const there = copies.filter((one) => this.#logs.hasPartition('target', one))
    await this.#logs.loadOffsets('target', there)
    await this.#logs.loadOffsets('source', here)
    await mapConcurrently(fresh, AT_ONCE, ({ topic, partition }) => this.#prepare(topic, partition))
  }

  #prepare(topic: string, partition: number): Promise<Prepared> {
    const key = topicPartitionKey(topic, partition)
    const preparing = this.#prepared.get(key) ?? this.#look(topic, partition)
    this.#prepared.set(key, preparing)
    return preparing
  }

  async #look(topic: string, partition: number): Promise<Prepared> {
    this.#topics.set(topic, this.#topics.get(topic) ?? this.#sharedOf(topic))
    const copy = new LookedUpPartition((await this.#topics.get(topic)) as CopiedPartition['shared'], partition)
    const nothing = { copy, targetStart: 0, by: undefined }
    const missing = this.#missing(copy)
    if (missing !== undefined) return { ...nothing, problem: missing }
    const changed = copy.restore(this.#state.restore(copy))
    if (changed !== undefined) return { ...nothing, problem: changed }
    const [here, there] = [
      { topic, partition },
      { topic: copy.shared.targetTopic, partition },
    ]
    const targetStart = await this.#logs.offset('target', there, 'earliest')
    const targetEnd = await this.#logs.offset('target', there, 'latest')
    const sourceStart = await this.#logs.offset('source', here, 'earliest')
    const sourceEnd = await this.#logs.offset('source', here, 'latest')
    const by = await this.#anchor(copy, { sourceStart, sourceEnd, targetStart, targetEnd })
    return { copy, targetStart, by }
  }

  #missing({ shared, partition }: LookedUpPartition): string | undefined {
    const { settings } = this.#parts
    const here = this.source.topics.get(shared.topic)
    const there = this.target.topics.get(shared.targetTopic)
    if (!here) return `its topic no longer exists on cluster ${settings.source}`
    if (!there) return `there is no topic ${shared.targetTopic} on cluster ${settings.target} yet`
    if (partition >= there.partitions.length)
      return `topic ${shared.targetTopic} on cluster ${settings.target} has only ${counted(there.partitions.length, 'partition')}`
    return undefined
  }

  /** Sets how far the copy is, as a pair of source and target offsets. @returns how that is known; undefined when it is not */
  async #anchor(copy: LookedUpPartition, ends: Ends): Promise<Copied['by'] | undefined> {
    const { anchor } = copy.position
    if (anchor?.targetNext === ends.targetEnd) return 'position'
    const position = anchor && { upstream: anchor.sourceNext, downstream: anchor.targetNext }
    const stored = this.#state.storedOffset(copy)
    const next = stored === undefined ? undefined : { upstream: stored + 1, downstream: ends.targetEnd }
    const known = [position, next].filter((point) => point !== undefined)
    const found = ends.targetStart === ends.targetEnd ? undefined : await this.#compare(copy, ends, known)
    if (position) return continueFrom(copy, position, found)
    return anchorWithoutPosition(copy, found ?? next, found !== undefined, ends)
  }

  #compare(
    { shared, partition }: LookedUpPartition,
    { sourceEnd, targetEnd }: Ends,
    known: readonly Point[],
  ): Promise<Point | undefined> {
    const { targetAppendTime } = shared
    return copiedUpTo({
      ...{ sourceEnd, targetEnd, known },
      source: this.#logs.open('source', shared.topic, partition),
      target: this.#logs.open('target', shared.targetTopic, partition),
      markOf: targetAppendTime ? (record) => digestOf({ ...record, timestamp: 0 }) : digestOf,
      withTime: !targetAppendTime,
    })
  }

  async #sharedOf(topic: string): Promise<CopiedPartition['shared']> {
    const targetTopic = this.nameOnTarget(topic)
    const there = this.target.topics.get(targetTopic)
    const configs = there ? (await this.#logs.admin.target.describeTopicConfigs([targetTopic])).get(targetTopic) : []
    const entries = configs instanceof Failure ? [] : (configs ?? [])
    const stamp = entries.find(({ name }) => name === 'message.timestamp.type')?.value
    return {
      topic,
      targetTopic,
      sourceId: this.source.topics.get(topic)?.topicId ?? '',
      targetId: there?.topicId ?? '',
      targetAppendTime: stamp === LOG_APPEND_TIME,
    }
  }
}

/** What a group that continues at this target offset would miss; undefined for nothing. */
function missingNote(upstream: number, downstream: number, beginning: number | undefined, targetStart: number) {
  if (beginning !== undefined && upstream < beginning)
    return `copying began at source offset ${beginning}: earlier records, which the group has not read, are not on the target`
  return downstream < targetStart
    ? `the target log starts at ${targetStart}: the record has been deleted there`
    : undefined
}

interface Ends {
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly targetStart: number
  readonly targetEnd: number
}

/** Uses the pair found in the logs if copying continued after the position was written; the map is unknown in between. */
function continueFrom(copy: LookedUpPartition, position: Point, found: Point | undefined): Copied['by'] {
  if (!found || found.upstream < position.upstream) return 'position'
  copy.position.map.breakAt(position)
  copy.moveTo(found.upstream, found.downstream)
  return 'logs'
}

/** Without a position: the pair found in the logs, else the stored one, else the ends of both logs as the limit of the search. */
function anchorWithoutPosition(
  copy: LookedUpPartition,
  at: Point | undefined,
  isFound: boolean,
  ends: Ends,
): Copied['by'] | undefined {
  const { sourceStart, sourceEnd, targetStart, targetEnd } = ends
  // The target never had a record and nothing is stored: nothing was copied.
  const isUntouched = at === undefined && targetEnd === 0
  const { upstream, downstream } = at ?? { upstream: isUntouched ? sourceStart : sourceEnd, downstream: targetEnd }
  if (copy.position.map.isEmpty) copy.position.map.start({ upstream, downstream }, isUntouched)
  copy.moveTo(upstream, downstream)
  // An empty target log cannot be compared; the stored offset is all there is.
  if (isFound || isUntouched || (at && targetStart === targetEnd)) return 'logs'
  return at && 'mm2'
}
