// Fixes what is compared of each partition before anything is read: from where copying began to what the source held at one moment.
import { Failure } from '../../base/failure.ts'
import { sleep } from '../../base/retry.ts'
import { type HeldBack, openTransactions } from '../../completeness/open-transactions.ts'
import type { Admin, TopicPartitionAt } from '../../kafka/admin.ts'
import { startAtOf } from '../../mirror/start.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { Origins } from './origins.ts'
import type { Pair } from './pairs.ts'

/**
 * Where comparing begins. stored: where copying began, as its offset map says; configured: nothing is stored, but the configuration
 * says where it begins (offset 0: the start of the log); unknown: nobody knows, e.g. with auto.offset.reset=latest behind MirrorMaker 2
 */
interface Start {
  readonly by: 'stored' | 'configured' | 'unknown'
  readonly source: number
  readonly target: number
}

/** What was fixed of a partition before anything was read. */
export interface FixedRange {
  readonly start: Start
  readonly sourceStart: number
  readonly sourceEnd: number
  readonly targetStart: number
  /** read before the end of the source: all below it came from below `sourceEnd` */
  readonly targetEnd: number
  /** all that the source held at this moment is below `sourceEnd`, unless it is held back; ISO 8601 */
  readonly at: string
  /** an open transaction withholds what lies behind `sourceEnd` from read_committed */
  readonly isHeldBack: boolean
}

export interface Fixed extends FixedRange {
  /** what an open transaction withholds from read_committed, also after waiting for it */
  readonly held?: HeldBack
}

interface RangeParts {
  readonly settings: FlowSettings
  readonly admins: { readonly source: Admin; readonly target: Admin }
  readonly origins: Origins
  /** how long transactions that are open are waited for (ms) */
  readonly waitMs: number
  readonly signal: AbortSignal
}

type Offsets = Awaited<ReturnType<Admin['listOffsets']>>
type Places = readonly { readonly pair: Pair; readonly partition: number }[]

const WAIT_MS = 200

/**
 * The ranges of all partitions of the pairs that are to be compared. The ends of the target are read first: whatever lies below them
 * came from below the ends of the source.
 * @returns by `topic-partition` of the source; a Failure where offsets of that partition cannot be read
 * @throws Failure when a cluster, or the stored offset maps, cannot be read
 */
export async function fixedRanges(parts: RangeParts, pairs: readonly Pair[]): Promise<Map<string, Fixed | Failure>> {
  const { admins, settings } = parts
  const places = pairs.flatMap((pair) => pair.partitions.map((partition) => ({ pair, partition })))
  const targetEnds = await admins.target.listOffsets(ofTarget(places, 'latest'), 'read_committed')
  const at = new Date().toISOString()
  const highs = await admins.source.listOffsets(ofSource(places, 'latest'), 'read_uncommitted')
  const sourceEnds = await readable(parts, places, highs)
  const held = await stillHeld(parts, places, highs, sourceEnds)
  const [sourceStarts, targetStarts, times] = await Promise.all([
    admins.source.listOffsets(ofSource(places, 'earliest'), 'read_uncommitted'),
    admins.target.listOffsets(ofTarget(places, 'earliest'), 'read_uncommitted'),
    admins.source.listOffsets(timesAsked(settings, places), settings.isolation),
  ])
  const ranges = new Map<string, Fixed | Failure>()
  for (const place of places) {
    const [mine, theirs] = [sourceKey(place), targetKey(place)]
    const found = [sourceStarts.get(mine), sourceEnds.get(mine), targetStarts.get(theirs), targetEnds.get(theirs)]
    const [sourceStart, sourceEnd, targetStart, targetEnd] = found.map((one) =>
      one === undefined || one instanceof Failure ? undefined : one.offset,
    )
    const failure = found.find((one) => one instanceof Failure)
    if (sourceStart === undefined || sourceEnd === undefined || targetStart === undefined || targetEnd === undefined) {
      ranges.set(mine, failure instanceof Failure ? failure : notAnswered(place))
      continue
    }
    const logs = { sourceStart, sourceEnd, targetStart, targetEnd }
    const start = await startOf(parts, place, logs, times)
    const back = held.get(mine)
    ranges.set(
      mine,
      back instanceof Failure
        ? back
        : { ...logs, start, at, isHeldBack: back !== undefined, ...(back && { held: back }) },
    )
  }
  return ranges
}

/** Ends of what the flow may read; transactions that were open are waited for, since most end at once. */
async function readable(
  { admins, settings, waitMs, signal }: RangeParts,
  places: Places,
  highs: Offsets,
): Promise<Offsets> {
  const ends = await admins.source.listOffsets(ofSource(places, 'latest'), settings.isolation)
  const until = Date.now() + waitMs
  for (;;) {
    const held = places.filter((place) => isBelow(ends, highs, sourceKey(place)))
    if (held.length === 0 || Date.now() >= until || signal.aborted) return ends
    await sleep(WAIT_MS, signal)
    for (const [key, offset] of await admins.source.listOffsets(ofSource(held, 'latest'), settings.isolation))
      ends.set(key, offset)
  }
}

function stillHeld({ admins }: RangeParts, places: Places, highs: Offsets, ends: Offsets) {
  const held = places.filter((place) => isBelow(ends, highs, sourceKey(place)))
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
  place: Places[number],
  logs: Omit<FixedRange, 'start' | 'at' | 'isHeldBack'>,
  times: Offsets,
): Promise<Start> {
  const { pair, partition } = place
  const ids = { source: pair.topic.topicId, target: pair.there?.topicId ?? '' }
  const origin = await origins.of(pair.topic.name, partition, ids)
  if (origin) return { by: 'stored', ...origin }
  const isEmpty = logs.sourceStart === logs.sourceEnd && logs.targetStart === logs.targetEnd
  const { kind } = startAtOf(settings, pair.topic.name)
  if (isEmpty || kind === 'earliest') return { by: 'configured', source: 0, target: 0 }
  const time = times.get(sourceKey(place))
  if (kind !== 'time' || !time || time instanceof Failure) return { by: 'unknown', source: 0, target: 0 }
  const from = time.offset < 0 ? logs.sourceEnd : time.offset
  return { by: 'configured', source: from <= logs.sourceStart ? 0 : from, target: 0 }
}

/** Where a topic begins at a time, that has one offset in each partition. */
function timesAsked(settings: FlowSettings, places: Places): TopicPartitionAt[] {
  return places.flatMap(({ pair, partition }) => {
    const at = startAtOf(settings, pair.topic.name)
    return at.kind === 'time' ? [{ topic: pair.topic.name, partition, at: at.timestamp }] : []
  })
}

const ofSource = (places: Places, at: TopicPartitionAt['at']) =>
  places.map(({ pair, partition }) => ({ topic: pair.topic.name, partition, at }))

const ofTarget = (places: Places, at: TopicPartitionAt['at']) =>
  places.map(({ pair, partition }) => ({ topic: pair.targetTopic, partition, at }))

const sourceKey = ({ pair, partition }: Places[number]) => `${pair.topic.name}-${partition}`
const targetKey = ({ pair, partition }: Places[number]) => `${pair.targetTopic}-${partition}`

function notAnswered({ pair, partition }: Places[number]): Failure {
  const sentence = `a broker left out the offsets of ${pair.topic.name}-${partition}`
  return new Failure('BROKER_BUSY', sentence, { topic: pair.topic.name, partition })
}
