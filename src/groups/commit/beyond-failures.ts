// Groups of the target with an offset beyond the log end, as failures of the periodic task that syncs group offsets.

import { Failure } from '../../base/failure.ts'
import { optionWords, shellWord } from '../../base/shell-word.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { OffsetsByGroup } from '../translation/translation.ts'
import type { SyncOutcomes } from './group-sync.ts'

/** One partition for which a group has committed an offset that does not exist. */
export interface BeyondGroup {
  readonly group: string
  readonly topic: string
  readonly partition: number
  readonly why: string
}

/** A remedy names up to this many groups; for more, it repairs all groups of the flow. */
const NAMED = 3

/** The groups among the outcomes of a sync, each with its first such partition. */
export function beyondIn(groups: OffsetsByGroup, outcomes: SyncOutcomes): BeyondGroup[] {
  return [...groups].flatMap(([group, offsets]) => {
    const own = outcomes.get(group)
    for (const { targetTopic: topic, partition } of offsets) {
      const { result, why = '' } = own?.get(`${topic}-${partition}`) ?? {}
      if (result === 'beyond') return [{ group, topic, partition, why }]
    }
    return []
  })
}

/** One failure per group, with the command that repairs all of them. */
export function beyondFailures(found: readonly BeyondGroup[], { name, target }: FlowSettings): Failure[] {
  const groups =
    found.length > NAMED
      ? ''
      : ` ${optionWords(
          '--group',
          found.map(({ group }) => group),
        )}`
  const remedy = `set it to its translated offset: godwit groups sync FILE --flow ${shellWord(name)}${groups} --execute`
  return found.map(({ group, topic, partition, why }) => {
    const where = { cluster: target, group, topic, partition, remedy }
    return new Failure('OFFSET_OUT_OF_RANGE', `group ${group}, ${topic}-${partition}: ${why}`, where)
  })
}
