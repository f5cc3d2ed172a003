// Which topics are compared: every source topic that the flow copies, with its copy; and topics that the login may not describe.
import { Failure, sentenceOf } from '../../base/failure.ts'
import { nearest } from '../../base/nearest.ts'
import { selectedTopics } from '../../completeness/source-listing.ts'
import { fromDescribedConfig } from '../../engine/target-topics.ts'
import type { Admin } from '../../kafka/admin.ts'
import type { Cluster, ClusterMetadata, TopicMetadata } from '../../kafka/cluster.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import type { ReplicationPolicy } from '../../mirror/replication-policy.ts'
import { matchesAny, namesIn, shouldReplicate } from '../../mirror/topic-selection.ts'
import { deletesRecords, isCompacted } from '../../model/cleanup-policy.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'

export interface ComparedPair {
  readonly topic: TopicMetadata
  readonly targetTopic: string
  /** the target topic; undefined: it does not exist, or may not be described (`hidden`) */
  readonly copy: TopicMetadata | undefined
  /** why the target topic cannot be described, though it may exist */
  readonly hidden?: string
  readonly isCompacted: boolean
  /** the target topic is compacted, so it refuses records without a key */
  readonly targetCompacts: boolean
  readonly withTime: boolean
  /** retention.ms of the source; undefined: no time limit, or not known */
  readonly retentionMs: number | undefined
  /** remarks on what is not known about the topic */
  readonly notes: readonly string[]
  /** numbers of the partitions that both sides have and that are to be compared */
  readonly partitions: readonly number[]
}

/** A topic that the flow copies, and that the source does not describe to this login. */
export interface HiddenTopic {
  readonly topic: string
  readonly targetTopic: string
  readonly why: string
}

export interface ScopeParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Cluster
  readonly target: Cluster
  readonly admins: { readonly source: Admin; readonly target: Admin }
  /** names of source topics; all that the flow copies when empty */
  readonly topics: readonly RegExp[]
}

type Configs = Map<string, Record<string, string | null> | Failure>

/** The topics that the flow copies, from the listings of both clusters, sorted by name. @throws Failure when a cluster does not answer */
export async function pairsOf(
  parts: ScopeParts,
  sourceMetadata: ClusterMetadata,
  targetMetadata: ClusterMetadata,
): Promise<ComparedPair[]> {
  const { settings, policy, admins, target } = parts
  const chosen = chosenOf(parts, sourceMetadata).sort((a, b) => (a.name < b.name ? -1 : 1))
  const nameOf = ({ name }: TopicMetadata) => policy.formatRemoteTopic(settings.sourceAlias, name)
  const copies = new Map(chosen.map((topic) => [nameOf(topic), targetMetadata.topics.get(nameOf(topic))]))
  // A listing leaves out topics that the login may not describe; a request by name returns an authorization error.
  const unlisted = [...copies].filter(([, copy]) => copy?.error !== 0).map(([name]) => name)
  const asked = unlisted.length === 0 ? undefined : await target.metadata(unlisted)
  for (const name of unlisted) copies.set(name, asked?.topics.get(name))
  const isThere = (name: string) => copies.get(name)?.error === 0
  const [mine, theirs] = await Promise.all([
    configsOf(
      admins.source,
      chosen.map(({ name }) => name),
    ),
    configsOf(admins.target, [...copies.keys()].filter(isThere)),
  ])
  return chosen.map((topic) => {
    const targetTopic = nameOf(topic)
    const copy = copies.get(targetTopic)
    const isHidden = copy?.error === errorCodes.TOPIC_AUTHORIZATION_FAILED
    return {
      ...{ topic, targetTopic, copy: isThere(targetTopic) ? copy : undefined },
      ...(isHidden && { hidden: hiddenOn(target.alias, targetTopic) }),
      ...traitsOf(mine.get(topic.name), isThere(targetTopic) ? theirs.get(targetTopic) : undefined),
      partitions: Array.from(
        { length: isThere(targetTopic) ? Math.min(topic.partitions.length, copy?.partitions.length ?? 0) : 0 },
        (_, partition) => partition,
      ),
    }
  })
}

/** How to compare two topics, from their configs. */
function traitsOf(
  mine: Configs extends Map<string, infer C> ? C | undefined : never,
  theirs: Configs extends Map<string, infer C> ? C | undefined : never,
): Pick<ComparedPair, 'isCompacted' | 'targetCompacts' | 'withTime' | 'retentionMs' | 'notes'> {
  const [config, copy] = [mine, theirs].map((one) => (one instanceof Failure ? undefined : one))
  const compacts = (one: Record<string, string | null> | undefined) => isCompacted(one?.['cleanup.policy'])
  const keeps = Number(config?.['retention.ms'] ?? -1)
  const notes = [mine, theirs].flatMap((one) =>
    one instanceof Failure
      ? [
          `configs cannot be read (${sentenceOf(one)}): compared as a topic that is not compacted and keeps the timestamps of its records`,
        ]
      : [],
  )
  return {
    ...{ isCompacted: compacts(config) || compacts(copy), targetCompacts: compacts(copy), notes },
    withTime: copy?.['message.timestamp.type'] !== 'LogAppendTime',
    retentionMs: keeps >= 0 && deletesRecords(config?.['cleanup.policy']) ? keeps : undefined,
  }
}

