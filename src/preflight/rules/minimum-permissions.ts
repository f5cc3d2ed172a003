// The minimum permissions of the users of a flow on its two clusters, derived from the settings alone.
import { type NamePattern, namePatterns } from '../../base/name-patterns.ts'
import type { Operation } from '../../kafka/survey.ts'
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import { matchesAny } from '../../mirror/topic-selection.ts'
import { type FlowSettings, translatesGroups } from '../../model/flow-settings.ts'
import { stateTopics as topicsOfState } from '../../state/internal-topics.ts'

type ResourceType = 'topic' | 'group' | 'cluster'

/** One permission to grant; `name` is kafka-cluster for the cluster, `*` for all. */
export interface Permission {
  readonly side: 'source' | 'target'
  readonly resourceType: ResourceType
  readonly name: string
  readonly patternType: 'literal' | 'prefix'
  readonly operation: Operation
  readonly why: string
  /** only needed until the resource is created */
  readonly toBegin?: true
}

interface Circumstances {
  /** the target's brokers know requests of Kafka 2.8, where Write on any topic suffices for an idempotent producer */
  readonly targetBefore28?: boolean
}

type Grant = Pick<Permission, 'side' | 'resourceType'> & { readonly patterns: readonly NamePattern[] }

const cluster: readonly NamePattern[] = [{ name: 'kafka-cluster', patternType: 'literal' }]
const literal = (...names: readonly string[]): NamePattern[] =>
  names.map((name) => ({ name, patternType: 'literal' as const }))

/**
 * The permissions that a flow needs, in the order of side and resource. What another permission implies is left out: Read, Write and
 * Alter imply Describe, AlterConfigs implies DescribeConfigs. A flow that only emits heartbeats needs none on the source.
 */
export function minimumPermissions(
  settings: FlowSettings,
  { targetBefore28 = false }: Circumstances = {},
): Permission[] {
  const list = new Permissions()
  if (settings.heartbeats.enabled) heartbeats(settings, list)
  if (!settings.enabled) return list.all
  sourceTopics(settings, list)
  targetTopics(settings, list)
  stateTopics(settings, list)
  groups(settings, list)
  if (settings.syncTopicAcls.enabled) {
    list.add({ side: 'source', resourceType: 'cluster', patterns: cluster }, 'Describe', 'reads the ACLs of topics')
    list.add({ side: 'target', resourceType: 'cluster', patterns: cluster }, 'Alter', 'adds the ACLs of the copies')
  }
  if (targetBefore28) {
    const grant: Grant = { side: 'target', resourceType: 'cluster', patterns: cluster }
    list.add(grant, 'IdempotentWrite', 'writes without doubling records (brokers before 2.8)')
  }
  return list.all
}

class Permissions {
  readonly #found = new Map<string, Permission>()

