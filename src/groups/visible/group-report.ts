// The status of each group after the last rounds. Updated group by group: there may be thousands.
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
  /** a group as listed by the source */
  readonly source: (group: string) => ListedGroup | undefined
  /** end offset of a source partition by `topic-partition`; undefined while unknown */
  readonly endOf: (key: string) => number | undefined
}

/** Results of a sync round. */
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

  /** One status per group with a committed offset of a copied partition. */
  get groups(): readonly GroupStatus[] {
    return [...this.#groups.values()]
  }

  /** Takes translated groups; their last known state on the target stays. */
  translated(groups: OffsetsByGroup): void {
    for (const [group, offsets] of groups) {
      const before = this.#groups.get(group)
      const partitions = offsets.map((one, at) =>
        this.#partition(one, afterTranslation(one, partitionIn(before, one, at))),
      )
      this.#put(group, before?.targetState ?? '', partitions)
    }
  }

  /** Takes groups that were translated and synced. */
  synced(groups: OffsetsByGroup, { outcomes, listed }: SyncFindings): void {
    for (const [group, offsets] of groups) {
      const own = outcomes.get(group)
      const partitions = offsets.map((one) => this.#partition(one, afterSync(one, own?.get(keyOnTarget(one)))))
      this.#put(group, capitalised(listed.get(group)?.state ?? 'dead'), partitions)
    }
  }

  /** Ends a round: removes groups that it did not see. */
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
    const status = { topic, targetTopic, partition, upstream, downstream, targetCommitted, lag, result }
    return reason === undefined ? status : { ...status, reason }
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

/** Keeps the result of the last sync, compared with the new translated offset. */
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

/** Tries the same index first: the order rarely changes. */
function partitionIn(group: GroupStatus | undefined, one: GroupOffset, at: number): GroupPartitionStatus | undefined {
  const is = (known: GroupPartitionStatus | undefined) =>
    known?.topic === one.topic && known.partition === one.partition
  const likely = group?.partitions[at]
  return is(likely) ? likely : group?.partitions.find(is)
}

const keyOnTarget = ({ targetTopic, partition }: GroupOffset) => topicPartitionKey(targetTopic, partition)

/** States such as `Preparingrebalance` are rare enough to stay one word. */
const capitalised = (state: string) => state.slice(0, 1).toUpperCase() + state.slice(1)
