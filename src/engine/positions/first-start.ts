// Start offsets of partitions that do not start at the log start, fixed when a flow starts for the first time. Copying of a partition begins
// only after its target topic was created; records written meanwhile must not be skipped.
import { Failure } from '../../base/failure.ts'
import { type TopicPartition, topicPartitionKey } from '../../base/topic-partition.ts'
import type { Admin } from '../../kafka/admin.ts'
import { startAtOf, startTime } from '../../mirror/start.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'

/** The source partitions at the first start of the flow, and their start offsets. */
export class FirstStart {
  /** `topic-partition` of these partitions; undefined: the first start was in an earlier run */
  #known: ReadonlySet<string> | undefined
  #starts: ReadonlyMap<string, number> = new Map()

  /** Records the partitions of a first start and reads their start offsets by the configuration. @throws Failure */
  async note(
    wanted: readonly TopicPartition[],
    settings: FlowSettings,
    sourceAdmin: Pick<Admin, 'listOffsets'>,
  ): Promise<void> {
    this.#starts = await firstStarts(wanted, settings, sourceAdmin)
    this.#known = new Set(wanted.map(({ topic, partition }) => topicPartitionKey(topic, partition)))
  }

  /** Whether a partition without a stored position was created, or selected, after the first start. */
  isNew(key: string): boolean {
    return !this.#known?.has(key)
  }

  /** The start offset of a partition; undefined where it is the log start, or was not fixed by this process. */
  of(key: string): number | undefined {
    return this.#starts.get(key)
  }
}

/**
 * The start offsets of these partitions by the configuration, by `topic-partition`. No entry for those that start at the log start or are not
 * copied, or whose leader does not answer.
 * @throws Failure when no broker of the source answers
 */
async function firstStarts(
  partitions: readonly TopicPartition[],
  settings: FlowSettings,
  sourceAdmin: Pick<Admin, 'listOffsets'>,
): Promise<ReadonlyMap<string, number>> {
  const now = Date.now()
  const late = partitions.flatMap(({ topic, partition }) => {
    const at = startAtOf(settings, topic)
    if (at.kind === 'earliest' || at.kind === 'none') return []
    return [{ topic, partition, at: startTime(at, now) ?? ('latest' as const) }]
  })
  if (late.length === 0) return new Map()
  const [found, ends] = await Promise.all([
    sourceAdmin.listOffsets(late, settings.isolation),
    sourceAdmin.listOffsets(
      late.map((one) => ({ ...one, at: 'latest' as const })),
      settings.isolation,
    ),
  ])
  const starts = new Map<string, number>()
  for (const { topic, partition } of late) {
    const key = topicPartitionKey(topic, partition)
    const [first, end] = [found.get(key), ends.get(key)]
    if (!first || first instanceof Failure || !end || end instanceof Failure) continue
    // -1: no record of that time or later.
    starts.set(key, first.offset < 0 ? end.offset : first.offset)
  }
  return starts
}
