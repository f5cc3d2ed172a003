// A contestant: a name, and how it is started for one round.
import type { Launch } from '../measure/child.ts'
import type { Workload } from '../workloads.ts'

export interface Assignment {
  readonly workload: Workload
  /** alias of the source cluster, new in every round, because names of target topics and stored positions contain it */
  readonly alias: string
  readonly source: string
  /** bootstrap server of the target, through the slow link if the workload uses it */
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
  /** whether it can run workloads of this kind */
  takes(kind: Workload['kind']): boolean
  launch(assignment: Assignment): Promise<Launch>
}

/** The name of a topic on the target under MM2's DefaultReplicationPolicy. */
export function targetNameOf(assignment: Pick<Assignment, 'alias'>, topic: string): string {
  return `${assignment.alias}.${topic}`
}
