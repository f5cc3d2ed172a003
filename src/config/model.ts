// The result of a configuration file: the clusters and the flows to run, compiled and checked.
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { ConfigProblem } from './problems.ts'
import type { metricFamilies } from './settings/godwit.ts'

/**
 * One flow that copies, or only emits heartbeats. The four clusters differ only in client keys, because MM2 has separate keys for
 * each role.
 */
export interface Flow {
  readonly settings: FlowSettings
  /** the source, for the consumer that reads records */
  readonly sourceCluster: ClusterSettings
  /** the target, for the producer that writes records */
  readonly targetCluster: ClusterSettings
  /** both, for topics, configs, groups */
  readonly sourceAdmin: ClusterSettings
  readonly targetAdmin: ClusterSettings
}

/** The settings of the process, not of a flow. */
export interface ProcessSettings {
  readonly metrics: {
    /** families of names in addition to godwit's own */
    readonly families: readonly (typeof metricFamilies)[number][]
    /** false: no series per partition */
    readonly partitions: boolean
  }
}

/** A flow in the file that is not run because of errors that concern it. */
export interface DisabledFlow {
  readonly name: string
  /** errors; at least one */
  readonly problems: readonly ConfigProblem[]
}

export interface Model {
  /** aliases in the order of the file */
  readonly clusters: readonly string[]
  /** flows that are enabled or emit heartbeats, with a requested target */
  readonly flows: readonly Flow[]
  /** flows that are left out; the others run, as MM2 continues without a connector that it refuses */
  readonly disabled: readonly DisabledFlow[]
  readonly process: ProcessSettings
}
