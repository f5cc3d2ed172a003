// The topics of one cluster, or of both sides of a flow: which the flow copies and why not the others, and what differs.

import { Failure } from '../base/failure.ts'
import { topicPartitionKey } from '../base/topic-partition.ts'
import { fromDescribedConfig } from '../engine/target-topics.ts'
import type { Side } from '../groups/side.ts'
import type { TopicMetadata } from '../kafka/cluster.ts'
import { newReplicationPolicy } from '../mirror/replication-policy.ts'
import { type MirrorConfigEntry, missingChanges, targetConfigChanges } from '../mirror/topic-configs.ts'
import { matchesAny, shouldReplicate } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'

export interface TopicCounts {
  readonly partitions: number
  readonly replicas: number
  /** end minus start, summed up; offsets without a record count too */
  readonly records: number
}

export interface TopicView extends TopicCounts {
  readonly topic: string
  /** Kafka's or MirrorMaker 2's own */
  readonly internal: boolean
}

/**
 * included, heartbeats: the flow copies it; excluded: topics.exclude names it; unnamed: no pattern of the file takes it;
 * internal, cycle: it must not be copied
 */
export type Choice = 'included' | 'heartbeats' | 'excluded' | 'unnamed' | 'internal' | 'cycle'

export interface ComparedTopic {
  readonly topic: string
  readonly replicate: boolean
  readonly choice: Choice
  readonly why: string
  readonly source: TopicCounts
  readonly targetTopic: string | undefined
  /** undefined while it does not exist */
  readonly target: TopicCounts | undefined
  /** configs that the flow would set or remove on the target, with what each side has now */
  readonly configs: readonly { readonly name: string; readonly source: string | null; readonly target: string | null }[]
  /** why configs could not be compared */
  readonly problem?: string
}

export interface TopicChoice {
  readonly accepts: (topic: string) => boolean
  /** Kafka's and MirrorMaker 2's own too */
  readonly internal: boolean
}

/** The topics of one cluster, by name. @throws Failure */
export async function topicsOf(side: Side, { accepts, internal }: TopicChoice): Promise<TopicView[]> {
  const all = await knownTopics(side)
  const shown = all.filter((topic) => accepts(topic.name) && (internal || !isOwn(topic)))
  const counts = await countsOf(side, shown)
  return shown.map((topic) => ({ topic: topic.name, internal: isOwn(topic), ...(counts.get(topic.name) ?? none) }))
}

/** The topics of the source of a flow, each with its counterpart. @throws Failure */
export async function compareTopics(
  { source, target }: { readonly source: Side; readonly target: Side },
  settings: FlowSettings,
  choice: TopicChoice,
): Promise<ComparedTopic[]> {
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  const [all, there] = await Promise.all([knownTopics(source), knownTopics(target)])
  const shown = all.filter(({ name }) => choice.accepts(name) && (choice.internal || !policy.isInternalTopic(name)))
  const selected = shown.filter(({ name }) => shouldReplicate(name, settings, policy).replicate)
  const names = new Map(selected.map(({ name }) => [name, policy.formatRemoteTopic(settings.sourceAlias, name)]))
  const wanted = new Set(names.values())
  const copies = there.filter(({ name }) => wanted.has(name))
  const [counts, targetCounts, differing] = await Promise.all([
    countsOf(source, shown),
    countsOf(target, copies),
    configsDiffering(
      { source, target },
      settings,
      new Map([...names].filter(([, to]) => copies.some((c) => c.name === to))),
    ),
  ])
  return shown.map(({ name }) => {
    const { replicate } = shouldReplicate(name, settings, policy)
    const choiceOfIt = choiceOf(name, settings, policy)
    const targetTopic = names.get(name)
    const configs = differing.get(name)
    return {
      ...{ topic: name, replicate, choice: choiceOfIt, why: words[choiceOfIt](settings), targetTopic },
      source: counts.get(name) ?? none,
      target: targetTopic === undefined ? undefined : targetCounts.get(targetTopic),
      configs: configs instanceof Failure ? [] : (configs ?? []),
      ...(configs instanceof Failure && { problem: configs.message }),
    }
  })
}

const none: TopicCounts = { partitions: 0, replicas: 0, records: 0 }

const words: Readonly<Record<Choice, (flow: FlowSettings) => string>> = {
  included: () => 'the topics of the flow include it',
  heartbeats: () => 'heartbeats are replicated',
  excluded: ({ name }) => `excluded by ${name}.topics.exclude`,
  unnamed: ({ name }) => `not in ${name}.topics`,
  internal: () => "Kafka's or MirrorMaker 2's own",
  cycle: ({ target }) => `it came from ${target}: it would be copied in a loop`,
}

function choiceOf(topic: string, settings: FlowSettings, policy: ReturnType<typeof newReplicationPolicy>): Choice {
  const { why } = shouldReplicate(topic, settings, policy)
  if (why !== 'filtered') return why
  if (policy.isInternalTopic(topic)) return 'internal'
  return matchesAny(settings.topics.include, topic) ? 'excluded' : 'unnamed'
}

async function knownTopics({ cluster }: Side): Promise<TopicMetadata[]> {
  const { topics } = await cluster.metadata()
  return [...topics.values()].filter(({ error }) => error === 0).sort((a, b) => (a.name < b.name ? -1 : 1))
}

const isOwn = ({ internal, name }: TopicMetadata) => internal || name.startsWith('__')

/** Partitions that do not tell their offsets at the moment count nothing. */
async function countsOf(side: Side, topics: readonly TopicMetadata[]): Promise<Map<string, TopicCounts>> {
  const places = topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ index }) => ({ topic, partition: index })),
  )
  const ask = (at: 'earliest' | 'latest') =>
    side.admin.listOffsets(
      places.map((place) => ({ ...place, at })),
      'read_uncommitted',
    )
  const [starts, ends] = await Promise.all([ask('earliest'), ask('latest')])
  return new Map(
    topics.map(({ name, partitions }) => {
      const records = partitions.reduce((sum, { index }) => {
        const [start, end] = [starts, ends].map((all) => all.get(topicPartitionKey(name, index)))
        if (!start || !end || start instanceof Failure || end instanceof Failure) return sum
        return sum + end.offset - start.offset
      }, 0)
      return [name, { partitions: partitions.length, replicas: partitions[0]?.replicas.length ?? 0, records }]
    }),
  )
}

type Differing = ComparedTopic['configs'] | Failure

/** @param names source topic -> its counterpart */
async function configsDiffering(
  { source, target }: { readonly source: Side; readonly target: Side },
  { configProperties }: FlowSettings,
  names: ReadonlyMap<string, string>,
): Promise<Map<string, Differing>> {
  const [mine, theirs] = await Promise.all([
    source.admin.describeTopicConfigs([...names.keys()]),
    target.admin.describeTopicConfigs([...names.values()]),
  ])
  return new Map(
    [...names].map(([name, copy]): [string, Differing] => {
      const [here, there] = [mine.get(name), theirs.get(copy)]
      if (!here || here instanceof Failure) return [name, here ?? []]
      if (!there || there instanceof Failure) return [name, there ?? []]
      const [from, to] = [here.map(fromDescribedConfig), there.map(fromDescribedConfig)]
      const changes = missingChanges(targetConfigChanges(from, configProperties), to)
      return [
        name,
        changes.map(({ name: key }) => ({ name: key, source: configIn(from, key), target: configIn(to, key) })),
      ]
    }),
  )
}

const configIn = (entries: readonly MirrorConfigEntry[], key: string) =>
  entries.find(({ name }) => name === key)?.value ?? null
