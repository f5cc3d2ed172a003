// Failures of a partition on the source side: error codes of Fetch, and results of recovery. The target side is in
// failures/target-failures.ts.
import { lengthenedLine } from '../base/config-command.ts'
import { counted } from '../base/counted.ts'
import { Failure, sentenceOf } from '../base/failure.ts'
import { resetCommand } from '../base/reset-command.ts'
import { grantLine } from '../kafka/acls.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import type { FetchedPartition } from '../kafka/raw-fetch.ts'
import { errorCodes, failureOfCode, unlessTooFew } from '../kafka/wire-errors.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { PartitionCopy } from './partition-copy.ts'
import { damageRemedy } from './send/inspect.ts'

/** The failure for a Fetch error code of a partition, or for a log that diverges from what was read before (KIP-595). */
export function fetchFailure(
  copy: PartitionCopy,
  fetched: FetchedPartition,
  settings: FlowSettings,
  cluster: ClusterSettings,
): Failure {
  const where = {
    cluster: settings.source,
    topic: copy.shared.topic,
    partition: copy.partition,
    offset: BigInt(Math.max(0, copy.source.next)),
  }
  if (fetched.divergingEnd >= 0) {
    return new Failure(
      'SOURCE_TRUNCATED',
      `source partition ${copy.key} lost the records from offset ${fetched.divergingEnd} on, which were read before (unclean leader election)`,
      {
        ...where,
        remedy: `the target holds records that the source no longer has; to leave them there and go on behind what the source still has run ${resetOf(copy, settings, String(fetched.divergingEnd))}; to copy the topic again, delete target topic ${copy.shared.targetTopic} and run ${resetCommand({ file: settings.file, flow: settings.name, topic: copy.shared.topic })}`,
      },
    )
  }
  if (fetched.error === errorCodes.OFFSET_OUT_OF_RANGE)
    return new Failure(
      'OFFSET_OUT_OF_RANGE',
      `offset ${copy.source.next} of source partition ${copy.key} does not exist`,
      where,
    )
  return withGrant(failureOfCode(fetched.error, { ...where, right: 'Read' }), 'Read', cluster)
}

/** The same failure. If the user lacks this permission on the topic, with the command that grants it. */
export function withGrant(failure: Failure, right: string, cluster: ClusterSettings): Failure {
  const { code, message, circumstances } = failure
  if (code !== 'NOT_AUTHORIZED' || circumstances.topic === undefined) return failure
  const granted = { resourceType: 'topic', name: circumstances.topic, patternType: 'literal' } as const
  return new Failure(code, message, { ...circumstances, remedy: grantLine(cluster, right, granted) })
}

/** The failure for a batch that cannot be read: adds cluster and partition, which the code that read the batch does not know. */
export function unreadable(copy: PartitionCopy, failure: Failure, settings: FlowSettings): Failure {
  const { shared, partition } = copy
  const { cursor, arrived } = copy.queue
  const { circumstances, code } = failure
  if (code === 'DUPLICATES_POSSIBLE') {
    const remedy = `to copy ${counted(arrived?.records ?? 0, 'record')} again ${onDoubt(settings)}; or see what target partition ${copy.targetKey} ends with, and go on behind it, e.g. ${resetOf(copy, settings, String(Math.max(0, cursor)))}`
    return new Failure(code, failure.message, { cluster: settings.source, remedy, ...circumstances })
  }
  if (code === 'REPLICATION_LOOP') {
    const remedy = `to leave the topic out, here or in the flow of the opposite direction, ${exclusion(shared.topic, settings)}; or insist: write ${settings.name}.godwit.allow.loops = true into the file and start godwit again`
    return new Failure(code, failure.message, { cluster: settings.source, ...circumstances, remedy })
  }
  if (circumstances.topic !== undefined)
    return new Failure(code, failure.message, { cluster: settings.source, ...circumstances })
  const sentence = `source partition ${copy.key} cannot be read behind offset ${cursor}: ${failure.message}`
  const where = { cluster: settings.source, topic: shared.topic, partition, offset: BigInt(Math.max(0, cursor)) }
  return new Failure(code, sentence, {
    ...where,
    ...(code === 'CORRUPT_BATCH' && { remedy: damageRemedy }),
    ...circumstances,
  })
}

/** The line that lets the flow copy records again of which it is unknown whether the target has them. */
const onDoubt = ({ name }: FlowSettings) =>
  `write ${name}.godwit.on.doubt = at-least-once into the file and start godwit again`

