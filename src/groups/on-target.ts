// What groups have committed on the target, and whether these offsets exist there: a consumer cannot start beyond the log end.
import { topicPartitionKey } from '../base/topic-partition.ts'
import { beyondEndText, type ListedGroup } from '../kafka/groups.ts'
import type { ClusterSide } from './side.ts'
import { TargetEnds } from './target-ends.ts'
import { committedBy, type TranslatedRow } from './translate.ts'

export interface OnTarget {
  readonly committed: number
  /** the log end, where the committed offset is beyond it */
  readonly beyondEnd?: number
}

export interface GroupsOnTarget {
  /** by group, then by target partition; no entry without a committed offset */
  readonly offsets: ReadonlyMap<string, ReadonlyMap<string, OnTarget>>
  /** groups that the user may not describe there: their offsets are unknown */
  readonly denied: ReadonlySet<string>
}

/** The value for groups whose target offsets were not read. */
export const noTargetOffsets: GroupsOnTarget = { offsets: new Map(), denied: new Set() }

/**
 * Reads what these groups have committed on the target, then the log ends of those partitions.
 * @param there the groups that the target lists; other groups have no offsets @throws Failure
 */
export async function onTarget(
  target: ClusterSide,
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

/** The message for a committed offset that does not exist; undefined where it does. */
export function beyondText({ committed, beyondEnd }: Partial<OnTarget> = {}): string | undefined {
  return committed === undefined || beyondEnd === undefined ? undefined : beyondEndText(committed, beyondEnd)
}

export interface SideBySideRow extends TranslatedRow {
  /** committed on the target; undefined for nothing */
  readonly targetCommitted: number | undefined
  /** the log end on the target, where the offset committed there is beyond it */
  readonly beyondEnd?: number
  /**
   * The committed target offset compared with the translated one. same, behind, ahead; beyond: it is beyond the log end; missing: nothing
   * is committed; denied: the user may not describe the group there; unknown: the source offset was not translated
   */
  readonly standing: 'same' | 'behind' | 'ahead' | 'beyond' | 'missing' | 'denied' | 'unknown'
}

/** Adds to each row what the group has committed on the target. */
export function withTargetOffsets(
  rows: readonly TranslatedRow[],
  { offsets, denied }: GroupsOnTarget,
): SideBySideRow[] {
  return rows.map((row) => {
    const own = offsets.get(row.group)?.get(topicPartitionKey(row.targetTopic, row.partition))
    const { committed, ...beyond } = own ?? {}
    return {
      ...row,
      targetCommitted: committed,
      ...beyond,
      standing: denied.has(row.group) ? 'denied' : standingOf(row, own),
    }
  })
}

function standingOf({ translated, how }: TranslatedRow, own: OnTarget | undefined): SideBySideRow['standing'] {
  if (own?.beyondEnd !== undefined && how !== 'outside') return 'beyond'
  if (translated < 0) return 'unknown'
  if (own === undefined) return 'missing'
  if (own.committed === translated) return 'same'
  return own.committed < translated ? 'behind' : 'ahead'
}
