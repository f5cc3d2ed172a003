// Translates committed offsets: one round reads what the groups of the source have committed and translates it to target offsets.
import type { Failure } from '../../base/failure.ts'
import { topicPartitionKey } from '../../base/topic-partition.ts'
import type { CommittedOffset, Groups } from '../../kafka/groups.ts'
import type { CopiedPartition } from '../../mirror/copied-partition.ts'
import { TOO_OLD } from '../../mirror/offset-translation.ts'
import { isSelected } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { SourceGroups } from '../visible/source-groups.ts'
import { type Locator, locateInMap, type Wanted } from './locator.ts'

/** One committed offset of a group and its translation. */
export interface GroupOffset {
  /** names on the source */
  readonly topic: string
  readonly partition: number
  readonly targetTopic: string
  /** next offset the group reads on the source */
  readonly upstream: number
  /** next offset it would read on the target; -1 while unknown, with the reason in `why` */
  readonly downstream: number
  readonly metadata: string
  readonly why?: string
}

type Translation = { readonly downstream: number } | { readonly why: string }

/** Translates a source offset of a partition. */
export type Translate = (copy: CopiedPartition, upstream: number) => Translation

/** Offsets by group. */
export type OffsetsByGroup = ReadonlyMap<string, readonly GroupOffset[]>

/** Receives some groups of a round. @param at when their committed offsets were read, ms since the epoch */
type Visit = (groups: OffsetsByGroup, at: number) => Promise<void>

interface Round {
  /** groups with a committed offset of a copied partition */
  readonly groups: ReadonlySet<string>
  /** groups whose offsets could not be read */
  readonly failures: readonly Failure[]
}

interface GroupTranslationParts {
  readonly settings: FlowSettings
  readonly sourceGroups: SourceGroups
  /** groups of the source cluster */
  readonly groups: Groups
  readonly copyOf: (key: string) => CopiedPartition | undefined
  readonly translate: Translate
  /** finds target offsets that the maps do not have; undefined for MM2's translation */
  readonly locator: Pick<Locator, 'resolve'> | undefined
}

type Committed = ReadonlyMap<string, readonly CommittedOffset[]>

/** How long one round may search the logs (ms). */
const SEARCH_MS = 10_000

export class GroupTranslation {
  readonly #parts: GroupTranslationParts

  constructor(parts: GroupTranslationParts) {
    this.#parts = parts
  }

  /**
   * Translates the offsets of all groups and passes them to `visit` in portions: ten thousand groups at once would take hundreds of MB.
   * @throws Failure when groups could not be listed at all; what `visit` throws
   */
  async round(visit: Visit): Promise<Round> {
    const { sourceGroups, groups } = this.#parts
    await sourceGroups.ensure()
    const seen = new Set<string>()
    const until = Date.now() + SEARCH_MS
    const failures = await groups.committed(sourceGroups.known, async (found) => {
      const at = Date.now()
      const translated = await this.#translateAll(found, until)
      for (const group of translated.keys()) seen.add(group)
      if (translated.size > 0) await visit(translated, at)
    })
    return { groups: seen, failures }
  }

  /** Searches the logs for offsets that the maps do not have, until `until`. */
  async #translateAll(found: Committed, until: number): Promise<OffsetsByGroup> {
    const translated = this.#translateKnown(found)
    const wanted = this.#untranslated(translated)
    const isNewFound = wanted.length > 0 && (await this.#parts.locator?.resolve(wanted, until))
    return isNewFound ? this.#translateKnown(found) : translated
  }

  #translateKnown(found: Committed): OffsetsByGroup {
    const all = new Map<string, GroupOffset[]>()
    for (const [group, offsets] of found) {
      const own = offsets.flatMap((one) => this.#translate(one))
      if (own.length > 0) all.set(group, own)
    }
    return all
  }

  #untranslated(groups: OffsetsByGroup): Wanted[] {
    const wanted: Wanted[] = []
    for (const offsets of groups.values()) {
      for (const { topic, partition, upstream, downstream } of offsets) {
        const copy = downstream < 0 ? this.#parts.copyOf(topicPartitionKey(topic, partition)) : undefined
        if (copy) wanted.push({ copy, upstream })
      }
    }
    return wanted
  }

  /** Empty for partitions that this flow does not copy, and for a committed offset below 0. */
  #translate({ topic, partition, offset: upstream, metadata }: CommittedOffset): GroupOffset[] {
    const { settings, copyOf, translate } = this.#parts
    const copy = copyOf(topicPartitionKey(topic, partition))
    if (!copy || upstream < 0 || !isSelected(topic, settings.topics)) return []
    // The names of the copy are shared strings; those of the answer are separate ones for each group.
    const { topic: name, targetTopic } = copy.shared
    const base = { topic: name, partition, targetTopic, upstream, metadata }
    return [{ ...base, downstream: -1, ...translate(copy, upstream) }]
  }
}

/** Translates to the exact record, by the partition's offset map. */
export function translateExactly(copy: CopiedPartition, upstream: number): Translation {
  if (!copy.position.anchor || copy.isCounting) return { why: 'its partition is not being copied yet' }
  const located = locateInMap(copy, upstream)
  if (located?.kind === 'exact') return { downstream: located.downstream }
  return { why: 'it is before what godwit copied, and its position on the target has not been found yet' }
}

/** Translates as MM2 does. @param slots MM2's OffsetSyncStore for the offset syncs of the flow */
export function translateAsMm2(slots: {
  translate(partition: string, upstream: number): number | undefined
}): Translate {
  return (copy, upstream) => {
    const downstream = slots.translate(copy.key, upstream)
    if (downstream === undefined) return { why: 'there is no offset sync of its partition yet' }
    if (downstream === TOO_OLD) return { why: 'it is before the oldest offset sync that MirrorMaker 2 keeps' }
    return { downstream }
  }
}