/** The source lists records, but never returns them. */
export function silentSource(copy: PartitionCopy): Failure {
  const { key, shared, partition, source } = copy
  return new Failure(
    'CORRUPT_BATCH',
    `the source gives nothing of ${key} from offset ${source.next} on, although it ends at ${source.end}: its log is damaged there`,
    { topic: shared.topic, partition, offset: BigInt(source.next), remedy: damageRemedy },
  )
}

/** A topic was deleted and recreated on one side: its offsets have another meaning now. */
export function recreated(
  side: 'source' | 'target',
  { topic, targetTopic }: Pick<PartitionCopy['shared'], 'topic' | 'targetTopic'>,
  settings: FlowSettings,
): Failure {
  const name = side === 'source' ? topic : targetTopic
  const reset = resetCommand({ file: settings.file, flow: settings.name, topic })
  const remedy =
    side === 'source'
      ? `nothing of the new topic is copied until you decide; to copy it from its start run ${reset} - records of the old topic stay on the target before it, unless you delete the target topic first`
      : `the records copied before are gone with the old target topic; to copy everything again into the new one run ${reset}`
  return new Failure('TOPIC_RECREATED', `the ${side} topic ${name} was deleted and created again`, {
    cluster: settings[side],
    topic: name,
    remedy,
  })
}

/**
 * The replication policy was changed: copied records are in another topic than the file names now.
 * @param was the name of the topic with the copied records
 */
export function renamed(
  { topic, targetTopic }: Pick<PartitionCopy['shared'], 'topic' | 'targetTopic'>,
  was: string,
  settings: FlowSettings,
): Failure {
  const sentence = `the stored positions of source topic ${topic} belong to target topic ${was}, the file now names ${targetTopic}: the replication policy was changed`
  const reset = resetCommand({ file: settings.file, flow: settings.name, topic })
  return new Failure('TARGET_RENAMED', sentence, {
    cluster: settings.target,
    topic: targetTopic,
    remedy: `to go on in ${was}, ${policyOf(was, topic, settings)}, and start godwit again; or, to copy everything into ${targetTopic}, run ${reset}`,
  })
}

const policies = 'org.apache.kafka.connect.mirror'

/** The line that gives a source topic this name on the target. */
function policyOf(name: string, topic: string, { sourceAlias, policy }: FlowSettings): string {
  if (name === topic) return `write replication.policy.class = ${policies}.IdentityReplicationPolicy`
  const separator = name.slice(sourceAlias.length, name.length - topic.length)
  if (`${sourceAlias}${separator}${topic}` !== name) return 'set the replication policy back'
  const lines = [
    ...(policy.kind === 'identity' ? [`replication.policy.class = ${policies}.DefaultReplicationPolicy`] : []),
    ...(policy.separator === separator ? [] : [`replication.policy.separator = ${separator}`]),
  ]
  return `write ${lines.join(' and ')}`
}

/**
 * The target topic with copied records does not exist any more. It is never recreated automatically: it would look complete and
 * be empty.
 */
export function targetDeleted(topic: string, targetTopic: string, settings: FlowSettings): Failure {
  return new Failure(
    'TOPIC_DELETED',
    `target topic ${targetTopic} was deleted, and the records copied into it with it; source topic ${topic} is not copied on`,
    {
      cluster: settings.target,
      topic: targetTopic,
      remedy: `to copy ${topic} again from its beginning run ${resetCommand({ file: settings.file, flow: settings.name, topic })}; to leave it out, ${exclusion(topic, settings)}`,
    },
  )
}

/** The source no longer lists a topic that is copied: it was deleted, or the user may no longer describe it. */
export function sourceGone(topic: string, settings: FlowSettings): Failure {
  return new Failure(
    'UNKNOWN_TOPIC',
    `cluster ${settings.source} does not list source topic ${topic} any more: it was deleted, or this user may not see it`,
    {
      cluster: settings.source,
      topic,
      remedy: `if it was deleted, run ${resetCommand({ file: settings.file, flow: settings.name, topic })}; what was copied stays on the target, and nothing more is waited for. Otherwise grant the user Describe and Read on it`,
    },
  )
}

/** What the target has is known only when nothing more is appended to the partition, and while enough replicas are in sync. */
export function notYetVisible(copy: PartitionCopy): Failure {
  return new Failure('BROKER_BUSY', `waiting until target partition ${copy.targetKey} does not change any more`, {
    topic: copy.shared.targetTopic,
    partition: copy.partition,
    remedy: unlessTooFew,
  })
}

