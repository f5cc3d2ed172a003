// Where partitions begin that are not to begin at their start, fixed at the first start of a flow. Until its target topic has been created
// a partition cannot be begun; what is written meanwhile must not be skipped.
import { Failure } from '../../base/failure.ts'
import { type TopicPartition, topicPartitionKey } from '../../base/topic-partition.ts'
import type { Admin } from '../../kafka/admin.ts'
import { startAtOf, startTime } from '../../mirror/start.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'

/** What the source had when the flow first started. */
export class FirstStart {
  /** keys of its partitions; undefined: that was in an earlier run */
  #known: ReadonlySet<string> | undefined
  #starts: ReadonlyMap<string, number> = new Map()

  /** The flow starts for the first time: what there is now begins as the configuration says, what comes later at its start. @throws Failure */
  async note(
    wanted: readonly TopicPartition[],
    settings: FlowSettings,
    sourceAdmin: Pick<Admin, 'listOffsets'>,
  ): Promise<void> {
    this.#starts = await firstStarts(wanted, settings, sourceAdmin)
    this.#known = new Set(wanted.map(({ topic, partition }) => topicPartitionKey(topic, partition)))
  }

  /** Whether the partition was created, or selected, after the flow first started; asked of those without a stored position. */
  isNew(key: string): boolean {
    return !this.#known?.has(key)
  }

  /** Where the partition begins; undefined where that is its start, or was not fixed by this process. */
  of(key: string): number | undefined {
    return this.#starts.get(key)
  }
}

/**
 * The first source offsets to copy of these partitions, by `topic-partition`, as the configuration says at this moment; none for those that
 * begin at the start of their log, or nowhere, or whose leader does not answer.
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
    // -1: no record is that young.
    starts.set(key, first.offset < 0 ? end.offset : first.offset)
  }
  return starts
}
