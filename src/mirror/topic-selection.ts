// Which source topics a flow replicates, and why (MM2's MirrorSourceConnector.shouldReplicateTopic).
import type { FlowSettings, NameFilter } from './flow-settings.ts'
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
  flow: Pick<FlowSettings, 'target' | 'topics' | 'heartbeatsReplicationEnabled'>,
  policy: ReplicationPolicy,
): Selection {
  const included = isSelected(topic, flow.topics)
  if (!included && !(flow.heartbeatsReplicationEnabled && policy.isHeartbeatsTopic(topic))) return no('filtered')
  if (policy.isInternalTopic(topic)) return no('internal')
  if (isCycle(topic, flow.target, policy)) return no('cycle')
  return { replicate: true, why: included ? 'included' : 'heartbeats' }
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
