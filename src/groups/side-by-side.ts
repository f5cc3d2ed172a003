// Groups on both sides at once: where they stand on the source, where that is on the target, and where they stand there.
import type { ListedGroup } from '../kafka/groups.ts'
import { topicPartitionKey } from '../mirror/topic-partition.ts'
import type { Side } from './side.ts'
import { committedBy, type TranslatedRow } from './translate.ts'

export interface SideBySideRow extends TranslatedRow {
  /** committed on the target; undefined for nothing */
  readonly targetCommitted: number | undefined
  /** same: it stands where it should; behind, ahead: it does not; missing: it has nothing there; unknown: nobody can tell */
  readonly standing: 'same' | 'behind' | 'ahead' | 'missing' | 'unknown'
}

/** Puts beside each row what the group has on the target. @param there the groups as the target lists them @throws Failure */
export async function besideTarget(
  rows: readonly TranslatedRow[],
  target: Side,
  there: ReadonlyMap<string, ListedGroup>,
): Promise<SideBySideRow[]> {
  const names = [...new Set(rows.map(({ group }) => group))]
  const committed = await committedBy(
    target,
    names.flatMap((name) => there.get(name) ?? []),
  )
  const offsets = new Map(
    [...committed].flatMap(([group, list]) =>
      list.map((one) => [`${group}\n${topicPartitionKey(one.topic, one.partition)}`, one.offset] as const),
    ),
  )
  return rows.map((row) => {
    const targetCommitted = offsets.get(`${row.group}\n${topicPartitionKey(row.targetTopic, row.partition)}`)
    return { ...row, targetCommitted, standing: standingOf(row, targetCommitted) }
  })
}

function standingOf({ translated }: TranslatedRow, committed: number | undefined): SideBySideRow['standing'] {
  if (translated < 0) return 'unknown'
  if (committed === undefined) return 'missing'
  if (committed === translated) return 'same'
  return committed < translated ? 'behind' : 'ahead'
}
