// The new offset of each partition for a reset, by the rules of Kafka's tool. Pure: the offsets are passed in.
import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { AssignedPartition } from '../kafka/group-details.ts'
import { inOrder } from './describe.ts'
import type { NewOffset } from './kafka-text.ts'

export type Scenario =
  | { readonly kind: 'to-offset'; readonly offset: number }
  | { readonly kind: 'shift-by'; readonly by: number }
  /** --to-datetime and --by-duration. @param at ms since the epoch */
  | { readonly kind: 'to-time'; readonly at: number }
  | { readonly kind: 'to-earliest' }
  | { readonly kind: 'to-latest' }
  | { readonly kind: 'to-current' }
  /** --from-file and --to-translated: a given offset for each partition */
  | { readonly kind: 'given'; readonly rows: readonly NewOffset[] }

/** Offsets by `topic-partition`; unknown ones are absent. */
export interface KnownOffsets {
  readonly starts: ReadonlyMap<string, number>
  readonly ends: ReadonlyMap<string, number>
  /** as committed, which may be -1 */
  readonly committed: ReadonlyMap<string, number>
  /** of the first record with the requested timestamp or a later one */
  readonly atTime: ReadonlyMap<string, number>
}

export interface ResetPlan {
  readonly rows: readonly NewOffset[]
  /** messages about offsets that were moved into the log */
  readonly clamped: readonly string[]
  /** partitions without a record of the requested time or later, which are set to their end */
  readonly empty: readonly AssignedPartition[]
}

/** Offsets that a scenario needs in addition to the committed ones. */
export function needsOf({ kind }: Scenario): readonly ('starts' | 'ends' | 'atTime')[] {
  if (kind === 'to-earliest') return ['starts']
  if (kind === 'to-latest' || kind === 'to-current') return ['ends']
  return kind === 'to-time' ? ['atTime', 'ends'] : ['starts', 'ends']
}

/**
 * The new offsets of one group.
 * @param partitions the ones to reset; ignored where offsets are given
 * @throws Failure USAGE for --shift-by without a committed offset and for --to-current with -1; UNKNOWN_TOPIC where an offset is unknown
 */
export function planGroupReset(
  scenario: Scenario,
  group: string,
  partitions: readonly AssignedPartition[],
  known: KnownOffsets,
): ResetPlan {
  const clamped: string[] = []
  const empty: AssignedPartition[] = []
  const given = scenario.kind === 'given' ? scenario.rows.filter((row) => row.group === group) : undefined
  const row = (at: AssignedPartition, wanted: number | undefined): NewOffset => {
    const key = topicPartitionKey(at.topic, at.partition)
    const [offset, words] = settled(scenario, { key, wanted, known })
    if (words !== undefined) clamped.push(words)
    if (scenario.kind === 'to-time' && !known.atTime.has(key)) empty.push(at)
    return { group, topic: at.topic, partition: at.partition, offset }
  }
  const rows = given
    ? inOrder(given).map((one) => row(one, one.offset))
    : inOrder(partitions).map((at) => row(at, undefined))
  return { rows, clamped, empty }
}

interface Wanted {
  readonly key: string
  readonly wanted: number | undefined
  readonly known: KnownOffsets
}

function settled(scenario: Scenario, { key, wanted, known }: Wanted): [offset: number, clamped?: string] {
  const { starts, ends, committed, atTime } = known
  switch (scenario.kind) {
    case 'to-earliest':
      return [needed(starts, key)]
    case 'to-latest':
      return [needed(ends, key)]
    case 'to-current':
      return [currentOf(committed, key) ?? needed(ends, key)]
    case 'to-time':
      return [atTime.get(key) ?? needed(ends, key)]
    case 'to-offset':
      return withinLog(scenario.offset, key, known)
    case 'shift-by':
      return withinLog(committedOf(committed, key) + scenario.by, key, known)
    case 'given':
      return withinLog(wanted ?? 0, key, known)
  }
}

function withinLog(offset: number, key: string, { starts, ends }: KnownOffsets): [offset: number, clamped?: string] {
  const [start, end] = [needed(starts, key), needed(ends, key)]
  if (offset > end) return [end, `${offset} is beyond the end of ${key}: ${end} is used`]
  if (offset < start) return [start, `${offset} is before the start of ${key}: ${start} is used`]
  return [offset]
}

/** A committed offset of -1 is refused, as in Kafka's tool. */
function currentOf(committed: ReadonlyMap<string, number>, key: string): number | undefined {
  const offset = committed.get(key)
  if (offset === undefined || offset >= 0) return offset
  throw new Failure(
    'USAGE',
    `${key} has no current offset: the group has committed -1 for it, which is not an offset`,
    {
      remedy: 'leave it out with --topic, or use --to-earliest or --to-latest for it',
    },
  )
}

function committedOf(committed: ReadonlyMap<string, number>, key: string): number {
  const offset = committed.get(key)
  if (offset !== undefined && offset >= 0) return offset
  throw new Failure('USAGE', `${key} cannot be shifted: the group has no committed offset for it`, {
    remedy: 'leave it out with --topic, or use --to-offset, --to-earliest or --to-datetime for it',
  })
}

function needed(offsets: ReadonlyMap<string, number>, key: string): number {
  const offset = offsets.get(key)
  if (offset === undefined) throw new Failure('UNKNOWN_TOPIC', `the offsets of ${key} are unknown`)
  return offset
}
