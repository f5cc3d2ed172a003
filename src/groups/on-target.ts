// What groups have committed on the target, and whether that exists there: an offset beyond the end of its log leads nowhere.
import { topicPartitionKey } from '../base/topic-partition.ts'
import { TargetEnds } from '../engine/group-commits.ts'
import { beyondEndText, type ListedGroup } from '../kafka/groups.ts'
import type { Side } from './side.ts'
import { committedBy } from './translate.ts'

export interface OnTarget {
  readonly committed: number
  /** the end of the log, where the committed offset lies beyond it */
  readonly beyondEnd?: number
}

export interface GroupsOnTarget {
  /** by group, then by partition of the target; nothing for partitions without a committed offset */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<string, OnTarget>>
  /** groups that the user may not describe there: what they have is not known */
  readonly denied: ReadonlySet<string>
}

export const nothingTold: GroupsOnTarget = { offsets: new Map(), denied: new Set() }

/**
 * Reads what these groups have committed, then the ends of those partitions.
 * @param there the groups as the target lists them; names that are missing in it have nothing @throws Failure
 */
export async function onTarget(
  target: Side,
  there: ReadonlyMap<string, ListedGroup>,
  names: Iterable<string>,
): Promise<GroupsOnTarget> {
  const asked = [...new Set(names)]
  const listed = asked.flatMap((name) => there.get(name) ?? [])
  const denied = await target.denied(asked.filter((name) => !there.has(name)))
  const committed = await committedBy(target, listed)
  const ends = new TargetEnds(target.admin)
  await ends.look([...committed.values()].flat())
  const offsetsOf = new Map(
    [...committed].map(([group, offsets]) => {
      const valid = offsets.filter(({ offset }) => offset >= 0)
      return [
        group,
        new Map(
          valid.map((one): [string, OnTarget] => {
            const end = ends.isBeyond(one) ? ends.of(one.topic, one.partition) : undefined
            const found = { committed: one.offset, ...(end !== undefined && { beyondEnd: end }) }
            return [topicPartitionKey(one.topic, one.partition), found]
          }),
        ),
      ] as const
    }),
  )
  return { offsets: offsetsOf, denied: new Set(denied) }
}

/** A sentence for an operator where the committed offset does not exist; undefined where it does. */
export function beyondText({ committed, beyondEnd }: Partial<OnTarget> = {}): string | undefined {
  return committed === undefined || beyondEnd === undefined ? undefined : beyondEndText(committed, beyondEnd)
}
