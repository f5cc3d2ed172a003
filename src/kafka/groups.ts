// Administration of consumer groups: lists them, reads their committed offsets and members, and commits offsets for groups without
// active members. Results and failures are per group or partition.
import { Failure } from '../base/failure.ts'
import { backoff, sleep } from '../base/retry.ts'
import { grantLine } from './acls.ts'
import type { Cluster } from './cluster.ts'
import { describeCode, errorCodes, failureOfAnswer, failureOfCode } from './wire-errors.ts'

export interface ListedGroup {
  readonly group: string
  /** `consumer` for consumers of both protocols, connect, share, streams ...; empty for a group that only commits offsets */
  readonly protocolType: string
  /** Kafka's name of the state in lower case (`stable`, `empty` ...); empty if the broker does not return it (before 2.6) */
  readonly state: string
  /** classic, consumer (KIP-848), share, streams; empty if the broker does not return it (before 3.8) */
  readonly type: string
  /** node id of its coordinator */
  readonly coordinator: number
}

export interface CommittedOffset {
  readonly topic: string
  readonly partition: number
  /** next offset that the group reads; -1 for none, which includes negative offsets committed by non-Java clients */
  readonly offset: number
  readonly metadata: string
}

interface Member {
  readonly clientId: string
  readonly host: string
}

/** The results, and the failures of the rest. */
interface Found<T> {
  readonly found: T
  readonly failures: readonly Failure[]
}

/** Receives the committed offsets of some groups. */
type CommittedVisit = (found: ReadonlyMap<string, readonly CommittedOffset[]>) => Promise<void>

/** Groups per OffsetFetch request; brokers before 3.0 accept only one. */
const GROUPS_PER_REQUEST = 200
/** Offsets per OffsetCommit request. */
const OFFSETS_PER_REQUEST = 1000
const OFFSET_FETCH = 9
/** Error codes of a coordinator that is loading, not available, or has moved. */
const COORDINATOR_MOVES = new Set<number>([
  errorCodes.COORDINATOR_LOAD_IN_PROGRESS,
  errorCodes.COORDINATOR_NOT_AVAILABLE,
  errorCodes.NOT_COORDINATOR,
])
/** With backoff these take several seconds in total. */
const COORDINATOR_TRIES = 8

const lane = { lane: 'offsets' } as const

export class Groups {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  get alias(): string {
    return this.#cluster.alias
  }

