// Whether a partition can be copied now, according to the metadata of both clusters.
import { Failure } from '../../base/failure.ts'
import type { BrokerAddress } from '../../kafka/raw-connection.ts'
import type { Topology } from '../../kafka/topology.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { CopiedPosition } from '../partition/copied-position.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { recreated, sourceGone, targetDeleted } from '../topic-failures.ts'

/** The fields of a partition that are used here. */
type NamedPartition = Pick<PartitionCopy, 'shared' | 'partition'> & {
  readonly position: Pick<CopiedPosition, 'anchor'>
}

/** Undefined if both sides have a leader and the same topics as before; otherwise the reason. */
export function whyNotReady(
  copy: NamedPartition,
  source: Topology,
  target: Topology,
  settings: FlowSettings,
): Failure | undefined {
  const { topic, targetTopic, sourceId, targetId } = copy.shared
  return (
    whyNotOn(source, { topic, id: sourceId, cluster: settings.source, side: 'source', copy, settings }) ??
    whyNotOn(target, { topic: targetTopic, id: targetId, cluster: settings.target, side: 'target', copy, settings })
  )
}

/**
 * The broker to fetch a partition from: the follower named by its leader (KIP-392), otherwise the leader.
 * @param now ms since the epoch
 */
export function readFrom(
  copy: PartitionCopy,
  source: Topology,
  now: number,
): { broker: BrokerAddress; epoch: number } | undefined {
  const leader = source.leaderOf(copy.shared.topic, copy.partition)
  const near = copy.source.nearReplica
  const follower = near && now < near.until ? source.current?.brokers.get(near.id) : undefined
  return leader && follower ? { broker: follower, epoch: leader.epoch } : leader
}

interface Side {
  readonly topic: string
  /** '' if the cluster has no topic ids */
  readonly id: string
  readonly cluster: string
  readonly side: 'source' | 'target'
  readonly copy: NamedPartition
  readonly settings: FlowSettings
}

function whyNotOn(topology: Topology, { topic, id, cluster, side, copy, settings }: Side): Failure | undefined {
  const { shared, partition } = copy
  const known = topology.current?.topics.get(topic)
  const where = { cluster, topic, partition }
  if (topology.current && !known) {
    if (side === 'source') return sourceGone(topic, settings)
    if (copy.position.anchor) return targetDeleted(shared.topic, topic, settings)
    return new Failure('UNKNOWN_TOPIC', `target topic ${topic} is not there; it is created again soon`, where)
  }
  // Offsets of the deleted topic do not apply to the recreated one.
  if (known && id !== '' && known.topicId !== '' && known.topicId !== id) return recreated(side, shared, settings)
  if (topology.leaderOf(topic, partition)) return undefined
  const sentence = `partition ${topic}-${partition} has no leader on cluster ${cluster}`
  return new Failure('LEADER_MOVED', sentence, { ...where, ...whyLeaderless(topology, topic, partition) })
}

/** A partition has no leader for a moment whenever the leader changes. If that lasts, its brokers must be checked. */
function whyLeaderless(topology: Topology, topic: string, partition: number): { remedy?: string } {
  const { topics, brokers } = topology.current ?? {}
  const { replicas = [], isr = [] } = topics?.get(topic)?.partitions[partition] ?? {}
  if (replicas.length === 0) return {}
  const list = (ids: readonly number[]) => `broker ${ids.join(', ')}`
  const up = replicas.filter((id) => brokers?.has(id))
  const inSync = isr.length > 0 ? `; in sync was ${list(isr)}` : ''
  if (up.length === 0) return { remedy: `start ${list(replicas)} again, where its replicas lie${inSync}` }
  const remedy = `its replica on ${list(up)} is offline although that broker runs: its disk may be full or broken; see the broker's log, make room, and restart it${inSync}`
  return { remedy }
}
