// What the lists of a flow select of the source, and which of their items match nothing.
import type { ReplicationPolicy } from '../../mirror/replication-policy.ts'
import { selectsAny, type UnmatchedItem, unmatchedItems } from '../../mirror/topic-selection.ts'
import { type FlowSettings, translatesGroups } from '../../model/flow-settings.ts'

/**
 * Of how many topics the lists of a flow select none, so that it would copy nothing; heartbeats are copied whatever the lists say.
 * Internal topics do not count. undefined where the lists select a topic
 */
export function selectsNoneOf(
  topics: Iterable<string>,
  settings: FlowSettings,
  policy: ReplicationPolicy,
): number | undefined {
  const names = [...topics]
  if (selectsAny(names, settings, policy)) return undefined
  return names.filter((name) => !policy.isInternalTopic(name)).length
}

/** Items of both lists of topics that match no topic of the source. */
export function unmatchedTopics({ topics }: FlowSettings, names: Iterable<string>): UnmatchedItem[] {
  return unmatchedItems(topics, 'topics', [...names])
}

/**
 * The same of groups; none where the flow does nothing with groups.
 * @param names of all groups of the source; undefined where not all of them are known, so that nothing can be reported
 */
export function unmatchedGroups(settings: FlowSettings, names: readonly string[] | undefined): UnmatchedItem[] {
  return translatesGroups(settings) && names ? unmatchedItems(settings.groups, 'groups', names) : []
}
