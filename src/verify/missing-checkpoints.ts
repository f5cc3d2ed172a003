// Groups of the source whose committed offsets have no checkpoint on the target: there they would start without an offset.
import { Failure } from '../base/failure.ts'
import type { Cluster } from '../kafka/cluster.ts'
import { Groups } from '../kafka/groups.ts'
import { decodeCheckpoint } from '../mirror/checkpoint.ts'
import { isSelected } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { TopicRecordLog } from '../records/topic-record-log.ts'

interface MissingCheckpointParts {
  readonly settings: FlowSettings
  readonly source: Cluster
  /** topics that are on both sides */
  readonly pairs: readonly { readonly topic: string; readonly targetTopic: string }[]
  readonly checkpoints: TopicRecordLog
}

/** Group types that do not commit offsets as consumer groups do (KIP-932, KIP-1071). */
const OTHER_KINDS = new Set(['share', 'streams'])
/** Protocol types of consumer groups; empty for a group that only commits, without members. */
const CONSUMERS = new Set(['consumer', ''])

/**
 * A sentence for each committed offset of a group that the flow copies, on a topic that is compared, without a checkpoint.
 * @throws Failure when groups or checkpoints cannot be read
 */
export async function missingCheckpoints({
  settings,
  source,
  pairs,
  checkpoints,
}: MissingCheckpointParts): Promise<string[]> {
  const groups = new Groups(source)
  const { found, failures } = await groups.list()
  if (failures[0]) throw failures[0]
  const chosen = [...found.values()].filter(
    ({ group, type, protocolType }) =>
      isSelected(group, settings.groups) && !OTHER_KINDS.has(type) && CONSUMERS.has(protocolType),
  )
  const known = await checkpointed(checkpoints)
  const names = new Map(pairs.map(({ topic, targetTopic }) => [topic, targetTopic]))
  const sentences: string[] = []
  const [failure] = await groups.committed(chosen, (some) => {
    for (const [group, offsets] of some)
      for (const { topic, partition, offset } of offsets) {
        const targetTopic = names.get(topic)
        if (targetTopic === undefined || offset < 0 || known.has(`${group} ${targetTopic}-${partition}`)) continue
        sentences.push(
          `group ${group}, ${topic}-${partition}: committed at offset ${offset} on the source, without a checkpoint on the target yet`,
        )
      }
    return Promise.resolve()
  })
  if (failure) throw failure
  return sentences.sort()
}

/** `group topic-partition` of all checkpoints; none if their topic does not exist. */
async function checkpointed(log: TopicRecordLog): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  try {
    await log.readAll(({ key, value }) => {
      const found = decodeCheckpoint(key, value)
      if (found) known.add(`${found.group} ${found.topic}-${found.partition}`)
    })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'UNKNOWN_TOPIC') throw error
  }
  return known
}
