// Which source topics a flow replicates, and why (MM2's MirrorSourceConnector.shouldReplicateTopic).
import { Failure } from '../base/failure.ts'
import { nearest } from '../base/nearest.ts'
import { compileJavaPattern } from '../java-pattern/java-pattern.ts'
import type { FlowSettings, NameFilter, WrittenItem } from '../model/flow-settings.ts'
import type { ReplicationPolicy } from './replication-policy.ts'

/**
 * included: the topic lists take it; heartbeats: they do not, but heartbeats.replication.enabled does;
 * filtered: neither does; internal: Kafka's or MM2's own; cycle: it came from the target.
 */
export type SelectionReason = 'included' | 'heartbeats' | 'filtered' | 'internal' | 'cycle'

export interface Selection {
  readonly replicate: boolean
  readonly why: SelectionReason
}

/** Decides on one source topic: chosen by the lists or as heartbeats, and neither internal nor on its way back. */
export function shouldReplicate(
  topic: string,
  flow: Pick<FlowSettings, 'targetAlias' | 'topics' | 'heartbeatsReplicationEnabled'>,
  policy: ReplicationPolicy,
): Selection {
  const included = isSelected(topic, flow.topics)
  if (!included && !(flow.heartbeatsReplicationEnabled && policy.isHeartbeatsTopic(topic))) return no('filtered')
  if (policy.isInternalTopic(topic)) return no('internal')
  if (isCycle(topic, flow.targetAlias, policy)) return no('cycle')
  return { replicate: true, why: included ? 'included' : 'heartbeats' }
}

/** Whether the lists of a flow take any of these source topics; heartbeats are copied whatever the lists say, and do not count. */
export function selectsAny(
  topics: Iterable<string>,
  flow: Parameters<typeof shouldReplicate>[1],
  policy: ReplicationPolicy,
): boolean {
  for (const topic of topics) if (shouldReplicate(topic, flow, policy).why === 'included') return true
  return false
}

const no = (why: SelectionReason): Selection => ({ replicate: false, why })

/** A name passes when an include matches the whole of it and no exclude does. */
export function isSelected(name: string, filter: NameFilter): boolean {
  return matchesAny(filter.include, name) && !matchesAny(filter.exclude, name)
}

/**
 * Whether any pattern matches the whole name, as Java's `matches()` does. Patterns are wrapped here because an
 * unanchored alternation (`a|ab`) finds its first branch only; wrapping one that has its anchors changes nothing.
 */
export function matchesAny(patterns: readonly RegExp[], name: string): boolean {
  return patterns.some((pattern) => whole(pattern).test(name))
}

/** Wrapped once: topics are selected every few seconds, among thousands. */
const wrapped = new WeakMap<RegExp, RegExp>()

function whole(pattern: RegExp): RegExp {
  const known = wrapped.get(pattern)
  if (known) return known
  const made = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replaceAll(/[gym]/g, ''))
  wrapped.set(pattern, made)
  return made
}

/** Whether the topic came from the target at any step of its way: copying it back would never end. */
export function isCycle(topic: string, target: string, policy: ReplicationPolicy): boolean {
  for (let name = topic; ; ) {
    const source = policy.topicSource(name)
    if (source === undefined) return false
    if (source === target) return true
    const upstream = policy.upstreamTopic(name)
    if (upstream === undefined || upstream === name) return false
    name = upstream
  }
}

/** A name, or a pattern that is one: letters, digits, `_`, `-`, and dots with or without a backslash. */
const LITERAL = /^(?:[\w-]|\\?\.|\\-)+$/

/** The names that the file lists one by one, as opposed to patterns of many. */
export function namesIn({ written }: NameFilter): string[] {
  return (written?.include ?? []).flatMap(({ text }) => (LITERAL.test(text) ? [text.replaceAll('\\', '')] : []))
}

/** An item of a list that matches no name at all: most often a typo, or a name with a comment behind it. */
export interface UnmatchedItem {
  /** the key of the list, e.g. `topics.exclude` */
  readonly key: string
  /** as written in the file */
  readonly item: string
  /** the name it was probably meant to be */
  readonly nearest?: string
}

/** Names as they come to be once a flow runs: whoever excludes those need not have them yet. */
const comingNames = [
  '__consumer_offsets',
  '__transaction_state',
  'mm2-offset-syncs.x.internal',
  'mm2-offsets.x.internal',
  'x.checkpoints.internal',
  'x.heartbeats',
  'x.replica',
  'console-consumer-1',
  'connect-x',
]

/**
 * The items of both lists of a filter that match none of these names. Left out are items of MM2's defaults, those with alternatives
 * (`a|b`), which are written for names that may come, and excludes of what MM2's defaults exclude, in whatever words.
 * @param key `topics` or `groups` @param names all there are, internal ones too
 */
export function unmatchedItems(
  { written }: NameFilter,
  key: 'topics' | 'groups',
  names: readonly string[],
): UnmatchedItem[] {
  if (!written) return []
  // An inline flag reaches the items behind it.
  const isPlain = (items: readonly WrittenItem[]) => !items.some(({ text }) => /\(\?[a-zA-Z-]+\)/.test(text))
  const of = (list: string, items: readonly WrittenItem[]) =>
    (isPlain(items) ? items : [])
      .filter(({ text, isDefault }) => !isDefault && !text.includes('|') && !matchesSome(text, names))
      .filter(({ text }) => !list.endsWith('.exclude') || !matchesSome(text, comingNames))
      .map(({ text: item }): UnmatchedItem => {
        // A comment behind a value is part of it.
        const meant = nearest(item.replaceAll('\\', '').replace(/\s+#.*$/, ''), names)
        return { key: list, item, ...(meant !== undefined && { nearest: meant }) }
      })
  return [...of(key, written.include), ...of(`${key}.exclude`, written.exclude)]
}

/** A parenthesis may open in one item and close in the next: such items cannot be looked at alone, and count as matching. */
function matchesSome(item: string, names: readonly string[]): boolean {
  try {
    const pattern = compileJavaPattern(item)
    return names.some((name) => pattern.test(name))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return true
  }
}

/** The sentence about such an item. @param cluster alias of the source */
export function unmatchedText({ key, item, nearest: meant }: UnmatchedItem, cluster: string): string {
  const kind = key.startsWith('topics') ? 'topic' : 'group'
  const question = meant === undefined ? '' : `; did you mean ${meant}?`
  return `${item} in ${key} matches no ${kind} of cluster ${cluster}${question}`
}

/**
 * A list with each item that matches nothing replaced by the name that was probably meant, or left out where no name is near; as
 * the value of a line of an mm2.properties.
 */
export function correctedList(items: readonly WrittenItem[], unmatched: readonly UnmatchedItem[]): string {
  const corrected = items.flatMap(({ text }) => {
    const found = unmatched.find(({ item }) => item === text)
    if (!found) return [text]
    return found.nearest === undefined ? [] : [patternOfName(found.nearest)]
  })
  return corrected.map((item) => item.replaceAll('\\', '\\\\')).join(', ')
}

/** A pattern that matches this name; a comma would end the item, so any character stands for it. */
export function patternOfName(name: string): string {
  return name.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&').replaceAll(/[,\s]/g, '.')
}