/** Values of all configs by topic, or the reason why they cannot be described. */
async function configsOf(admin: Admin, names: readonly string[]): Promise<Configs> {
  const found: Configs = new Map()
  for (const [name, entries] of await admin.describeTopicConfigs(names)) {
    const values =
      entries instanceof Failure ? entries : entries.map(fromDescribedConfig).map((one) => [one.name, one.value])
    found.set(name, values instanceof Failure ? values : Object.fromEntries(values))
  }
  return found
}

function chosenOf({ settings, policy, topics }: ScopeParts, sourceMetadata: ClusterMetadata): TopicMetadata[] {
  const copied = selectedTopics(sourceMetadata, settings, policy)
  // Heartbeats are not data: they are written all the time, from the start of each flow on.
  if (topics.length === 0) return copied.filter(({ name }) => !policy.isHeartbeatsTopic(name))
  return copied.filter(({ name }) => matchesAny(topics, name))
}

/**
 * Topics that the flow copies but that the source's listing lacks because the login may not describe them. Candidates are the topics
 * that the configuration names and those that were copied before (`stored`). Candidates that do not exist (any more) become notes.
 * @throws Failure when the source does not answer
 */
export async function hiddenTopics(
  parts: ScopeParts,
  sourceMetadata: ClusterMetadata,
  stored: readonly string[],
): Promise<{ readonly hidden: readonly HiddenTopic[]; readonly notes: string[] }> {
  const { settings, policy, source, topics } = parts
  const named = namesIn(settings.topics)
  const isAsked = (name: string) => topics.length === 0 || matchesAny(topics, name)
  const missing = [...new Set([...named, ...stored])]
    .filter(
      (name) => !sourceMetadata.topics.has(name) && isAsked(name) && shouldReplicate(name, settings, policy).replicate,
    )
    .sort()
  if (missing.length === 0) return { hidden: [], notes: [] }
  const found = (await source.metadata(missing)).topics
  const hidden = missing.filter((name) => found.get(name)?.error === errorCodes.TOPIC_AUTHORIZATION_FAILED)
  const gone = missing.filter((name) => !hidden.includes(name))
  return {
    hidden: hidden.map((topic) => ({
      ...{
        topic,
        targetTopic: policy.formatRemoteTopic(settings.sourceAlias, topic),
        why: hiddenOn(source.alias, topic),
      },
    })),
    notes: gone.map((name) =>
      stored.includes(name)
        ? `topic ${name} was copied, but cluster ${source.alias} has no such topic now: not compared`
        : `${settings.name}.topics names topic ${name}, which does not exist on cluster ${source.alias}`,
    ),
  }
}

function hiddenOn(cluster: string, topic: string): string {
  return `the login of cluster ${cluster} may not describe topic ${topic}: grant it Describe, DescribeConfigs and Read`
}

/** @throws Failure USAGE for a pattern of `--topic` that matches nothing that the flow copies */
export function mustMatch(
  { settings, policy, topics }: ScopeParts,
  sourceMetadata: ClusterMetadata,
  hidden: readonly HiddenTopic[],
): void {
  const names = [
    ...selectedTopics(sourceMetadata, settings, policy).map(({ name }) => name),
    ...hidden.map(({ topic }) => topic),
  ]
  for (const asked of topics) {
    if (names.some((name) => matchesAny([asked], name))) continue
    const meant = nearest(asked.source, names)
    const known = names.length === 0 ? 'it copies no topic' : `it copies ${names.slice(0, 20).join(', ')}`
    const sentence = `flow ${settings.name} copies no topic ${asked.source}${meant ? `; did you mean ${meant}?` : ''}`
    throw new Failure('USAGE', sentence, { remedy: known })
  }
}

/** The failure for a flow whose topic lists match no topic. */
export function nothingToVerify({ name, source }: FlowSettings): Failure {
  const sentence = `flow ${name} copies no topic that exists on cluster ${source}: there is nothing to verify`
  const remedy = `compare ${name}.topics and ${name}.topics.exclude with the topics there`
  return new Failure('UNKNOWN_TOPIC', sentence, { flow: name, cluster: source, remedy })
}