  get all(): Permission[] {
    const all = [...this.#found.values()]
    const isImplied = (one: Permission) => all.some((other) => other !== one && covers(other, one))
    return all.filter((one) => !isImplied(one)).sort((a, b) => orderOf(a) - orderOf(b))
  }

  add({ patterns, ...grant }: Grant, operation: Operation, why: string): void {
    for (const { name, patternType } of patterns) {
      const key = [grant.side, grant.resourceType, patternType, name, operation].join(' ')
      const toBegin = operation === 'Create' && patternType === 'literal' && name !== '*'
      if (this.#found.has(key)) continue
      this.#found.set(key, { ...grant, name, patternType, operation, why, ...(toBegin && { toBegin }) })
    }
  }
}

/** Whether the wider permission holds for what the other is asked for. */
function covers(wide: Permission, narrow: Permission): boolean {
  const isSameKind =
    wide.side === narrow.side && wide.resourceType === narrow.resourceType && wide.operation === narrow.operation
  if (!isSameKind || wide.resourceType === 'cluster') return false
  if (wide.patternType === 'prefix') return narrow.name.startsWith(wide.name)
  return wide.name === '*'
}

const orderOf = ({ side, resourceType }: Permission) =>
  (side === 'source' ? 0 : 10) + ['topic', 'group', 'cluster'].indexOf(resourceType)

/** Patterns of the source topics that are copied; heartbeats are, although the lists do not name them. */
function sourcePatterns({ topics, heartbeatsReplicationEnabled: withHeartbeats }: FlowSettings): NamePattern[] {
  const chosen = namePatterns(topics.include)
  const isCovered = matchesAny(topics.include, 'heartbeats') || chosen.some(({ name }) => name === '*')
  return [...chosen, ...(withHeartbeats && !isCovered ? literal('heartbeats') : [])]
}

/** The same for their names on the target. */
function targetPatterns(settings: FlowSettings): NamePattern[] {
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  return sourcePatterns(settings).map(({ name, patternType }): NamePattern => {
    if (name !== '*') return { name: policy.formatRemoteTopic(settings.sourceAlias, name), patternType }
    const before = policy.formatRemoteTopic(settings.sourceAlias, '')
    return before === '' ? { name, patternType } : { name: before, patternType: 'prefix' }
  })
}

function sourceTopics(settings: FlowSettings, list: Permissions): void {
  const topics: Grant = { side: 'source', resourceType: 'topic', patterns: sourcePatterns(settings) }
  list.add(topics, 'Read', 'reads the records')
  list.add(topics, 'DescribeConfigs', 'gives the copies the same configs')
}

function targetTopics(settings: FlowSettings, list: Permissions): void {
  const topics: Grant = { side: 'target', resourceType: 'topic', patterns: targetPatterns(settings) }
  list.add(topics, 'Create', 'creates the copies')
  list.add(topics, 'Write', 'writes the records')
  list.add(topics, 'Read', 'proves after a break what has arrived')
  list.add(topics, 'Alter', 'adds partitions when the source topic has grown')
  if (settings.syncTopicConfigs.enabled) list.add(topics, 'AlterConfigs', 'keeps configs as they are on the source')
  else list.add(topics, 'DescribeConfigs', 'learns how large batches may be')
}

/** The topics of the flow's state, and the group by which one process works on the flow. */
function stateTopics(settings: FlowSettings, list: Permissions): void {
  const names = topicsOfState(settings).map(({ name }) => name)
  const topics: Grant = { side: 'target', resourceType: 'topic', patterns: literal(...names) }
  list.add(topics, 'Create', 'creates the topic of its state')
  list.add(topics, 'Read', 'reads where it stood')
  list.add(topics, 'Write', 'notes where it stands')
  const own: Grant = { side: 'target', resourceType: 'group', patterns: literal(settings.groupId) }
  list.add(own, 'Read', 'makes sure that one process works on the flow')
}

function heartbeats({ heartbeats: { topic } }: FlowSettings, list: Permissions): void {
  const topics: Grant = { side: 'target', resourceType: 'topic', patterns: literal(topic.name) }
  list.add(topics, 'Create', 'creates the topic of heartbeats')
  list.add(topics, 'Write', 'writes heartbeats')
}

function groups(settings: FlowSettings, list: Permissions): void {
  const { offsetSyncs, checkpoints, syncGroupOffsets, translation } = settings
  if (offsetSyncs.enabled) {
    const patterns = literal(offsetSyncs.topic.name)
    const topic: Grant = { side: offsetSyncs.location, resourceType: 'topic', patterns }
    list.add(topic, 'Create', 'creates the topic of offset syncs')
    list.add(topic, 'Write', 'writes offset syncs')
    if (translation === 'mm2') list.add(topic, 'Read', "reads offset syncs for MM2's translation")
  }
  if (checkpoints.enabled) {
    const patterns = literal(checkpoints.topic.name)
    const topic: Grant = { side: 'target', resourceType: 'topic', patterns }
    list.add(topic, 'Create', 'creates the topic of checkpoints')
    list.add(topic, 'Read', 'reads the last checkpoints')
    list.add(topic, 'Write', 'writes checkpoints')
  }
  const patterns = namePatterns(settings.groups.include)
  if (translatesGroups(settings))
    list.add(
      { side: 'source', resourceType: 'group', patterns },
      'Describe',
      'finds groups and what they have committed',
    )
  if (syncGroupOffsets.enabled)
    list.add({ side: 'target', resourceType: 'group', patterns }, 'Read', 'commits translated offsets for groups')
}
