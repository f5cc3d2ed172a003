// Fixes the range to compare of each partition before anything is read: from where copying began to the end of the source at one moment.
import { Failure } from '../../base/failure.ts'
import { sleep } from '../../base/retry.ts'
import { type HeldBack, openTransactions } from '../../completeness/open-transactions.ts'
import type { Admin, TopicPartitionAt } from '../../kafka/admin.ts'
import { startAtOf } from '../../mirror/start.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { Origins } from './origins.ts'
import type { ComparedPair } from './pairs.ts'

/**
 * Where comparing begins. stored: where copying began, from the offset map; configured: not stored, but the configuration determines
 * it (offset 0: the start of the log); unknown: neither, e.g. with auto.offset.reset=latest after MirrorMaker 2 has copied
 */
interface Start {
  readonly by: 'stored' | 'configured' | 'unknown'
  readonly source: number
  readonly target: number
}

/** The range of a partition, fixed before anything is read. */
export interface FixedRange {
  readonly start: Start
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly targetStart: number
  /** read before the end of the source, so everything below it was copied from below `sourceEnd` */
  readonly targetEnd: number
  /** moment of the range, ISO 8601: everything the source had then is below `sourceEnd`, unless it is held back */
  readonly at: string
  /** whether an open transaction holds back records after `sourceEnd` from read_committed */
  readonly isHeldBack: boolean
}

export interface Fixed extends FixedRange {
  /** records that an open transaction still holds back after the wait */
  readonly held?: HeldBack
}

interface RangeParts {
  readonly settings: FlowSettings
  readonly admins: { readonly source: Admin; readonly target: Admin }
  readonly origins: Origins
  /** how long to wait for open transactions to end (ms) */
  readonly waitMs: number
  readonly signal: AbortSignal
}

type Offsets = Awaited<ReturnType<Admin['listOffsets']>>
type PartitionPairs = readonly { readonly pair: ComparedPair; readonly partition: number }[]

const WAIT_MS = 200

/**
 * The ranges of all partitions of these topics. The ends of the target are read first, so that everything below them was copied from
 * below the ends of the source.
 * @returns by `topic-partition` of the source; a Failure where offsets of that partition cannot be read
 * @throws Failure when a cluster, or the stored offset maps, cannot be read
 */
export async function fixedRanges(
  parts: RangeParts,
  pairs: readonly ComparedPair[],
): Promise<Map<string, Fixed | Failure>> {
  const { admins, settings } = parts
  const partitions = pairs.flatMap((pair) => pair.partitions.map((partition) => ({ pair, partition })))
  const targetEnds = await admins.target.listOffsets(ofTarget(partitions, 'latest'), 'read_committed')
  const at = new Date().toISOString()
  const highs = await admins.source.listOffsets(ofSource(partitions, 'latest'), 'read_uncommitted')
  const sourceEnds = await readable(parts, partitions, highs)
  const held = await stillHeld(parts, partitions, highs, sourceEnds)
  const [sourceStarts, targetStarts, times] = await Promise.all([
    admins.source.listOffsets(ofSource(partitions, 'earliest'), 'read_uncommitted'),
    admins.target.listOffsets(ofTarget(partitions, 'earliest'), 'read_uncommitted'),
    admins.source.listOffsets(timesAsked(settings, partitions), settings.isolation),
  ])
  const ranges = new Map<string, Fixed | Failure>()
  for (const pairPartition of partitions) {
    const [sourcePartition, targetPartition] = [sourceKey(pairPartition), targetKey(pairPartition)]
    const found = [
      sourceStarts.get(sourcePartition),
      sourceEnds.get(sourcePartition),
      targetStarts.get(targetPartition),
      targetEnds.get(targetPartition),
    ]
    const [sourceStart, sourceEnd, targetStart, targetEnd] = found.map((one) =>
      one === undefined || one instanceof Failure ? undefined : one.offset,
    )
    const failure = found.find((one) => one instanceof Failure)
    if (sourceStart === undefined || sourceEnd === undefined || targetStart === undefined || targetEnd === undefined) {
      ranges.set(sourcePartition, failure instanceof Failure ? failure : notAnswered(pairPartition))
      continue
    }
    const logs = { sourceStart, sourceEnd, targetStart, targetEnd }
    const start = await startOf(parts, pairPartition, logs, times)
    const heldBack = held.get(sourcePartition)
    ranges.set(
      sourcePartition,
      heldBack instanceof Failure
        ? heldBack
        : { ...logs, start, at, isHeldBack: heldBack !== undefined, ...(heldBack && { held: heldBack }) },
    )
  }
  return ranges
}

