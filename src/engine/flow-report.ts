// Builds the status of a flow as one value, for everything that shows it.
import { counted, plural } from '../base/counted.ts'
import type { Failure } from '../base/failure.ts'
import type { Checked } from '../completeness/assess.ts'
import { isStuck, lagOf, type Progress, reasonsOf } from '../completeness/assess.ts'
import type { ListedPartition } from '../completeness/source-listing.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type {
  Completeness,
  FlowState,
  FlowStatus,
  GroupStatus,
  OpenTransaction,
  PartitionStatus,
  PeriodicTaskStatus,
  Problem,
  TopicStatus,
  WorkStatus,
} from '../model/flow-status.ts'
import type { PartitionCopy } from '../replicate/partition-copy.ts'

export interface ReportInput {
  readonly settings: FlowSettings
  readonly state: FlowState
  readonly reason: string
  readonly startedAt: number
  readonly copies: Iterable<PartitionCopy>
  readonly topicProblems: ReadonlyMap<string, Failure>
  /** result of the last check of completeness */
  readonly checked: Checked | undefined
  /** whether that check is recent enough to report lag and completeness */
  readonly isCurrent: boolean
  /** source end offsets read since then are still valid, ms since the epoch */
  readonly endsSince: number
  /** clusters whose answers the current check is waiting for */
  readonly silent: readonly string[]
  /** why the last check failed */
  readonly checkFailure: Failure | undefined
  readonly transactions: readonly OpenTransaction[]
  /** whether an earlier check found nothing missing */
  readonly wasComplete: boolean
  readonly progressOf: (listed: ListedPartition) => Progress | undefined
  readonly targetTopicOf: (topic: string) => string
  readonly periodicTasks: readonly PeriodicTaskStatus[]
  readonly work: WorkStatus
  readonly halted: NonNullable<FlowStatus['halted']>
  readonly groups?: readonly GroupStatus[]
  readonly flowProblem: Failure | undefined
  /** ms since the epoch */
  readonly flowProblemSince?: number
}

/** A partition counts as in sync while its oldest missing record is not older than this (ms). */
const PROMPT_MS = 1000

/** Builds the status; `now` in ms since the epoch. */
export function reportFlow(flow: ReportInput, now: number): FlowStatus {
  const { settings, checked, transactions } = flow
  const topics = reportTopics(flow, now)
  const { records, bytes, lag, problems, isHeldUp } = sumsOf(topics, flow.isCurrent)
  const completeness = checked && reportCompleteness(flow, checked, topics)
  return {
    flow: settings.name,
    source: settings.source,
    target: settings.target,
    ...aliasesIn(settings),
    state: flow.state,
    ...(flow.reason && { reason: flow.reason }),
    inSync: flow.state === 'running' && completeness?.verdict === 'complete' && lag !== null && !isHeldUp,
    asOf: checked?.listing.at ?? 0,
    ...(completeness && { completeness }),
    ...(!settings.enabled && { heartbeatsOnly: true as const }),
    startedAt: flow.startedAt,
    records,
    bytes,
    lag: completeness?.verdict === 'nothing-selected' ? null : lag,
    topics,
    groups: flow.groups ?? [],
    periodicTasks: flow.periodicTasks,
    work: flow.work,
    halted: flow.halted,
    problems: [
      ...(flow.flowProblem ? [problemOf(flow.flowProblem, flow.flowProblemSince ?? now)] : []),
      ...[...flow.topicProblems].map(([topic, failure]) => ({ ...problemOf(failure, now), topic })),
      ...problems,
      ...silentCluster(flow),
      ...transactions.map(transactionProblem),
      ...flow.periodicTasks.flatMap(taskProblem),
    ],
  }
}

/** Sums over all partitions, with their problems. `isHeldUp`: one of them has a problem or records that have waited too long. */
function sumsOf(topics: readonly TopicStatus[], isCurrent: boolean) {
  const problems: Problem[] = []
  let [records, bytes, isHeldUp] = [0, 0, false]
  let lag: number | null = isCurrent ? 0 : null
  for (const status of topics.flatMap(({ partitions }) => partitions)) {
    if (status.problem) problems.push(status.problem)
    isHeldUp ||= (status.problem !== undefined && !isOver(status)) || status.lagMs > PROMPT_MS
    records += status.records
    bytes += status.bytes
    lag = lag === null || status.lag === null ? null : lag + status.lag
  }
  return { records, bytes, lag, problems, isHeldUp }
}

