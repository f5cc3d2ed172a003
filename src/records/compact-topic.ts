// Ensures that a state topic exists and is compacted, with the rules of Connect's internal topics.

import { configCommand } from '../base/config-command.ts'
import { counted } from '../base/counted.ts'
import { Failure } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import type { Admin } from '../kafka/admin.ts'
import type { Cluster, PartitionMetadata, TopicMetadata } from '../kafka/cluster.ts'
import { errorCodes } from '../kafka/wire-errors.ts'
import { isOnlyCompacted } from '../model/cleanup-policy.ts'
import { factorFor } from '../model/flow-settings.ts'
import type { CompactTopic } from './record-log.ts'

const storageReplicationKey = 'offset.storage.replication.factor'
/** How long to wait until all partitions of a topic have a leader (ms). */
const VISIBLE_WITHIN_MS = 30_000

type Metadata = Pick<Cluster, 'alias' | 'metadata' | 'settings'>

/** The part of Cluster and Admin that ensureCompactTopic needs. */
export interface CompactTopicParts {
  readonly cluster: Metadata
  readonly admin: Pick<Admin, 'createTopics' | 'describeTopicConfigs'>
}

/**
 * Returns the metadata of the topic, which is created if missing. `cleanup.policy` is always compact, also if `configs` contains another.
 * @throws Failure STATE_UNREADABLE (exists but is not compacted), CONFIG_INVALID (replication factor), NOT_AUTHORIZED and others of the broker
 */
export async function ensureCompactTopic(parts: CompactTopicParts, spec: CompactTopic): Promise<TopicMetadata> {
  const { found, brokers } = await lookFor(parts.cluster, spec.name)
  if (found)
    return spec.skipPolicyCheck ? found : mustBeCompact(parts, await whenVisible(parts.cluster, spec.name, found))
  const { name, partitions } = spec
  const replicationFactor = factorFor(spec, brokers)
  const configs = { ...spec.configs, 'cleanup.policy': spec.cleanupPolicy }
  const results = await parts.admin.createTopics([{ name, partitions, replicationFactor, configs }])
  const failure = results.get(name)
  const wireCode = failure?.circumstances.wireCode
  if (wireCode === errorCodes.INVALID_REPLICATION_FACTOR)
    throw tooFewBrokers(parts.cluster, { ...spec, replicationFactor }, brokers, failure)
  // Another client has created it meanwhile, possibly with other configs.
  if (wireCode === errorCodes.TOPIC_ALREADY_EXISTS) {
    const existing = await whenVisible(parts.cluster, name)
    return spec.skipPolicyCheck ? existing : mustBeCompact(parts, existing)
  }
  if (failure) throw failure
  return whenVisible(parts.cluster, name)
}

/**
 * The topic, or undefined if it does not exist; and the number of brokers.
 * @throws Failure if no broker responds, or the user may not describe the topic
 */
async function lookFor(cluster: Metadata, name: string): Promise<{ found?: TopicMetadata; brokers: number }> {
  const { topics, brokers } = await cluster.metadata([name])
  const topic = topics.get(name)
  if (topic?.error === errorCodes.TOPIC_AUTHORIZATION_FAILED) {
    const user = `the user of cluster ${cluster.alias} may not describe topic ${name}`
    throw new Failure('NOT_AUTHORIZED', user, {
      cluster: cluster.alias,
      topic: name,
      remedy: `grant the user Describe, Create, Read and Write on topic ${name} (godwit check FILE prints the whole commands)`,
    })
  }
  return {
    ...(topic && topic.error !== errorCodes.UNKNOWN_TOPIC_OR_PARTITION && { found: topic }),
    brokers: brokers.size,
  }
}

/** Waits until all partitions of the topic have a leader. @param known metadata that was just read @throws Failure */
async function whenVisible(cluster: Metadata, name: string, known?: TopicMetadata): Promise<TopicMetadata> {
  const deadline = Date.now() + VISIBLE_WITHIN_MS
  for (let topic = known; ; topic = (await lookFor(cluster, name)).found) {
    if (topic?.error === 0 && topic.partitions.length > 0 && topic.partitions.every((p) => p.leader >= 0)) return topic
    if (Date.now() > deadline) {
      const sentence = `topic ${name} on cluster ${cluster.alias} has partitions without a leader`
      throw new Failure('LEADER_MOVED', sentence, {
        ...{ cluster: cluster.alias, topic: name },
        ...startBrokersRemedy(topic?.partitions ?? []),
      })
    }
    await sleep(100)
  }
}

/** Requires exactly `compact`, as Connect does. If the user may not describe configs the check is skipped, as in Connect. */
async function mustBeCompact({ cluster, admin }: CompactTopicParts, topic: TopicMetadata): Promise<TopicMetadata> {
  const configs = (await admin.describeTopicConfigs([topic.name])).get(topic.name)
  if (configs instanceof Failure) {
    if (configs.code === 'NOT_AUTHORIZED') return topic
    throw configs
  }
  const policy = configs?.find((entry) => entry.name === 'cleanup.policy')?.value ?? 'compact'
  if (isOnlyCompacted(policy)) return topic
  const sentence = `topic ${topic.name} on cluster ${cluster.alias} has cleanup.policy=${policy}: its records would be deleted over time`
  throw new Failure('STATE_UNREADABLE', sentence, {
    cluster: cluster.alias,
    topic: topic.name,
    remedy: `set it to compact: ${configCommand(cluster.settings, topic.name, { 'cleanup.policy': 'compact' })}`,
  })
}

function tooFewBrokers(cluster: Metadata, spec: CompactTopic, brokers: number, cause: unknown): Failure {
  const replicationKey = spec.replicationKey ?? storageReplicationKey
  const sentence = `topic ${spec.name} cannot be created with replication factor ${spec.replicationFactor}: cluster ${cluster.alias} has ${counted(brokers, 'broker')}`
  return new Failure('CONFIG_INVALID', sentence, {
    cluster: cluster.alias,
    topic: spec.name,
    cause,
    remedy: `write ${replicationKey} = ${Math.max(1, brokers)} into the configuration file, or add brokers`,
  })
}

/** The remedy for partitions without a leader: names the brokers with their replicas. Empty if all partitions have a leader. */
export function startBrokersRemedy(partitions: readonly PartitionMetadata[]): { remedy?: string } {
  const ids = new Set(partitions.filter(({ leader }) => leader < 0).flatMap(({ replicas }) => replicas))
  if (ids.size === 0) return {}
  return { remedy: `start broker ${[...ids].toSorted((a, b) => a - b).join(', ')} again: the replicas are there` }
}