/** Ends of what the flow can read. Waits for open transactions, because most end soon. */
async function readable(
  { admins, settings, waitMs, signal }: RangeParts,
  partitions: PartitionPairs,
  highs: Offsets,
): Promise<Offsets> {
  const ends = await admins.source.listOffsets(ofSource(partitions, 'latest'), settings.isolation)
  const until = Date.now() + waitMs
  for (;;) {
    const held = partitions.filter((one) => isBelow(ends, highs, sourceKey(one)))
    if (held.length === 0 || Date.now() >= until || signal.aborted) return ends
    await sleep(WAIT_MS, signal)
    for (const [key, offset] of await admins.source.listOffsets(ofSource(held, 'latest'), settings.isolation))
      ends.set(key, offset)
  }
}

function stillHeld({ admins }: RangeParts, partitions: PartitionPairs, highs: Offsets, ends: Offsets) {
  const held = partitions.filter((one) => isBelow(ends, highs, sourceKey(one)))
  return openTransactions(
    admins.source,
    held.map(({ pair, partition }) => ({ topic: pair.topic.name, partition })),
  )
}

function isBelow(ends: Offsets, highs: Offsets, key: string): boolean {
  const [end, high] = [ends.get(key), highs.get(key)]
  if (!end || !high || end instanceof Failure || high instanceof Failure) return false
  return end.offset < high.offset
}

async function startOf(
  { settings, origins }: RangeParts,
  one: PartitionPairs[number],
  logs: Omit<FixedRange, 'start' | 'at' | 'isHeldBack'>,
  times: Offsets,
): Promise<Start> {
  const { pair, partition } = one
  const ids = { source: pair.topic.topicId, target: pair.copy?.topicId ?? '' }
  const origin = await origins.of(pair.topic.name, partition, ids)
  if (origin) return { by: 'stored', ...origin }
  const isEmpty = logs.sourceStart === logs.sourceEnd && logs.targetStart === logs.targetEnd
  const { kind } = startAtOf(settings, pair.topic.name)
  if (isEmpty || kind === 'earliest') return { by: 'configured', source: 0, target: 0 }
  const time = times.get(sourceKey(one))
  if (kind !== 'time' || !time || time instanceof Failure) return { by: 'unknown', source: 0, target: 0 }
  const from = time.offset < 0 ? logs.sourceEnd : time.offset
  return { by: 'configured', source: from <= logs.sourceStart ? 0 : from, target: 0 }
}

/** The times at which topics begin, for the partitions of those that begin at a time. */
function timesAsked(settings: FlowSettings, partitions: PartitionPairs): TopicPartitionAt[] {
  return partitions.flatMap(({ pair, partition }) => {
    const at = startAtOf(settings, pair.topic.name)
    return at.kind === 'time' ? [{ topic: pair.topic.name, partition, at: at.timestamp }] : []
  })
}

const ofSource = (partitions: PartitionPairs, at: TopicPartitionAt['at']) =>
  partitions.map(({ pair, partition }) => ({ topic: pair.topic.name, partition, at }))

const ofTarget = (partitions: PartitionPairs, at: TopicPartitionAt['at']) =>
  partitions.map(({ pair, partition }) => ({ topic: pair.targetTopic, partition, at }))

const sourceKey = ({ pair, partition }: PartitionPairs[number]) => `${pair.topic.name}-${partition}`
const targetKey = ({ pair, partition }: PartitionPairs[number]) => `${pair.targetTopic}-${partition}`

function notAnswered({ pair, partition }: PartitionPairs[number]): Failure {
  const sentence = `a broker left out the offsets of ${pair.topic.name}-${partition}`
  return new Failure('BROKER_BUSY', sentence, { topic: pair.topic.name, partition })
}
