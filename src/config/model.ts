// What a configuration file comes to: the clusters and the flows that are to run, compiled and checked.
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
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

export interface Model {
  /** aliases in the order of the file */
  readonly clusters: readonly string[]
  /** flows that are enabled or emit heartbeats, and whose target was asked for */
  readonly flows: readonly Flow[]
  readonly process: ProcessSettings
}
