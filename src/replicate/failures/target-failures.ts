// Failures of a target topic: error codes of Produce, and records that are too large. Each names the command that makes the topic
// accept the records, and the line that stops the flow from reverting the config.
import { configCommand, lengthenedLine } from '../../base/config-command.ts'
import { Failure } from '../../base/failure.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { ProducedPartition } from '../../kafka/raw-produce.ts'
import { errorCodes, failureOfCode, wireErrorName } from '../../kafka/wire-errors.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { unreadable, withGrant } from '../topic-failures.ts'

const TOO_LARGE = new Set<number>([errorCodes.MESSAGE_TOO_LARGE, errorCodes.RECORD_LIST_TOO_LARGE])
const POLICY = new Set<number>([errorCodes.INVALID_TOPIC_EXCEPTION, errorCodes.POLICY_VIOLATION])
/** The producer's sequence differs from the target's producer state: recovery has to read what the target has. */
const SEQUENCE = new Set<number>([
  errorCodes.OUT_OF_ORDER_SEQUENCE_NUMBER,
  errorCodes.DUPLICATE_SEQUENCE_NUMBER,
  errorCodes.INVALID_PRODUCER_EPOCH,
  errorCodes.UNKNOWN_PRODUCER_ID,
])
/** Kafka's default of max.message.bytes; never propose less. */
const USUAL_LIMIT = 1_048_588
const FOREVER = '9223372036854775807'

interface TargetParts {
  readonly settings: FlowSettings
  readonly targetCluster: ClusterSettings
}

/** The failure for a Produce error code of a partition. */
export function produceFailure(copy: PartitionCopy, produced: ProducedPartition, parts: TargetParts): Failure {
  const { targetTopic: topic, maxMessageBytes } = copy.shared
  const { settings, targetCluster } = parts
  const where = {
    cluster: settings.target,
    topic,
    partition: copy.partition,
    offset: BigInt(Math.max(0, copy.position.next)),
  }
  const name = wireErrorName(produced.error)
  const detail = produced.message ? `: ${produced.message}` : ''
  const sentence = `target partition ${topic}-${copy.partition} refuses a batch (${name})${detail}`
  if (TOO_LARGE.has(produced.error))
    return new Failure('TOO_LARGE', sentence, { ...where, remedy: larger(topic, 2 * maxMessageBytes, parts) })
  if (SEQUENCE.has(produced.error)) return new Failure('BROKER_BUSY', sentence, where)
  if (produced.error === errorCodes.CORRUPT_MESSAGE && copy.failures.attempts < 3)
    return new Failure('BROKER_BUSY', sentence, where)
  if (produced.error === errorCodes.INVALID_TIMESTAMP) {
    const limits = { 'message.timestamp.before.max.ms': FOREVER, 'message.timestamp.after.max.ms': FOREVER }
    const remedy = `the timestamps lie outside message.timestamp.before.max.ms / message.timestamp.after.max.ms of ${topic} (message.timestamp.difference.max.ms before Kafka 3.6): ${changed(topic, limits, parts)}`
    return new Failure('REFUSED_BY_TARGET', sentence, { ...where, remedy })
  }
  if (produced.error === errorCodes.INVALID_RECORD)
    return new Failure('REFUSED_BY_TARGET', sentence, { ...where, remedy: uncompacted(topic, parts) })
  if (POLICY.has(produced.error) || produced.error === errorCodes.CORRUPT_MESSAGE)
    return new Failure('REFUSED_BY_TARGET', sentence, where)
  return withGrant(failureOfCode(produced.error, { ...where, right: 'Write' }, sentence), 'Write', targetCluster)
}

/** The failure for a batch that cannot be sent: adds cluster and partition, which the code that read the batch does not know. */
export function unfitFailure(copy: PartitionCopy, failure: Failure, parts: TargetParts): Failure {
  const { shared, partition } = copy
  const { circumstances, code } = failure
  if (code !== 'TOO_LARGE' || circumstances.topic !== undefined) return unreadable(copy, failure, parts.settings)
  const sentence = `source partition ${copy.key} cannot go on into topic ${shared.targetTopic}: ${failure.message}`
  return new Failure(code, sentence, {
    ...circumstances,
    cluster: parts.settings.target,
    topic: shared.targetTopic,
    partition,
    remedy: larger(shared.targetTopic, circumstances.bytes ?? 2 * shared.maxMessageBytes, parts),
  })
}

function larger(topic: string, bytes: number, parts: TargetParts): string {
  return changed(topic, { 'max.message.bytes': String(Math.max(USUAL_LIMIT, bytes)) }, parts)
}

/**
 * The command that sets configs of the target topic, and the line that stops the periodic task topic-configs from reverting them.
 */
function changed(topic: string, configs: Readonly<Record<string, string>>, { settings, targetCluster }: TargetParts) {
  const { name, configProperties, leftOut, syncTopicConfigs } = settings
  const run = `run ${configCommand(targetCluster, topic, configs)}`
  const undone = Object.keys(configs).filter((config) => !configProperties.exclude.some((one) => one.test(config)))
  if (!syncTopicConfigs.enabled || undone.length === 0) return run
  const line = lengthenedLine(`${name}.config.properties.exclude`, leftOut.configProperties, undone)
  return `${run}; so that the periodic task topic-configs does not set it back, write ${line} into the file and start godwit again`
}

/**
 * A source topic may have records without a key from before it was compacted, until its cleaner removes them. A compacted target
 * refuses them, so compaction must be disabled there for a time, without retention that deletes old records.
 */
function uncompacted(topic: string, { settings, targetCluster }: TargetParts): string {
  const taken = { 'cleanup.policy': 'delete', 'retention.ms': '-1', 'retention.bytes': '-1' }
  const why =
    'most often a record without a key, which a compacted topic refuses; the source may hold some from before it was compacted'
  const run = configCommand(targetCluster, topic, taken)
  const back = configCommand(targetCluster, topic, {
    'cleanup.policy': 'compact',
    'retention.ms': undefined,
    'retention.bytes': undefined,
  })
  if (!settings.syncTopicConfigs.enabled)
    return `${why}: to have the target take them run ${run}; once they are copied, set the configs back: ${back}`
  return `${why}: to have the target take them write ${settings.name}.sync.topic.configs.enabled = false into the file, start godwit again, and run ${run}; once they are copied, take the line out again, and the periodic task topic-configs sets the configs back`
}
