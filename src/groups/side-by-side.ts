// Groups on both sides at once: where they stand on the source, where that is on the target, and where they stand there.
import { topicPartitionKey } from '../base/topic-partition.ts'
import type { GroupsOnTarget, OnTarget } from './on-target.ts'
import type { TranslatedRow } from './translate.ts'

export interface SideBySideRow extends TranslatedRow {
  /** committed on the target; undefined for nothing */
  readonly targetCommitted: number | undefined
  /** the end of the log on the target, where what is committed there lies beyond it */
  readonly beyondEnd?: number
  /**
   * same: it stands where it should; behind, ahead: it does not; beyond: it has an offset there that does not exist; missing: it has
   * nothing there; denied: the user may not describe the group there; unknown: nobody can tell
   */
  readonly standing: 'same' | 'behind' | 'ahead' | 'beyond' | 'missing' | 'denied' | 'unknown'
}

/** Puts beside each row what the group has on the target. */
export function besideTarget(rows: readonly TranslatedRow[], { offsets, denied }: GroupsOnTarget): SideBySideRow[] {
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
