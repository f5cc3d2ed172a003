// How MM2 names target topics and recognises its internal topics: the default and the identity policy of Kafka 4.2.
import type { PolicySettings } from '../model/flow-settings.ts'

const heartbeats = 'heartbeats'

/** MM2's naming contract (KIP-382, KIP-690); `undefined` where Java returns null. */
export interface ReplicationPolicy {
  /** Name of a source topic on the target. */
  formatRemoteTopic(sourceAlias: string, topic: string): string
  /** Alias of the cluster a topic was replicated from; undefined for a local topic. May be empty (`.a` with separator `.`). */
  topicSource(topic: string): string | undefined
  /** Name of the topic on that cluster. */
  upstreamTopic(topic: string): string | undefined
  /** `upstreamTopic` applied until it returns nothing new. */
  originalTopic(topic: string): string
  isHeartbeatsTopic(topic: string): boolean
  isCheckpointsTopic(topic: string): boolean
  /** Begins with `mm2` and ends with the internal suffix, or is a checkpoints topic (KIP-1074, since 4.0). */
  isMM2InternalTopic(topic: string): boolean
  /** An internal topic of MM2, or a name beginning with `__` or `.`; since 4.0, `billing.internal` is a user's topic. */
  isInternalTopic(topic: string): boolean
  /** Offset-syncs topic; `alias` is the cluster at the other end of the flow, not the host of the topic. */
  offsetSyncsTopic(alias: string): string
  /** Checkpoints topic, on the target, of a flow from `alias`. */
  checkpointsTopic(alias: string): string
}

type Naming = Pick<ReplicationPolicy, 'formatRemoteTopic' | 'topicSource' | 'upstreamTopic'>

/** The policy of a flow. @param sourceAlias what the identity policy returns as the source of every topic */
export function newReplicationPolicy(settings: PolicySettings, sourceAlias: string): ReplicationPolicy {
  const prefixed = defaultNaming(settings.separator)
  const naming = settings.kind === 'identity' ? identityNaming(prefixed, sourceAlias) : prefixed
  return { ...naming, ...recognition(naming, settings.internalSeparator) }
}

function defaultNaming(separator: string): Naming {
  const topicSource = (topic: string) => {
    const pieces = javaSplit(topic, separator)
    return pieces.length < 2 ? undefined : pieces[0]
  }
  return {
    formatRemoteTopic: (sourceAlias, topic) => sourceAlias + separator + topic,
    topicSource,
    upstreamTopic(topic) {
      const source = topicSource(topic)
      return source === undefined ? undefined : topic.slice(source.length + separator.length)
    },
  }
}

/** Names do not change, except those ending with "heartbeats", which are named as by the default policy. */
function identityNaming(prefixed: Naming, sourceAlias: string): Naming {
  const looksLikeHeartbeat = (topic: string) => topic.endsWith(heartbeats)
  return {
    formatRemoteTopic: (alias, topic) => (looksLikeHeartbeat(topic) ? prefixed.formatRemoteTopic(alias, topic) : topic),
    topicSource: (topic) => (looksLikeHeartbeat(topic) ? prefixed.topicSource(topic) : sourceAlias),
    upstreamTopic: (topic) => (looksLikeHeartbeat(topic) ? prefixed.upstreamTopic(topic) : topic),
  }
}

function recognition(naming: Naming, separator: string): Omit<ReplicationPolicy, keyof Naming> {
  const internalSuffix = `${separator}internal`
  const checkpointsSuffix = `${separator}checkpoints${internalSuffix}`
  const originalTopic = (topic: string) => {
    for (let name = topic; ; ) {
      const upstream = naming.upstreamTopic(name)
      if (upstream === undefined || upstream === name) return name
      name = upstream
    }
  }
  const isCheckpointsTopic = (topic: string) => topic.endsWith(checkpointsSuffix)
  const isMM2InternalTopic = (topic: string) =>
    (topic.startsWith('mm2') && topic.endsWith(internalSuffix)) || isCheckpointsTopic(topic)
  return {
    originalTopic,
    isHeartbeatsTopic: (topic) => originalTopic(topic) === heartbeats,
    isCheckpointsTopic,
    isMM2InternalTopic,
    isInternalTopic: (topic) => topic.startsWith('__') || topic.startsWith('.') || isMM2InternalTopic(topic),
    offsetSyncsTopic: (alias) => `mm2-offset-syncs${separator}${alias}${internalSuffix}`,
    checkpointsTopic: (alias) => alias + checkpointsSuffix,
  }
}

/** Java's `Pattern.split` on a literal: empty pieces at the end are dropped, so `a.` has one piece and `..` none. */
function javaSplit(text: string, separator: string): string[] {
  const pieces = text.split(separator)
  while (pieces.length > 0 && pieces.at(-1) === '') pieces.pop()
  return pieces
}