/** The last reported status of each partition: of ten thousand, few change between two reports. */
const reported = new WeakMap<PartitionCopy, PartitionStatus>()

/** All topics that are copied or have to be, including those known only from the source listing. */
function reportTopics(flow: ReportInput, now: number): TopicStatus[] {
  const topics = new Map<string, { topic: string; targetTopic: string; partitions: PartitionStatus[] }>()
  const add = (topic: string, targetTopic: string, status: PartitionStatus) => {
    const entry = topics.get(topic) ?? { topic, targetTopic, partitions: [] }
    topics.set(topic, entry)
    entry.partitions.push(status)
  }
  const looked = new Set<string>()
  for (const copy of flow.copies) {
    looked.add(copy.key)
    const status = unchanged(reported.get(copy), reportPartition(copy, flow, now))
    reported.set(copy, status)
    add(copy.shared.topic, copy.shared.targetTopic, status)
  }
  for (const [key, listed] of flow.checked?.listed ?? [])
    if (!looked.has(key)) add(listed.topic, flow.targetTopicOf(listed.topic), reportWaiting(listed, flow))
  return [...topics.values()].map(sorted).sort((a, b) => (a.topic < b.topic ? -1 : 1))
}

/** The verdict of the last check; `unknown` when the check is too old. */
function reportCompleteness(flow: ReportInput, { assessment }: Checked, topics: readonly TopicStatus[]): Completeness {
  const { partitions } = assessment
  const { wasComplete, transactions: openTransactions } = flow
  if (!flow.isCurrent) {
    const why = flow.checkFailure?.message ?? waitingFor(flow.silent)
    const reasons = [`the lag has been unknown since ${new Date(assessment.asOf).toISOString()}${why && `: ${why}`}`]
    return {
      verdict: 'unknown',
      partitions,
      missing: partitions,
      isStuck: false,
      wasComplete,
      reasons,
      openTransactions,
    }
  }
  const reasons = reasonsOf(assessment)
  // Counted now: most of what was missing at the time of the listing may have arrived since.
  const missing = topics.reduce((sum, topic) => sum + topic.partitions.filter(isMissing).length, 0)
  return {
    verdict: assessment.verdict,
    partitions,
    missing,
    isStuck: isStuck(assessment),
    wasComplete,
    reasons,
    openTransactions,
  }
}

/** A failed check is a problem of its own: until checks succeed, lag and completeness are unknown. */
function silentCluster({ checked, checkFailure, isCurrent, flowProblem }: ReportInput): Problem[] {
  if (!checkFailure || isCurrent || flowProblem) return []
  return [problemOf(checkFailure, checked?.listing.at ?? 0)]
}

/** Whether its source topic was deleted after all its records were copied. */
const isOver = ({ problem, lag }: PartitionStatus) => problem?.code === 'UNKNOWN_TOPIC' && lag === 0

const isMissing = (one: PartitionStatus) =>
  !isOver(one) && (one.lag !== 0 || one.position < 0 || one.problem !== undefined)

const waitingFor = (silent: readonly string[]) =>
  silent.length > 0 ? `no answer yet from cluster ${silent.join(' and cluster ')}` : ''

function transactionProblem({ topic, partition, records, producerId, since, remedy }: OpenTransaction): Problem {
  const who = producerId >= 0 ? ` of producer id ${producerId}` : ''
  return {
    code: 'OPEN_TRANSACTION',
    message: `${counted(records, 'offset')} of ${topic}-${partition} ${plural(records, 'is', 'are')} behind an open transaction${who} and cannot be copied before it ends`,
    ...{ topic, partition, since, remedy },
  }
}

/** The aliases, only where they differ from the cluster names of the flow. */
function aliasesIn({ source, target, sourceAlias, targetAlias }: FlowSettings): Pick<FlowStatus, 'aliases'> {
  return source === sourceAlias && target === targetAlias
    ? {}
    : { aliases: { source: sourceAlias, target: targetAlias } }
}

/** A failed periodic task is a problem until it succeeds again. */
function taskProblem({ task, result, code, message, remedy, lastRun, failingSince }: PeriodicTaskStatus): Problem[] {
  if (result !== 'failed') return []
  return [
    {
      code: code ?? 'INTERNAL',
      message: `${task}: ${message}`,
      since: failingSince ?? lastRun,
      ...(remedy !== undefined && { remedy }),
    },
  ]
}

