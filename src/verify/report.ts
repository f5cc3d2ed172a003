// The result of a verification, the structure of the JSON report, with a digest over all of it.
import { createHash } from 'node:crypto'
import type { Section } from './around.ts'
import { moreSevere, type PartitionOutcome, type VerifyVerdict } from './outcome.ts'
import type { Depth } from './partition-check.ts'

export interface PartitionReport extends PartitionOutcome {
  readonly partition: number
  /** why the partition was not read to its end */
  readonly failure?: string
}

export interface TopicReport {
  readonly topic: string
  readonly targetTopic: string
  verdict: VerifyVerdict
  /** number of partitions on each side; 0 on the target if it has no such topic */
  readonly partitionCounts: { readonly source: number; readonly target: number }
  /** differences of the topic as a whole */
  readonly differences: readonly string[]
  readonly partitions: readonly PartitionReport[]
}

interface ClusterReport {
  readonly alias: string
  readonly clusterId: string
  readonly brokers: number
}

export interface Report {
  readonly godwit: string
  readonly flow: string
  readonly depth: Depth
  /** ISO 8601; of the first run if this one was resumed */
  readonly startedAt: string
  readonly endedAt: string
  /**
   * The moments at which the compared ranges of the source were fixed, ISO 8601: the earliest and the latest one. They differ because
   * topics and partitions that are created meanwhile are compared later, and a resumed run keeps the ranges of the earlier one.
   */
  readonly asOf: { readonly from: string; readonly to: string }
  readonly source: ClusterReport
  readonly target: ClusterReport
  readonly isolation: string
  readonly verdict: VerifyVerdict
  /** records that were compared and are equal, or counted on the source */
  readonly records: number
  /** bytes of record batches read in this run */
  readonly bytesRead: { readonly source: number; readonly target: number }
  /** remarks, e.g. topics that the configuration names and the source does not have */
  readonly notes: readonly string[]
  readonly topics: readonly TopicReport[]
  readonly around: readonly Section[]
  /** SHA-256, hex, over the JSON of everything else with the members of each object in alphabetical order */
  readonly digest: string
}

/** The most severe of these verdicts; equal when there are none. */
export function mostSevere(verdicts: Iterable<VerifyVerdict>): VerifyVerdict {
  let worst: VerifyVerdict = 'equal'
  for (const verdict of verdicts) worst = moreSevere(worst, verdict)
  return worst
}

/** The report with its verdict and digest. */
export function sealed(report: Omit<Report, 'digest' | 'verdict' | 'records'>): Report {
  const verdict = mostSevere([...report.topics, ...report.around].map((one) => one.verdict))
  const partitions = report.topics.flatMap((topic) => topic.partitions)
  const records = partitions.reduce((sum, one) => sum + (one.counted?.source ?? one.records), 0)
  const whole = { ...report, verdict, records }
  return { ...whole, digest: createHash('sha256').update(canonicalJson(whole)).digest('hex') }
}

/** JSON without whitespace, the members of each object in alphabetical order. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => {
    if (typeof field !== 'object' || field === null || Array.isArray(field)) return field
    return Object.fromEntries(Object.entries(field).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