  /** Lists all groups of all types; each broker returns those that it coordinates. @throws Failure if no broker returns metadata */
  async list(): Promise<Found<Map<string, ListedGroup>>> {
    const { brokers } = await this.#cluster.metadata([])
    const found = new Map<string, ListedGroup>()
    const failures: Failure[] = []
    await each([...brokers.keys()], failures, async (broker) => {
      for (const group of await this.#listAt(broker)) found.set(group.group, group)
    })
    return { found, failures }
  }

  /**
   * Reads the committed offsets of these groups, in portions, because all of them may be large. Coordinators are read in parallel.
   * @param visit receives each portion; the next portion of the same coordinator is requested after it resolves
   * @returns the failures of groups that could not be read @throws what `visit` throws
   */
  async committed(groups: readonly ListedGroup[], visit: CommittedVisit): Promise<readonly Failure[]> {
    const failures: Failure[] = []
    const byCoordinator = [...Map.groupBy(groups, (group) => group.coordinator)]
    const visits = byCoordinator.map(([broker, own]) => this.#visitCommitted(broker, own, visit, failures))
    const failed = (await Promise.allSettled(visits)).find((one) => one.status === 'rejected')
    if (failed) throw failed.reason
    return failures
  }

  /** The active members of the group. @throws Failure */
  async members({ group, type, coordinator }: ListedGroup): Promise<Member[]> {
    const name = type === 'consumer' ? 'consumerGroupDescribe' : 'describeGroups'
    const answer = await this.#cluster.callBroker<Described>(coordinator, name, [[group], false], lane)
    const described = answer.groups[0]
    if (!described || described.errorCode === errorCodes.GROUP_ID_NOT_FOUND) return []
    if (described.errorCode !== 0) throw this.#refused(described.errorCode, group)
    return described.members.map(({ clientId, clientHost }) => ({ clientId, host: clientHost.replace(/^\//, '') }))
  }

  /**
   * The coordinators of groups, which need not exist. The failures contain the groups whose coordinator was not found. On a new cluster
   * the first request makes the broker create __consumer_offsets; this method waits for that.
   */
  async coordinatorsOf(groups: readonly string[]): Promise<Found<Map<string, number>>> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#findCoordinators(groups)
      const isComing = ({ circumstances }: Failure) => circumstances.wireCode === errorCodes.COORDINATOR_NOT_AVAILABLE
      if (attempt === COORDINATOR_TRIES || !answer.failures.some(isComing)) return answer
      await sleep(backoff(attempt, 50))
    }
  }

  async #findCoordinators(groups: readonly string[]): Promise<Found<Map<string, number>>> {
    const found = new Map<string, number>()
    const failures: Failure[] = []
    await each([groups], failures, async (all) => {
      for (let left = all; left.length > 0; ) {
        const { coordinators } = await this.#cluster.callAny<Coordinators>('findCoordinator', [0, left])
        // Before version 4 the request contains one key, and the response does not repeat it.
        const isOld = coordinators.length === 1 && coordinators[0]?.key === ''
        for (const { key, nodeId, errorCode } of coordinators) {
          const group = isOld ? (left[0] ?? '') : key
          if (errorCode === 0) found.set(group, nodeId)
          else failures.push(this.#refused(errorCode, group))
        }
        left = isOld ? left.slice(1) : []
      }
    })
    return { found, failures }
  }

  /**
   * The groups among these, which need not exist, that the user may not describe: brokers omit them from lists without an error.
   * @throws Failure if no broker responds
   */
  async denied(groups: readonly string[]): Promise<string[]> {
    const denied: string[] = []
    const asked = groups.filter((group) => group !== '')
    for (let i = 0; i < asked.length; i += GROUPS_PER_REQUEST) {
      // Every broker checks permissions before it checks whether it is the coordinator.
      const some = asked.slice(i, i + GROUPS_PER_REQUEST)
      const answer = await this.#cluster.callAny<Denied>('describeGroups', [some, false])
      denied.push(
        ...answer.groups
          .filter(({ errorCode }) => errorCode === errorCodes.GROUP_AUTHORIZATION_FAILED)
          .map(({ groupId }) => groupId),
      )
    }
    return denied
  }

  /**
   * Commits offsets for a group without active members; creates the group if it does not exist. The coordinator rejects the commit if
   * the group has active members (UNKNOWN_MEMBER_ID). Returns a failure for each `topic-partition` that was not committed.
   * @throws Failure if the request to the coordinator fails
   */
  async commit(group: string, coordinator: number, offsets: readonly CommittedOffset[]): Promise<Map<string, Failure>> {
    const refused = new Map<string, Failure>()
    for (let i = 0; i < offsets.length; i += OFFSETS_PER_REQUEST) {
      const topics = [...Map.groupBy(offsets.slice(i, i + OFFSETS_PER_REQUEST), (one) => one.topic)].map(
        ([name, own]) => ({ name, partitions: own.map(newCommit) }),
      )
      const args = [group, -1, '', null, topics]
      const answer = await this.#cluster.callBroker<Committed>(coordinator, 'offsetCommit', args, lane)
      for (const { name, partitions } of answer.topics) {
        for (const { partitionIndex, errorCode } of partitions) {
          if (errorCode !== 0)
            refused.set(`${name}-${partitionIndex}`, this.#notCommitted(errorCode, group, name, partitionIndex))
        }
      }
    }
    return refused
  }

  /**
   * As `commit`, for callers without a retry of their own: waits some seconds for a coordinator that has moved or is loading, as on
   * a cluster without any committed offsets. @throws Failure if the request to the coordinator fails
   */
  async commitWithRetry(
    group: string,
    coordinator: number,
    offsets: readonly CommittedOffset[],
  ): Promise<Map<string, Failure>> {
    for (let [attempt, at] = [0, coordinator]; ; attempt++) {
      const refused = await this.commit(group, at, offsets)
      const isPassing = [...refused.values()].some((one) => COORDINATOR_MOVES.has(one.circumstances.wireCode ?? 0))
      if (attempt === COORDINATOR_TRIES || !isPassing) return refused
      await sleep(backoff(attempt, 50))
      at = (await this.coordinatorsOf([group])).found.get(group) ?? at
    }
  }

  async #listAt(broker: number): Promise<ListedGroup[]> {
    const answer = await this.#cluster.callBroker<Listed>(broker, 'listGroups', [[], []], lane)
    if (answer.errorCode !== 0) {
      const remedy = 'grant the user Describe on the groups (or on the cluster, for all of them)'
      const sentence = `broker ${broker} of cluster ${this.alias} refused to list its groups: ${describeCode(answer.errorCode)}`
      throw failureOfCode(answer.errorCode, { cluster: this.alias, remedy }, sentence)
    }
    return answer.groups.map(({ groupId, protocolType, groupState, groupType }) => ({
      group: groupId,
      protocolType,
      state: (groupState ?? '').toLowerCase(),
      type: (groupType ?? '').toLowerCase(),
      coordinator: broker,
    }))
  }

  /** The highest version of OffsetFetch that the broker supports. */
  async #versionOf(broker: number): Promise<number> {
    return (await this.#cluster.apiVersions(broker)).get(OFFSET_FETCH)?.max ?? 0
  }

  async #visitCommitted(
    broker: number,
    groups: readonly ListedGroup[],
    visit: CommittedVisit,
    failures: Failure[],
  ): Promise<void> {
    let size = 0
    for (let i = 0; i < groups.length; i += size) {
      const found = new Map<string, CommittedOffset[]>()
      const isRead = await each([groups], failures, async () => {
        size ||= (await this.#versionOf(broker)) >= 8 ? GROUPS_PER_REQUEST : 1
        await this.#committedAt(broker, groups.slice(i, i + size), found, failures)
      })
      if (!isRead) return
      await visit(found)
    }
  }

  async #committedAt(
    broker: number,
    groups: readonly ListedGroup[],
    found: Map<string, CommittedOffset[]>,
    failures: Failure[],
  ): Promise<void> {
    const asked = groups.map(({ group }) => ({ groupId: group, memberId: null, memberEpoch: -1, topics: null }))
    const answer = await this.#cluster.callBroker<Fetched>(broker, 'offsetFetch', [asked, false], lane)
    const [first] = groups
    const single = { groupId: first?.group ?? '', topics: answer.topics ?? [], errorCode: answer.errorCode ?? 0 }
    for (const { groupId, topics, errorCode } of answer.groups.length > 0 ? answer.groups : [single]) {
      if (errorCode === 0) found.set(groupId, topics.flatMap(offsetsOf))
      else failures.push(this.#refused(errorCode, groupId))
    }
  }

  #refused(code: number, group: string): Failure {
    return failureOfAnswer(code, undefined, { cluster: this.alias, group })
  }

  #notCommitted(code: number, group: string, topic: string, partition: number): Failure {
    const sentence = `the offset of group ${group} for ${topic}-${partition} cannot be written on cluster ${this.alias}: ${describeCode(code)}`
    return failureOfCode(
      code,
      { cluster: this.alias, group, topic, partition, ...this.#grant(code, group, topic) },
      sentence,
    )
  }

  /** Committing needs Read on the group and on the topic. */
  #grant(code: number, group: string, topic: string): { readonly remedy?: string } {
    const { settings } = this.#cluster
    const literal = { patternType: 'literal' } as const
    if (code === errorCodes.GROUP_AUTHORIZATION_FAILED)
      return { remedy: grantLine(settings, 'Read', { ...literal, resourceType: 'group', name: group }) }
    if (code === errorCodes.TOPIC_AUTHORIZATION_FAILED)
      return { remedy: grantLine(settings, 'Read', { ...literal, resourceType: 'topic', name: topic }) }
    return {}
  }
}

/** Runs `act` for all items in parallel and collects their Failures. Returns whether all succeeded. */
async function each<T>(items: readonly T[], failures: Failure[], act: (item: T) => Promise<void>): Promise<boolean> {
  const attempts = items.map(async (item) => {
    try {
      await act(item)
      return true
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      failures.push(error)
      return false
    }
  })
  return (await Promise.all(attempts)).every(Boolean)
}

function offsetsOf({ name, partitions }: FetchedTopic): CommittedOffset[] {
  return partitions.flatMap(({ partitionIndex, committedOffset, metadata, errorCode }) =>
    errorCode === 0
      ? [{ topic: name, partition: partitionIndex, offset: validOffset(committedOffset), metadata: metadata ?? '' }]
      : [],
  )
}

/** -1 for all negative offsets, as Kafka's admin client treats them all as "no offset". */
export function validOffset(committed: bigint): number {
  return Math.max(-1, Number(committed))
}

/**
 * Whether a consumer that starts at this committed offset is out of range, so that auto.offset.reset applies. MirrorMaker 2 before 3.3
 * left such offsets on targets; recreating a topic does too. Read the end after the committed offset: otherwise an active group can
 * seem to be beyond the end.
 * @param end high watermark of the partition; undefined if it is not known
 */
export function isBeyondEnd(committed: number, end: number | undefined): boolean {
  return end !== undefined && committed > end
}

/** The explanation of isBeyondEnd for the operator. */
export function beyondEndText(committed: number, end: number): string {
  return `its committed offset ${committed} on the target is beyond the end of the log, ${end}: a consumer that starts there is out of range`
}

function newCommit({ partition, offset, metadata }: CommittedOffset) {
  return {
    partitionIndex: partition,
    committedOffset: BigInt(offset),
    committedLeaderEpoch: -1,
    committedMetadata: metadata,
  }
}

interface Listed {
  errorCode: number
  groups: { groupId: string; protocolType: string; groupState?: string; groupType?: string }[]
}

interface Described {
  groups: { errorCode: number; members: { clientId: string; clientHost: string }[] }[]
}

interface Denied {
  groups: { groupId: string; errorCode: number }[]
}

interface Coordinators {
  coordinators: { key: string; nodeId: number; errorCode: number }[]
}

interface FetchedTopic {
  name: string
  partitions: { partitionIndex: number; committedOffset: bigint; metadata: string | null; errorCode: number }[]
}

interface Fetched {
  /** versions up to 7, which contain one group */
  topics?: FetchedTopic[]
  errorCode?: number
  groups: { groupId: string; topics: FetchedTopic[]; errorCode: number }[]
}

interface Committed {
  topics: { name: string; partitions: { partitionIndex: number; errorCode: number }[] }[]
}