/** auto.offset.reset=none and no stored position. */
export function noOffset(copy: PartitionCopy, settings: FlowSettings): Failure {
  return new Failure('OFFSET_OUT_OF_RANGE', `there is no stored offset for ${copy.key} and auto.offset.reset is none`, {
    cluster: settings.source,
    topic: copy.shared.topic,
    partition: copy.partition,
    remedy: `write ${settings.source}.consumer.auto.offset.reset = earliest (or latest) into the file and start godwit again`,
  })
}

/** The stored offset is beyond the end of the source. */
export function beyondEnd(copy: PartitionCopy, next: number, end: number, settings: FlowSettings): Failure {
  return new Failure(
    'SOURCE_TRUNCATED',
    `source partition ${copy.key} ends at ${end}, but it was copied up to ${next} before: it was truncated, or deleted and created again`,
    {
      cluster: settings.source,
      topic: copy.shared.topic,
      partition: copy.partition,
      offset: BigInt(next),
      remedy: `find out what happened to the source topic; to copy all that it holds now run ${resetOf(copy, settings, 'earliest')} (what is on the target stays there), to copy only what comes from now on ${resetOf(copy, settings, 'latest')}`,
    },
  )
}

/** The source has deleted records before they were copied. */
export function overtaken(copy: PartitionCopy, next: number, start: number, settings: FlowSettings): Failure {
  return new Failure(
    'OFFSET_OUT_OF_RANGE',
    `the source deleted offsets ${next} to ${start - 1} of ${copy.key} before they were copied`,
    {
      cluster: settings.source,
      topic: copy.shared.topic,
      partition: copy.partition,
      offset: BigInt(next),
      remedy: `to go on behind the gap run ${resetOf(copy, settings, 'earliest')}; to go on behind every gap write ${settings.name}.godwit.on.gap = continue into the file and start godwit again; longer retention on the source topic keeps it from happening again`,
    },
  )
}

/** Acknowledged records are no longer on the target. @param acknowledged target offset after the last of them */
export function targetShrank(
  copy: PartitionCopy,
  acknowledged: number,
  targetEnd: number,
  settings: FlowSettings,
): Failure {
  const ends =
    targetEnd < acknowledged
      ? `ends at ${targetEnd}, but records were acknowledged up to ${acknowledged}: it has lost records`
      : `was acknowledged up to ${acknowledged}, but the last record that its leader knows of this flow is an earlier one: it has lost records and others were written since`
  return new Failure('TARGET_TRUNCATED', `target partition ${copy.targetKey} ${ends}`, {
    cluster: settings.target,
    topic: copy.shared.targetTopic,
    partition: copy.partition,
    offset: BigInt(targetEnd),
    remedy: `an unclean leader election or a lost disk does this; to copy everything again delete target topic ${copy.shared.targetTopic} and run ${resetCommand({ file: settings.file, flow: settings.name, topic: copy.shared.topic })}; to go on without what was lost run ${resetOf(copy, settings, String(copy.position.next))}`,
  })
}

/**
 * Records were copied after the last stored position, and the source has deleted them since. The source had offset gaps, so that
 * counting proves nothing.
 */
export function unprovable(copy: PartitionCopy, records: number, start: number, settings: FlowSettings): Failure {
  return new Failure(
    'DUPLICATES_POSSIBLE',
    `${counted(records, 'record')} of ${copy.key} arrived after the last stored position, and the source has deleted up to offset ${start} since: which of those from there on arrived cannot be proved`,
    {
      cluster: settings.source,
      topic: copy.shared.topic,
      partition: copy.partition,
      offset: BigInt(start),
      remedy: `to go on at the present log start ${onDoubt(settings)}; or compare the end of target partition ${copy.targetKey} with the source, and go on behind the record it ends with, e.g. ${resetOf(copy, settings, String(start))}`,
    },
  )
}

/** The line that excludes the topic from the flow. */
function exclusion(topic: string, { name, leftOut }: FlowSettings): string {
  return `write ${lengthenedLine(`${name}.topics.exclude`, leftOut.topics, [topic])} into the file and start godwit again`
}

/** The command that makes this partition continue at another offset. */
const resetOf = ({ shared: { topic }, partition }: PartitionCopy, { file, name }: FlowSettings, to: string) =>
  resetCommand({ file, flow: name, topic, partition, to })

/** Converts any connection error to a Failure. */
export function connectionFailure(error: unknown): Failure {
  return error instanceof Failure ? error : new Failure('CONNECTION_LOST', sentenceOf(error), { cause: error })
}
