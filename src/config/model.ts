// What a configuration file comes to: the clusters and the flows that are to run, compiled and checked.
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { ConfigProblem } from './problems.ts'
import type { metricFamilies } from './settings/godwit.ts'

/** One flow that copies, or only emits heartbeats. The four clusters differ in client keys only: MM2 lets each role have its own. */
export interface Flow {
  readonly settings: FlowSettings
  /** the source, as the consumer that reads it */
  readonly sourceCluster: ClusterSettings
  /** the target, as the producer that writes it */
  readonly targetCluster: ClusterSettings
  /** both, for topics, configs, groups */
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
}

/** What concerns the process rather than a flow. */
export interface ProcessSettings {
  readonly metrics: {
    /** names beside godwit's own */
    readonly families: readonly (typeof metricFamilies)[number][]
    /** false: no series per partition */
    readonly partitions: boolean
  }
}

/** A flow that the file asks for and that is not run, since its part of the file is wrong. */
export interface DisabledFlow {
  readonly name: string
  /** errors; at least one */
  readonly problems: readonly ConfigProblem[]
}

export interface Model {
  /** aliases in the order of the file */
  readonly clusters: readonly string[]
  /** flows that are enabled or emit heartbeats, and whose target was asked for */
  readonly flows: readonly Flow[]
  /** flows that are left out: the others run, as MM2 goes on without a connector that it refuses */
  readonly disabled: readonly DisabledFlow[]
  readonly process: ProcessSettings
}