function sorted(topic: TopicStatus): TopicStatus {
  return { ...topic, partitions: [...topic.partitions].sort((a, b) => a.partition - b.partition) }
}

function reportPartition(copy: PartitionCopy, flow: ReportInput, now: number): PartitionStatus {
  const position = copy.position.next
  const listed = flow.checked?.listed.get(copy.key)
  const lag = flow.isCurrent ? lagOfCopy(copy, listed, flow) : null
  return {
    partition: copy.partition,
    state: copy.state,
    sourceStart: copy.source.logStart,
    sourceEnd: Math.max(copy.source.end, listed?.stableEnd ?? -1),
    position,
    targetEnd: copy.position.anchor?.targetNext ?? -1,
    active: position < 0 ? 0 : Math.max(0, copy.source.next - position),
    lag,
    ...(lag === null && sourceLag(copy, flow)),
    lagMs: lag === 0 ? 0 : now - Math.min(now, copy.position.behind?.since ?? now, heldBackSince(copy, flow) ?? now),
    records: copy.position.records,
    bytes: copy.position.bytes,
    doubtful: copy.position.doubtful,
    missed: copy.position.missed,
    ...(copy.failures.current &&
      isWorthReporting(copy, now) && { problem: problemOf(copy.failures.current, copy.failures.since) }),
  }
}

/** Since when records of the partition have been behind an open transaction (ms since the epoch); undefined if there are none. */
function heldBackSince({ key, shared, partition, position }: PartitionCopy, flow: ReportInput): number | undefined {
  const held = flow.checked?.heldBack.get(key)
  if (!held || position.next > held.offset) return undefined
  const open = flow.transactions.find((one) => one.topic === shared.topic && one.partition === partition)
  return Math.min(held.since, open?.since ?? held.since)
}

/** Returns the previous object if nothing differs, to save memory: of ten thousand partitions, few change. */
function unchanged(before: PartitionStatus | undefined, now: PartitionStatus): PartitionStatus {
  if (!before || before.problem || before.sourceLag !== now.sourceLag) return now
  for (const key in now) if (before[key as keyof PartitionStatus] !== now[key as keyof PartitionStatus]) return now
  return before
}

/**
 * The lag by the listing and by what was fetched since; null while unknown. A topic that was deleted on the source after all known records
 * arrived has nothing left to copy, even if its copying never began.
 */
function lagOfCopy(copy: PartitionCopy, listed: ListedPartition | undefined, flow: ReportInput): number | null {
  if (!listed) {
    const isDeleted = copy.failures.current?.code === 'UNKNOWN_TOPIC' && flow.checked !== undefined
    return copy.position.next < 0 && !isDeleted ? null : Math.max(0, copy.source.end - Math.max(0, copy.position.next))
  }
  const progress = flow.progressOf(listed)
  if (!progress || listed.failure) return null
  return lagOf({ ...listed, end: Math.max(listed.end, copy.source.end) }, progress.next) ?? null
}

/**
 * The source offsets after the position while the target does not answer, because the source is still listed. Unknown on standby,
 * where another process works on the flow.
 */
function sourceLag({ position: { next }, source }: PartitionCopy, { state, endsSince }: ReportInput) {
  if (state === 'standby' || next < 0 || source.listedAt < endsSince) return {}
  return { sourceLag: Math.max(0, Math.max(source.end, source.listedEnd) - next) }
}

/** The status of a partition that is known only from the source listing. */
function reportWaiting(listed: ListedPartition, flow: ReportInput): PartitionStatus {
  const { partition, start = -1, end, stableEnd } = listed
  const progress = flow.progressOf(listed)
  return {
    ...{ partition, state: 'waiting', sourceStart: start, sourceEnd: Math.max(end, stableEnd) },
    ...{ position: -1, targetEnd: -1, active: 0, lagMs: 0, records: 0, bytes: 0, doubtful: 0, missed: 0 },
    lag: (flow.isCurrent && progress ? lagOf(listed, progress.next) : undefined) ?? null,
  }
}

/** Failures that recover within seconds are not reported as problems. */
function isWorthReporting(copy: PartitionCopy, now: number): boolean {
  return copy.state === 'quarantined' || now - copy.failures.since > 3000
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
