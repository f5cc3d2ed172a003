// Room on the brokers' disks, and how much the partitions take.
import type { Failure } from '../../base/failure.ts'
import type { ClusterMetadata } from '../../kafka/cluster.ts'
import type { LogDir, Survey } from '../../kafka/survey.ts'

/** A log folder without what lies in it. */
export type VolumeFacts = Omit<LogDir, 'replicas'>

export interface DiskFacts {
  /** all log folders of the brokers that answered */
  readonly volumes: readonly VolumeFacts[]
  /** `topic-partition` -> bytes of the leader's replica */
  readonly leaderBytes: ReadonlyMap<string, number>
  /** of all replicas of all topics */
  readonly usedBytes: number
}

/** @throws Failure when no broker tells, e.g. NOT_AUTHORIZED */
export async function disksOf(
  survey: Pick<Survey, 'logDirs'>,
  { brokers, topics }: ClusterMetadata,
): Promise<DiskFacts> {
  const answers = await Promise.allSettled([...brokers.keys()].map((id) => survey.logDirs(id)))
  const failed = answers.find((one) => one.status === 'rejected')
  const folders = answers.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  if (failed && folders.length === 0) throw failed.reason as Failure
  const leaderBytes = new Map<string, number>()
  let usedBytes = 0
  for (const { broker, replicas } of folders) {
    for (const { topic, partition, bytes } of replicas) {
      usedBytes += bytes
      const leader = topics.get(topic)?.partitions.find(({ index }) => index === partition)?.leader
      if (leader === broker) leaderBytes.set(`${topic}-${partition}`, bytes)
    }
  }
  return { volumes: folders.map(({ replicas: _, ...volume }) => volume), leaderBytes, usedBytes }
}
