// Read-only checks of a cluster beyond topics and offsets. The only entry point to the folder `survey`.
import type { NewTopic } from './admin.ts'
import type { Cluster } from './cluster.ts'
import type { ClusterSettings, SaslMechanism } from './cluster-settings.ts'
import {
  type ClockDifference,
  controllerClock,
  describeLogDirs,
  type Feature,
  featuresOf,
  type LogDir,
} from './survey/broker-facts.ts'
import {
  clusterPermissions,
  groupPermissions,
  type Operation,
  type PermissionState,
  topicPermissions,
} from './survey/permissions.ts'
import { otherMechanism, type Reached, reach } from './survey/reach.ts'
import { type Trial, tryToCreate } from './survey/trial.ts'

export type { ClockDifference, Feature, LogDir } from './survey/broker-facts.ts'
export type { Operation, PermissionState } from './survey/permissions.ts'
export type { Reached } from './survey/reach.ts'
export type { Trial } from './survey/trial.ts'

export class Survey {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The log directories of a broker with their replicas. Needs Describe on the cluster. @throws Failure */
  logDirs(broker: number): Promise<LogDir[]> {
    return describeLogDirs(this.#cluster, broker)
  }

  /** The features that the cluster has enabled or supports, by name. @throws Failure UNSUPPORTED_VERSION before Kafka 2.4 */
  features(): Promise<ReadonlyMap<string, Feature>> {
    return featuresOf(this.#cluster)
  }

  /** How far the clock of the controller is ahead of this machine's; undefined if the controller does not return it. @throws Failure */
  clock(): Promise<ClockDifference | undefined> {
    return controllerClock(this.#cluster)
  }

  /** Validates the creation of these topics without creating them. Results by name. @throws Failure */
  tryToCreate(topics: readonly NewTopic[]): Promise<Map<string, Trial>> {
    return tryToCreate(this.#cluster, topics)
  }

  /** What the user may do with these topics, existing or not. @throws Failure if no broker responds */
  topicPermissions(topics: readonly string[], operations: readonly Operation[]): Promise<Verdicts> {
    return topicPermissions(this.#cluster, topics, operations)
  }

  /** The same for groups: Read and Describe. @throws Failure if no broker responds */
  groupPermissions(groups: readonly string[]): Promise<Verdicts> {
    return groupPermissions(this.#cluster, groups)
  }

  /** The same for the cluster itself. @throws Failure if no broker responds */
  clusterPermissions(operations: readonly Operation[]): Promise<ReadonlyMap<Operation, PermissionState>> {
    return clusterPermissions(this.#cluster, operations)
  }
}

/** By name, then by operation. */
export type Verdicts = ReadonlyMap<string, ReadonlyMap<Operation, PermissionState>>

/** Connects to one address (host:port), authenticates, and closes the connection. Never throws a Failure. */
export function reachAddress(settings: ClusterSettings, address: string): Promise<Reached> {
  return reach(settings, address)
}

/** The other SCRAM mechanism, if the same login succeeds with it at this address (host:port). */
export function otherScramMechanism(settings: ClusterSettings, address: string): Promise<SaslMechanism | undefined> {
  return otherMechanism(settings, address)
}
