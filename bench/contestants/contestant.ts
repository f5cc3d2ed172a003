// What a contestant is: a name, and how it is started for one round.
import type { Launch } from '../measure/child.ts'
import type { Workload } from '../workloads.ts'

export interface Assignment {
  readonly workload: Workload
  /** alias of the source cluster, new in every round: names of target topics and of stored positions follow from it */
  readonly alias: string
  readonly source: string
  /** the target's bootstrap server, through the slow link where the workload has one */
  readonly target: string
  /** source topics and their partitions */
  readonly topics: ReadonlyMap<string, number>
  readonly records: number
  /** an empty folder for configuration files */
  readonly folder: string
  readonly java: JavaTools
}

export interface JavaTools {
  readonly java: string
  readonly classpath: string
}

export interface Contestant {
  readonly name: string
  readonly kind: 'ceiling' | 'godwit' | 'rival'
  /** true when it can take part in workloads of this kind */
  takes(kind: Workload['kind']): boolean
  launch(assignment: Assignment): Promise<Launch>
}

/** What a topic is called on the target: as MM2's default policy names it. */
export function targetNameOf(assignment: Pick<Assignment, 'alias'>, topic: string): string {
  return `${assignment.alias}.${topic}`
}
