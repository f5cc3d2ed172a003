// Which source topics a flow replicates, and why (MM2's MirrorSourceConnector.shouldReplicateTopic).
import { Failure } from '../base/failure.ts'
import { nearest } from '../base/nearest.ts'
import { compileJavaPattern } from '../java-pattern/java-pattern.ts'
import type { FlowSettings, NameFilter, WrittenItem } from '../model/flow-settings.ts'
import type { ReplicationPolicy } from './replication-policy.ts'

/**
 * included: selected by the topic lists; heartbeats: selected only by heartbeats.replication.enabled; filtered: not selected;
 * internal: a topic of Kafka or MM2; cycle: it came from the target.
 */
export type SelectionReason = 'included' | 'heartbeats' | 'filtered' | 'internal' | 'cycle'

export interface Selection {
  readonly replicate: boolean
  readonly why: SelectionReason
}

/** Whether a flow replicates a source topic: selected by the lists or as heartbeats, and neither internal nor a cycle. */
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

/** Whether an include pattern matches the whole name and no exclude pattern does. */
export function isSelected(name: string, filter: NameFilter): boolean {
  return matchesAny(filter.include, name) && !matchesAny(filter.exclude, name)
}

/**
 * Whether any pattern matches the whole name, as Java's `matches()` does. Patterns are wrapped with anchors because an
 * unanchored alternation (`a|ab`) finds only its first branch.
 */
export function matchesAny(patterns: readonly RegExp[], name: string): boolean {
  return patterns.some((pattern) => whole(pattern).test(name))
}

/** Wrapped patterns, cached: thousands of topics are selected every few seconds. */
const wrapped = new WeakMap<RegExp, RegExp>()

function whole(pattern: RegExp): RegExp {
  const known = wrapped.get(pattern)
  if (known) return known
  const made = new RegExp(`^(?:${pattern.source})$`, pattern.flags.replaceAll(/[gym]/g, ''))
  wrapped.set(pattern, made)
  return made
}

/** Whether the topic came from the target, directly or through other clusters: copying it back would loop. */
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

/** A literal name: letters, digits, `_`, `-`, and dots with or without a backslash. */
const LITERAL = /^(?:[\w-]|\\?\.|\\-)+$/

/** The literal names in the file's include list, without patterns. */
export function namesIn({ written }: NameFilter): string[] {
  return (written?.include ?? []).flatMap(({ text }) => (LITERAL.test(text) ? [text.replaceAll('\\', '')] : []))
}

/** An item of a list that matches no name: usually a typo, or a name followed by a comment. */
export interface UnmatchedItem {
  /** the key of the list, e.g. `topics.exclude` */
  readonly key: string
  /** as written in the file */
  readonly item: string
  /** the name that was probably meant */
  readonly nearest?: string
}

/** Examples of names that exist only once a flow runs: excluding them is not a mistake. */
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
 * The items of both lists of a filter that match none of these names. Not reported: items of MM2's defaults, items with alternatives
 * (`a|b`), which may be meant for later names, and excludes of names that MM2's defaults exclude too.
 * @param key `topics` or `groups` @param names all existing names, including internal ones
 */
export function unmatchedItems(
  { written }: NameFilter,
  key: 'topics' | 'groups',
  names: readonly string[],
): UnmatchedItem[] {
  if (!written) return []
  // An inline flag also applies to the items after it.
  const isPlain = (items: readonly WrittenItem[]) => !items.some(({ text }) => /\(\?[a-zA-Z-]+\)/.test(text))
  const of = (list: string, items: readonly WrittenItem[]) =>
    (isPlain(items) ? items : [])
      .filter(({ text, isDefault }) => !isDefault && !text.includes('|') && !matchesSome(text, names))
      .filter(({ text }) => !list.endsWith('.exclude') || !matchesSome(text, comingNames))
      .map(({ text: item }): UnmatchedItem => {
        // In a properties file, a comment after a value is part of the value.
        const meant = nearest(item.replaceAll('\\', '').replace(/\s+#.*$/, ''), names)
        return { key: list, item, ...(meant !== undefined && { nearest: meant }) }
      })
  return [...of(key, written.include), ...of(`${key}.exclude`, written.exclude)]
}

/** Whether the item matches any name. An invalid pattern counts as matching: a parenthesis may open in one item and close in the next. */
function matchesSome(item: string, names: readonly string[]): boolean {
  try {
    const pattern = compileJavaPattern(item)
    return names.some((name) => pattern.test(name))
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return true
  }
}

/** The message about such an item. @param cluster alias of the source */
export function unmatchedText({ key, item, nearest: meant }: UnmatchedItem, cluster: string): string {
  const kind = key.startsWith('topics') ? 'topic' : 'group'
  const question = meant === undefined ? '' : `; did you mean ${meant}?`
  return `${item} in ${key} matches no ${kind} of cluster ${cluster}${question}`
}

/**
 * The list with each unmatched item replaced by the name that was probably meant, or removed where no name is similar; as a value
 * in mm2.properties.
 */
export function correctedList(items: readonly WrittenItem[], unmatched: readonly UnmatchedItem[]): string {
  const corrected = items.flatMap(({ text }) => {
    const found = unmatched.find(({ item }) => item === text)
    if (!found) return [text]
    return found.nearest === undefined ? [] : [patternOfName(found.nearest)]
  })
  return corrected.map((item) => item.replaceAll('\\', '\\\\')).join(', ')
}

/** A pattern that matches this name. A comma would end the list item, so it becomes `.`. */
export function patternOfName(name: string): string {
  return name.replaceAll(/[\\^$.|?*+()[\]{}]/g, '\\$&').replaceAll(/[,\s]/g, '.')
}
