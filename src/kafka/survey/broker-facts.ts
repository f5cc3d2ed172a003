// Facts about brokers and their machines: log directories and free space, enabled features, clock.
import type { Cluster } from '../cluster.ts'
import { describeCode, errorCodes, failureOfAnswer } from '../wire-errors.ts'

/** A replica of a partition in a log directory. */
interface ReplicaSize {
  readonly topic: string
  readonly partition: number
  readonly bytes: number
}

export interface LogDir {
  readonly broker: number
  readonly path: string
  /** size of the volume in bytes (KIP-827, Kafka 3.3); -1 if the broker does not return it */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly replicas: readonly ReplicaSize[]
  /** why the directory cannot be used, in Kafka's words; empty if it can */
  readonly problem: string
}

/** How far the clock of the controller is ahead of this machine's, and the uncertainty of that (both in ms). */
export interface ClockDifference {
  readonly aheadMs: number
  readonly withinMs: number
}

interface LogDirsAnswer {
  errorCode?: number
  results: {
    errorCode: number
    logDir: string
    topics: {
      name: string
      partitions: { partitionIndex: number; partitionSize: bigint; isFutureKey: boolean }[]
    }[]
    totalBytes?: bigint
    usableBytes?: bigint
  }[]
}

/**
 * The log directories of a broker with their replicas. Needs Describe on the cluster.
 * @throws Failure of the broker, including NOT_AUTHORIZED
 */
export async function describeLogDirs(cluster: Cluster, broker: number): Promise<LogDir[]> {
  const answer = await cluster.callBroker<LogDirsAnswer>(broker, 'describeLogDirs', [null])
  // Before version 3 the response to a user without the permission is an empty list.
  const code = answer.errorCode || (answer.results.length === 0 ? errorCodes.CLUSTER_AUTHORIZATION_FAILED : 0)
  if (code !== 0) throw failureOfAnswer(code, undefined, { cluster: cluster.alias, right: 'Describe' })
  return answer.results.map(({ errorCode, logDir, topics, totalBytes, usableBytes }) => ({
    broker,
    path: logDir,
    totalBytes: Number(totalBytes ?? -1),
    usableBytes: Number(usableBytes ?? -1),
    problem: errorCode === 0 ? '' : describeCode(errorCode),
    replicas: topics.flatMap(({ name: topic, partitions }) =>
      partitions
        .filter(({ isFutureKey }) => !isFutureKey)
        .map(({ partitionIndex: partition, partitionSize }) => ({ topic, partition, bytes: Number(partitionSize) })),
    ),
  }))
}

/** A feature of a cluster (KIP-584), e.g. `metadata.version`. */
export interface Feature {
  /** enabled level; 0 if it is disabled */
  readonly level: number
  /** highest level that the responding broker supports */
  readonly atMost: number
}

interface FeaturesAnswer {
  readonly finalizedFeatures: readonly { name: string; maxVersionLevel: number }[]
  readonly supportedFeatures: readonly { name: string; maxVersion: number }[]
}

/** The features of a cluster by name, including disabled ones; none before Kafka 2.7. @throws Failure */
export async function featuresOf(cluster: Cluster): Promise<ReadonlyMap<string, Feature>> {
  const answer = await cluster.callAny<FeaturesAnswer>('apiVersions', ['godwit', '0'])
  const known = answer.supportedFeatures.map(({ name, maxVersion: atMost }) => [name, { level: 0, atMost }] as const)
  const found = new Map<string, Feature>(known)
  for (const { name, maxVersionLevel: level } of answer.finalizedFeatures)
    found.set(name, { level, atMost: found.get(name)?.atMost ?? level })
  return found
}

interface QuorumAnswer {
  errorCode: number
  topics: {
    partitions: {
      errorCode: number
      leaderId: number
      currentVoters: { replicaId: number; lastFetchTimestamp: bigint }[]
    }[]
  }[]
}

/**
 * Compares clocks: the leader of a KRaft quorum returns its current time as its own last fetch time (KIP-836). The uncertainty is
 * half the round-trip time. Needs Describe on the cluster.
 * @returns undefined if the quorum does not return a time
 * @throws Failure UNSUPPORTED_VERSION (ZooKeeper, before 3.3), NOT_AUTHORIZED
 */
export async function controllerClock(cluster: Cluster): Promise<ClockDifference | undefined> {
  const asked = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
  // The first request opens the connection; the second one measures.
  await cluster.callAny<QuorumAnswer>('describeQuorum', [asked])
  const before = Date.now()
  const answer = await cluster.callAny<QuorumAnswer>('describeQuorum', [asked])
  const after = Date.now()
  const partition = answer.topics[0]?.partitions[0]
  const code = answer.errorCode || (partition?.errorCode ?? 0)
  if (code !== 0) throw failureOfAnswer(code, undefined, { cluster: cluster.alias, right: 'Describe' })
  const leader = partition?.currentVoters.find(({ replicaId }) => replicaId === partition.leaderId)
  const time = Number(leader?.lastFetchTimestamp ?? -1n)
  return time <= 0 ? undefined : { aheadMs: time - (before + after) / 2, withinMs: (after - before) / 2 }
}
