// The first source offset to copy for a partition without a position.
import { Failure } from '../../base/failure.ts'
import type { Logger } from '../../base/logger.ts'
import type { Admin } from '../../kafka/admin.ts'
import { startAtOf, startTime } from '../../mirror/start.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { PartitionCopy } from '../partition-copy.ts'
import { beyondEnd, noOffset, overtaken } from '../topic-failures.ts'

type Offsets = Awaited<ReturnType<Admin['listOffsets']>>

interface StartParts {
  readonly settings: FlowSettings
  readonly sourceAdmin: Pick<Admin, 'listOffsets'>
  readonly log: Logger
  /** last offset copied according to MM2's offsets topic */
  readonly storedOffset: (copy: PartitionCopy) => number | undefined
  /** where it starts, as determined at the first start of the flow; undefined if not needed */
  readonly firstStart: (copy: PartitionCopy) => number | undefined
  /** whether the partition was created after the flow first started */
  readonly isNew: (copy: PartitionCopy) => boolean
}

/** Offsets of the first records to copy, for partitions that start at a time. Key: `topic-partition`. */
export function offsetsOfTimes(copies: readonly PartitionCopy[], parts: StartParts): Promise<Offsets> {
  const { settings, sourceAdmin, storedOffset, isNew } = parts
  const now = Date.now()
  const asked = copies.flatMap((copy) => {
    const { shared, partition } = copy
    const at = startTime(startAtOf(settings, shared.topic, isNew(copy)), now)
    return at === undefined || storedOffset(copy) !== undefined ? [] : [{ topic: shared.topic, partition, at }]
  })
  return asked.length === 0 ? Promise.resolve(new Map()) : sourceAdmin.listOffsets(asked, settings.isolation)
}

/**
 * Where copying starts: after what MM2 has copied, otherwise as configured.
 * @param known high watermark of the source, and the result of `offsetsOfTimes`
 * @throws Failure OFFSET_OUT_OF_RANGE or SOURCE_TRUNCATED if it cannot start
 */
export function startOffset(
  copy: PartitionCopy,
  { logEnd, atTimes }: { readonly logEnd: number; readonly atTimes: Offsets },
  parts: StartParts,
): number {
  const stored = parts.storedOffset(copy)
  if (stored === undefined) return configuredStart(copy, atTimes, parts)
  const { settings, log } = parts
  const { logStart: start } = copy.source
  if (stored + 1 > logEnd) throw beyondEnd(copy, stored + 1, logEnd, settings)
  if (stored + 1 >= start) return stored + 1
  const missed = start - stored - 1
  if (settings.onGap === 'stop') throw overtaken(copy, stored + 1, start, settings)
  copy.position.noteMissed(missed)
  log.error('the source deleted records before they were copied', {
    topic: copy.shared.topic,
    partition: copy.partition,
    missed,
    offset: stored + 1,
  })
  return start
}

function configuredStart(copy: PartitionCopy, atTimes: Offsets, { settings, firstStart, isNew }: StartParts): number {
  const { logStart: start, end } = copy.source
  const fixed = firstStart(copy)
  if (fixed !== undefined) return Math.max(start, Math.min(fixed, end))
  const { kind } = startAtOf(settings, copy.shared.topic, isNew(copy))
  if (kind === 'none') throw noOffset(copy, settings)
  if (kind === 'earliest' || kind === 'latest') return kind === 'latest' ? end : start
  const found = atTimes.get(copy.key)
  if (found instanceof Failure) throw found
  // -1: no record has this time or a later one.
  return !found || found.offset < 0 ? end : Math.max(start, Math.min(found.offset, end))
}
