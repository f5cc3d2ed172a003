// Where copying of each partition began, if that is stored: the first pair of offsets in its offset map on the target.
import { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import { Admin } from '../../kafka/admin.ts'
import type { Cluster } from '../../kafka/cluster.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { latestRecords } from '../../records/latest-records.ts'
import type { LogRecord } from '../../records/record-log.ts'
import { TopicRecordLog } from '../../records/topic-record-log.ts'
import { type MapBlock, parseMapBlock, parseMapBlockKey } from '../../state/offset-map-record.ts'
import { offsetMapsTopic } from '../../state/offset-maps.ts'

/** The first source offset to be copied, and the corresponding offset of the target log. */
interface Origin {
  readonly source: number
  readonly target: number
}

interface TopicIds {
  /** topic ids as text; empty if a cluster has none (before Kafka 2.8) */
  readonly source: string
  readonly target: string
}

/** The summary of the blocks of one partition's map. */
interface Known {
  readonly first: number
  readonly origin: Origin | undefined
  readonly ids: readonly Pick<MapBlock, 'sourceTopicId' | 'targetTopicId'>[]
}

const agree = (was: string, is: string) => was === '' || is === '' || was === is

export class Origins {
  readonly #log: TopicRecordLog
  #known: Promise<ReadonlyMap<string, Known>> | undefined

  /** @param records connection of the target for records */
  constructor(settings: FlowSettings, cluster: Cluster, records: ClusterSettings) {
    const topic = offsetMapsTopic(settings.source, settings.offsetStorage).name
    this.#log = new TopicRecordLog({ topic, cluster, admin: new Admin(cluster), settings: records })
  }

  /**
   * Where copying between these two topics began; undefined if it is not known: nothing is stored, it is stored for topics with other
   * ids, or records were copied before godwit began to write the map (for example by MirrorMaker 2).
   * @throws Failure when the topic of the maps cannot be read
   */
  async of(topic: string, partition: number, ids: TopicIds): Promise<Origin | undefined> {
    this.#known ??= readAll(this.#log)
    const known = (await this.#known).get(topicPartitionKey(topic, partition))
    const isOfThese = known?.ids.every(
      ({ sourceTopicId, targetTopicId }) => agree(sourceTopicId, ids.source) && agree(targetTopicId, ids.target),
    )
    return isOfThese ? known?.origin : undefined
  }

  /** Makes the next call of `of` read the maps again. */
  forget(): void {
    this.#known = undefined
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}

async function readAll(log: TopicRecordLog): Promise<ReadonlyMap<string, Known>> {
  const known = new Map<string, Known>()
  try {
    for (const record of await latestRecords(log)) take(record, known)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'UNKNOWN_TOPIC') throw error
  }
  return known
}

function take({ key, value }: LogRecord, known: Map<string, Known>): void {
  const blockKey = value === null ? undefined : parseMapBlockKey(key)
  if (!blockKey || value === null) return
  const block = parseMapBlock(value)
  const id = topicPartitionKey(blockKey.topic, blockKey.partition)
  const before = known.get(id)
  const ids = [...(before?.ids ?? []), ...(block && !isListed(before, block) ? [idsOf(block)] : [])]
  if (before && before.first <= blockKey.first) known.set(id, { ...before, ids })
  else known.set(id, { first: blockKey.first, ids, origin: block && originOf(block) })
}

/** Whether these topic ids are already recorded; all blocks of a map usually have the same. */
function isListed(known: Known | undefined, { sourceTopicId, targetTopicId }: MapBlock): boolean {
  return (known?.ids ?? []).some((one) => one.sourceTopicId === sourceTopicId && one.targetTopicId === targetTopicId)
}

const idsOf = ({ sourceTopicId, targetTopicId }: MapBlock) => ({ sourceTopicId, targetTopicId })

function originOf({ isComplete, entries: [first] }: MapBlock): Origin | undefined {
  return isComplete && first ? { source: first.upstream, target: first.downstream } : undefined
}
