// The status of a flow as one value, for everything that shows it.
import type { Failure } from '../base/failure.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import type {
  DutyStatus,
  FlowState,
  FlowStatus,
  GroupStatus,
  PartitionStatus,
  Problem,
  TopicStatus,
  WorkStatus,
} from '../mirror/flow-status.ts'
import type { PartitionCopy } from './replicate/partition-copy.ts'

export interface Reported {
  readonly settings: FlowSettings
  readonly state: FlowState
  readonly reason: string
  readonly inSync: boolean
  readonly startedAt: number
  readonly copies: Iterable<PartitionCopy>
  readonly topicProblems: ReadonlyMap<string, Failure>
  readonly duties: readonly DutyStatus[]
  readonly work: WorkStatus
  readonly halted: NonNullable<FlowStatus['halted']>
  readonly groups?: readonly GroupStatus[]
  readonly flowProblem: Failure | undefined
}

/** Builds the status; `now` in ms since the epoch. */
export function reportFlow(flow: Reported, now: number): FlowStatus {
  const topics = new Map<string, { topic: string; targetTopic: string; partitions: PartitionStatus[] }>()
  const problems: Problem[] = flow.flowProblem ? [problemOf(flow.flowProblem, now)] : []
  for (const [topic, failure] of flow.topicProblems) problems.push({ ...problemOf(failure, now), topic })
  let [records, bytes, lag] = [0, 0, 0]
  for (const copy of flow.copies) {
    const status = reportPartition(copy, now)
    const { topic, targetTopic } = copy.shared
    const entry = topics.get(topic) ?? { topic, targetTopic, partitions: [] }
    topics.set(topic, entry)
    entry.partitions.push(status)
    if (status.problem) problems.push(status.problem)
    records += status.records
    bytes += status.bytes
    lag += status.lag
  }
  return {
    flow: flow.settings.name,
    source: flow.settings.source,
    target: flow.settings.target,
    ...aliasesIn(flow.settings),
    state: flow.state,
    ...(flow.reason && { reason: flow.reason }),
    inSync: flow.inSync,
    ...(!flow.settings.enabled && { heartbeatsOnly: true as const }),
    startedAt: flow.startedAt,
    records,
    bytes,
    lag,
    topics: [...topics.values()].map(sorted).sort((a, b) => (a.topic < b.topic ? -1 : 1)),
    groups: flow.groups ?? [],
    duties: flow.duties,
    work: flow.work,
    halted: flow.halted,
    problems: [...problems, ...flow.duties.flatMap(dutyProblem)],
  }
}

/** Said only where they differ from the names of the flow. */
export function aliasesIn({ source, target, sourceAlias, targetAlias }: FlowSettings): Pick<FlowStatus, 'aliases'> {
  return source === sourceAlias && target === targetAlias
    ? {}
    : { aliases: { source: sourceAlias, target: targetAlias } }
}

/** A duty that failed is a problem until it works again. */
function dutyProblem({ duty, result, code, message, remedy, lastRun }: DutyStatus): Problem[] {
  if (result !== 'failed') return []
  return [
    {
      code: code ?? 'INTERNAL',
      message: `${duty}: ${message}`,
      since: lastRun,
      ...(remedy !== undefined && { remedy }),
    },
  ]
}

function sorted(topic: TopicStatus): TopicStatus {
  return { ...topic, partitions: [...topic.partitions].sort((a, b) => a.partition - b.partition) }
}

function reportPartition(copy: PartitionCopy, now: number): PartitionStatus {
  const { position } = copy
  const lag = position < 0 || copy.sourceEnd < 0 ? 0 : Math.max(0, copy.sourceEnd - position)
  return {
    partition: copy.partition,
    state: copy.state,
    sourceStart: copy.sourceStart,
    sourceEnd: copy.sourceEnd,
    position,
    targetEnd: copy.anchor?.targetNext ?? -1,
    active: position < 0 ? 0 : Math.max(0, copy.fetchOffset - position),
    lag,
    lagMs: lag > 0 && copy.behind ? now - copy.behind.since : 0,
    records: copy.records,
    bytes: copy.bytes,
    doubtful: copy.doubtful,
    missed: copy.missed,
    ...(copy.failure && isWorthTelling(copy, now) && { problem: problemOf(copy.failure, copy.failedSince) }),
  }
}

/** What heals within seconds is not a problem to show. */
function isWorthTelling(copy: PartitionCopy, now: number): boolean {
  return copy.state === 'quarantined' || now - copy.failedSince > 3000
}

function problemOf(failure: Failure, since: number): Problem {
  const { remedy, cluster, topic, partition } = failure.circumstances
  return {
    code: failure.code,
    message: failure.message,
    since,
    ...(remedy !== undefined && { remedy }),
    ...(cluster !== undefined && { cluster }),
    ...(topic !== undefined && { topic }),
    ...(partition !== undefined && { partition }),
  }
}
