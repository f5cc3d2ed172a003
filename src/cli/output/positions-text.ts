// Output of `godwit positions`: tables, and values for JSON.
import type { Failure } from '../../base/failure.ts'
import type { PartitionPositions } from '../../positions/memory.ts'
import type { PlannedPartition } from '../../positions/reset-plan.ts'
import { durationText } from './quantities.ts'
import { tableLines } from './table.ts'

const left = (title: string) => ({ title, alignment: 'left' }) as const
const right = (title: string) => ({ title, alignment: 'right' }) as const
const NOTHING = '-'

/** The table of `positions show`. @param now ms since the epoch */
export function memoryLines(partitions: readonly PartitionPositions[], now: number): string[] {
  const columns = [
    ...[left('TOPIC'), right('PARTITION'), right('SOURCE-NEXT'), right('TARGET-NEXT'), right('MM2-OFFSET')],
    ...[right('SOURCE-END'), left('MAP'), right('PRODUCER'), right('WRITTEN'), left('NOTE')],
  ]
  return tableLines(
    columns,
    partitions.map((one) => memoryRow(one, now)),
  )
}

function memoryRow(one: PartitionPositions, now: number): string[] {
  const { position, beginning, mm2Offset, map } = one.stored
  const anchor = position ?? beginning
  return [
    ...[one.topic, String(one.partition), text(anchor?.sourceNext), text(position?.targetNext), text(mm2Offset)],
    ...[text(one.sourceEnd), map ? `${map.from}..${map.to}` : NOTHING, text(position?.producerId)],
    ...[anchor ? `${durationText(Math.max(0, now - anchor.writtenAt))} ago` : NOTHING, noteOf(one)],
  ]
}

const text = (number: number | bigint | undefined) => (number === undefined ? NOTHING : String(number))

/** The NOTE of a partition: problems of its stored position. */
function noteOf(one: PartitionPositions): string {
  const { stored, isStored, sourceStanding, targetStanding, otherTargetTopic, targetTopic } = one
  const notes: string[] = []
  if (!isStored) return 'no position is stored: it is new to the flow'
  if (sourceStanding === 'gone') notes.push('the source has no such partition')
  if (sourceStanding === 'recreated') notes.push('the source topic was recreated')
  if (otherTargetTopic !== undefined)
    notes.push(`belongs to target topic ${otherTargetTopic}, the file now names ${targetTopic}`)
  else if (targetStanding === 'recreated') notes.push(`target topic ${targetTopic} was recreated`)
  else if (targetStanding === 'gone') notes.push(`there is no target topic ${targetTopic}`)
  if (stored.beginning) notes.push('copying will start here')
  if (!stored.position && !stored.beginning)
    notes.push(
      stored.mm2Offset === undefined
        ? 'only an offset map or an unreadable record is stored'
        : 'only MirrorMaker 2 has copied',
    )
  else if (isAhead(one)) notes.push('MirrorMaker 2 has copied more since')
  return notes.join('; ')
}

/** Whether MM2's offset is ahead: godwit writes its own position first, so only a real MM2 can be ahead of it. */
function isAhead({ stored: { position, beginning, mm2Offset } }: PartitionPositions): boolean {
  const next = (position ?? beginning)?.sourceNext
  return next !== undefined && mm2Offset !== undefined && mm2Offset + 1 > next
}

/** The JSON of `positions show`: null for values that are not stored. */
export function memoryValue(flow: string, partitions: readonly PartitionPositions[], unreadable: readonly Failure[]) {
  return {
    flow,
    partitions: partitions.map((one) => {
      const { position = null, beginning = null, mm2Offset = null, map = null } = one.stored
      const { topic, partition, targetTopic, sourceStanding, targetStanding, otherTargetTopic = null } = one
      const { next = null, sourceStart = null, sourceEnd = null } = one
      const stored = {
        topic,
        partition,
        targetTopic,
        next,
        position,
        beginning: beginning && { ...beginning, kind: undefined },
      }
      return {
        ...stored,
        mm2Offset,
        map,
        sourceStart,
        sourceEnd,
        sourceStanding,
        targetStanding,
        otherTargetTopic,
        note: noteOf(one),
      }
    }),
    unreadable: unreadable.map(({ message, remedy = null }) => ({ message, remedy })),
  }
}

/** The table of `positions reset`. */
export function resetLines(plan: readonly PlannedPartition[]): string[] {
  const columns = [left('TOPIC'), right('PARTITION'), right('BEFORE'), right('AFTER'), left('MEANS')]
  const number = (offset: number | null) => (offset === null ? NOTHING : String(offset))
  return tableLines(
    columns,
    plan.map((one) => [one.topic, String(one.partition), number(one.before), number(one.after), one.means]),
  )
}
