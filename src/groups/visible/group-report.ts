// What the last rounds found out about each group, for the status. Kept group by group as it becomes known: there may be thousands.
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { ListedGroup } from '../../kafka/groups.ts'
import type { GroupPartitionStatus, GroupStatus } from '../../model/flow-status.ts'
import { type Synced, type SyncOutcomes, type SyncResult, whyKept } from '../commit/group-sync.ts'
import type { GroupOffset, OffsetsByGroup } from '../translation/translation.ts'

const words: Readonly<Record<Exclude<SyncResult, 'kept'>, string>> = {
  written: 'synced',
  active: 'active',
  untranslated: 'untranslated',
  refused: 'refused',
  beyond: 'beyond',
}

interface GroupReportParts {
  /** a group as the source lists it */
  readonly source: (group: string) => ListedGroup | undefined
  /** end of a source partition by its key; undefined while unknown */
  readonly endOf: (key: string) => number | undefined
}

/** What a sync knows of the target. */
interface SyncFindings {
  readonly outcomes: SyncOutcomes
  readonly listed: ReadonlyMap<string, ListedGroup>
}

export class GroupReport {
  readonly #parts: GroupReportParts
  readonly #groups = new Map<string, GroupStatus>()

  constructor(parts: GroupReportParts) {
    this.#parts = parts
  }

  /** One status per group that has committed anything the flow copies. */
  get groups(): readonly GroupStatus[] {
    return [...this.#groups.values()]
  }

  /** These groups were translated; what is known of them on the target stays. */
  translated(groups: OffsetsByGroup): void {
    for (const [group, offsets] of groups) {
      const before = this.#groups.get(group)
      const partitions = offsets.map((one, at) =>
        this.#partition(one, afterTranslation(one, partitionIn(before, one, at))),
      )
      this.#put(group, before?.targetState ?? '', partitions)
    }
  }

  /** These groups were translated and synced. */
  synced(groups: OffsetsByGroup, { outcomes, listed }: SyncFindings): void {
    for (const [group, offsets] of groups) {
      const own = outcomes.get(group)
      const partitions = offsets.map((one) => this.#partition(one, afterSync(one, own?.get(keyOnTarget(one)))))
      this.#put(group, capitalised(listed.get(group)?.state ?? 'dead'), partitions)
    }
  }

  /** A round is over: groups that it did not see are gone. */
  keep(seen: ReadonlySet<string>): void {
    for (const group of this.#groups.keys()) if (!seen.has(group)) this.#groups.delete(group)
  }

  #put(group: string, targetState: string, partitions: readonly GroupPartitionStatus[]): void {
    const here = this.#parts.source(group)
    const sourceState = capitalised(here?.state ?? '')
    this.#groups.set(group, { group, sourceState, targetState, protocol: here?.type ?? '', partitions })
  }

  #partition(one: GroupOffset, { targetCommitted, result, reason }: OnTarget): GroupPartitionStatus {
    const { topic, partition, targetTopic, upstream, downstream } = one
    const end = this.#parts.endOf(topicPartitionKey(topic, partition))
    const lag = end === undefined ? -1 : Math.max(0, end - upstream)
    const place = { topic, targetTopic, partition, upstream, downstream, targetCommitted, lag, result }
    return reason === undefined ? place : { ...place, reason }
  }
}

type OnTarget = Pick<GroupPartitionStatus, 'targetCommitted' | 'result'> & { readonly reason?: string | undefined }

function afterSync({ downstream, why }: GroupOffset, synced: Synced | undefined): OnTarget {
  const reason = synced?.why ?? why
  const targetCommitted = synced?.committed ?? -1
  if (downstream < 0) return { targetCommitted, result: 'untranslated', reason }
  if (!synced) return { targetCommitted, result: 'translated', reason }
  if (synced.result === 'kept') return standing(targetCommitted, downstream)
  return { targetCommitted, result: words[synced.result], reason }
}

/** What the last sync found goes on to hold, but for where the group has got on since. */
function afterTranslation({ downstream, why }: GroupOffset, before: GroupPartitionStatus | undefined): OnTarget {
  const targetCommitted = before?.targetCommitted ?? -1
  if (downstream < 0) return { targetCommitted, result: 'untranslated', reason: why }
  const result = before?.result ?? 'translated'
  if (result === 'untranslated') return { targetCommitted, result: 'translated' }
  if (result === 'synced' || result === 'ahead') return standing(targetCommitted, downstream)
  return { targetCommitted, result, reason: before?.reason }
}

function standing(targetCommitted: number, downstream: number): OnTarget {
  const reason = whyKept(targetCommitted, downstream)
  return { targetCommitted, result: reason === undefined ? 'synced' : 'ahead', reason }
}

/** Mostly it stands where it stood before. */
function partitionIn(group: GroupStatus | undefined, one: GroupOffset, at: number): GroupPartitionStatus | undefined {
  const is = (known: GroupPartitionStatus | undefined) =>
    known?.topic === one.topic && known.partition === one.partition
  const likely = group?.partitions[at]
  return is(likely) ? likely : group?.partitions.find(is)
}

const keyOnTarget = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

/** `preparingrebalance` and its like are rare enough to stay one word. */
const capitalised = (state: string) => state.slice(0, 1).toUpperCase() + state.slice(1)
