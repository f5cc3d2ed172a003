// What surrounds the records: partition counts, configs, ACLs, and where groups stand on the target.
import { Failure, sentenceOf } from '../base/failure.ts'
import { travelling } from '../engine/target-topics.ts'
import { describeTopicAcls, topicAclsIfAny } from '../kafka/acls.ts'
import type { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import { Groups, type ListedGroup } from '../kafka/groups.ts'
import { type Checkpoint, decodeCheckpoint } from '../mirror/checkpoint.ts'
import type { FlowSettings } from '../mirror/flow-settings.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { aclCopies, missingAcls } from '../mirror/topic-acls.ts'
import { missingChanges, targetConfigChanges, tellsOrigins } from '../mirror/topic-configs.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import type { TopicRecordLog } from '../state/topic-record-log.ts'
import type { Verdict } from './outcome.ts'

/** One thing beside the records that was compared. */
export interface Section {
  readonly what: 'configs' | 'acls' | 'groups'
  verdict: Verdict
  /** how many were compared */
  compared: number
  readonly differences: string[]
  readonly notes: string[]
}

export interface AroundParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Cluster
  readonly target: Cluster
  readonly sourceAdmin: Admin
  readonly targetAdmin: Admin
  /** topics that are on both sides */
  readonly pairs: readonly { readonly topic: string; readonly targetTopic: string }[]
  readonly checkpoints: TopicRecordLog
}

const TOPICS_AT_A_TIME = 100

/** All sections; one that cannot be read is `incomplete` and says why. */
export async function checkAround(parts: AroundParts): Promise<Section[]> {
  return [
    await section('configs', (found) => checkConfigs(parts, found)),
    await section('acls', (found) => checkAcls(parts, found)),
    await section('groups', (found) => checkGroups(parts, found)),
  ]
}

async function section(what: Section['what'], check: (found: Section) => Promise<void>): Promise<Section> {
  const found: Section = { what, verdict: 'equal', compared: 0, differences: [], notes: [] }
  try {
    await check(found)
    if (found.differences.length > 0) found.verdict = 'different'
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    found.verdict = 'incomplete'
    found.notes.push(`could not be compared: ${sentenceOf(error)}${error.remedy ? ` (${error.remedy})` : ''}`)
  }
  return found
}

async function checkConfigs({ settings, pairs, sourceAdmin, targetAdmin }: AroundParts, found: Section): Promise<void> {
  if (!settings.syncTopicConfigs.enabled) {
    found.notes.push('not compared: sync.topic.configs.enabled is false')
    return
  }
  for (let i = 0; i < pairs.length; i += TOPICS_AT_A_TIME) {
    const part = pairs.slice(i, i + TOPICS_AT_A_TIME)
    const [here, there] = await Promise.all([
      sourceAdmin.describeTopicConfigs(part.map(({ topic }) => topic)),
      targetAdmin.describeTopicConfigs(part.map(({ targetTopic }) => targetTopic)),
    ])
    for (const pair of part)
      compareConfigs(pair, { mine: here.get(pair.topic), theirs: there.get(pair.targetTopic) }, settings, found)
  }
}

type Described = Awaited<ReturnType<Admin['describeTopicConfigs']>> extends Map<string, infer Entries> ? Entries : never

function compareConfigs(
  { targetTopic }: { readonly targetTopic: string },
  sides: { readonly mine: Described | undefined; readonly theirs: Described | undefined },
  settings: FlowSettings,
  found: Section,
): void {
  const [entries, others] = [readable(sides.mine), readable(sides.theirs)]
  if (!tellsOrigins(entries) || !tellsOrigins(others)) {
    found.notes.push(
      `topic ${targetTopic}: not compared, for a cluster does not tell which configs were set (Kafka before 1.1)`,
    )
    return
  }
  found.compared++
  for (const change of missingChanges(targetConfigChanges(entries, settings.configProperties), others))
    found.differences.push(
      change.op === 'set'
        ? `topic ${targetTopic}: ${change.name} should be ${change.value}`
        : `topic ${targetTopic}: ${change.name} is set, but not on the source`,
    )
}

function readable(described: Described | undefined) {
  if (!described || described instanceof Failure)
    throw described ?? new Failure('UNKNOWN_TOPIC', 'the configs of a topic are not told')
  return described.map(travelling)
}

async function checkAcls({ settings, policy, source, target }: AroundParts, found: Section): Promise<void> {
  if (!settings.syncTopicAcls.enabled) {
    found.notes.push('not compared: sync.topic.acls.enabled is false')
    return
  }
  const here = await topicAclsIfAny(source)
  if (!here) {
    found.notes.push(`cluster ${source.alias} has no authorizer, so there are no ACLs`)
    return
  }
  const { wanted } = aclCopies(here, {
    replicates: (topic) => shouldReplicate(topic, settings, policy).replicate,
    remoteName: (topic) => policy.formatRemoteTopic(settings.sourceAlias, topic),
  })
  found.compared = wanted.length
  if (wanted.length === 0) return
  for (const { topic, permission, operation, principal, host } of missingAcls(wanted, await describeTopicAcls(target)))
    found.differences.push(`topic ${topic}: ${permission} ${operation} to ${principal} from ${host} is missing`)
}

/** Where checkpoints say groups are to go on, beside what is committed for them on the target. */
async function checkGroups({ settings, target, checkpoints, pairs }: AroundParts, found: Section): Promise<void> {
  if (!settings.syncGroupOffsets.enabled) {
    found.notes.push('not compared: sync.group.offsets.enabled is false')
    return
  }
  const topics = new Set(pairs.map(({ targetTopic }) => targetTopic))
  const latest = (await latestCheckpoints(checkpoints)).filter(({ topic }) => topics.has(topic))
  const groups = new Groups(target)
  const names = [...new Set(latest.map(({ group }) => group))]
  const { found: listed, failures } = await groups.list()
  if (failures[0]) throw failures[0]
  const committed = new Map<string, number>()
  const there = names.flatMap((name) => listed.get(name) ?? [])
  await readCommitted(groups, there, committed)
  for (const { group, topic, partition, downstreamOffset } of latest) {
    const offset = committed.get(`${group} ${topic}-${partition}`)
    found.compared++
    const place = `group ${group}, ${topic}-${partition}`
    if (offset === undefined)
      found.notes.push(`${place}: not committed on the target yet, its checkpoint says ${downstreamOffset}`)
    else if (offset < downstreamOffset)
      found.notes.push(`${place}: stands at ${offset}, its checkpoint says ${downstreamOffset}`)
    else continue
    found.verdict = 'notYet'
  }
}

async function readCommitted(
  groups: Groups,
  there: readonly ListedGroup[],
  committed: Map<string, number>,
): Promise<void> {
  const [failure] = await groups.committed(there, (found) => {
    for (const [group, offsets] of found)
      for (const { topic, partition, offset } of offsets) committed.set(`${group} ${topic}-${partition}`, offset)
    return Promise.resolve()
  })
  if (failure) throw failure
}

async function latestCheckpoints(log: TopicRecordLog): Promise<Checkpoint[]> {
  const latest = new Map<string, Checkpoint>()
  try {
    await log.readAll(({ key, value }) => {
      const checkpoint = decodeCheckpoint(key, value)
      if (checkpoint) latest.set(`${checkpoint.group} ${checkpoint.topic}-${checkpoint.partition}`, checkpoint)
    })
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'UNKNOWN_TOPIC') throw error
  }
  return [...latest.values()]
}
