// Compares everything except records: topic configs, ACLs, and the committed offsets of groups on the target.
import { Failure, sentenceOf } from '../base/failure.ts'
import { sleep } from '../base/retry.ts'
import { optionWords, shellWord } from '../base/shell-word.ts'
import { fromDescribedConfig } from '../engine/target-topics.ts'
import { TargetEnds } from '../groups/target-ends.ts'
import { describeTopicAcls, topicAclsIfAny } from '../kafka/acls.ts'
import type { Admin } from '../kafka/admin.ts'
import type { Cluster } from '../kafka/cluster.ts'
import { beyondEndText, type CommittedOffset, Groups } from '../kafka/groups.ts'
import { type Checkpoint, decodeCheckpoint } from '../mirror/checkpoint.ts'
import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import { aclCopies, missingAcls } from '../mirror/topic-acls.ts'
import { hasOrigins, missingChanges, targetConfigChanges } from '../mirror/topic-configs.ts'
import { shouldReplicate } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { TopicRecordLog } from '../records/topic-record-log.ts'
import { missingCheckpoints } from './missing-checkpoints.ts'
import type { VerifyVerdict } from './outcome.ts'

/** The result of one comparison other than that of records. */
export interface Section {
  readonly what: 'second look' | 'configs' | 'acls' | 'groups'
  verdict: VerifyVerdict
  /** how many were compared */
  compared: number
  readonly differences: string[]
  readonly notes: string[]
}

interface AroundParts {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly source: Cluster
  readonly target: Cluster
  readonly sourceAdmin: Admin
  readonly targetAdmin: Admin
  /** topics that exist on both sides */
  readonly pairs: readonly { readonly topic: string; readonly targetTopic: string }[]
  readonly checkpoints: TopicRecordLog
}

const TOPICS_AT_A_TIME = 100
/** How long missing checkpoints and group offsets are waited for, and how often they are checked (ms). */
const SETTLES_MS = 10_000
const LOOK_MS = 1000

/** All sections; one that cannot be read is `incomplete`, with the reason in its notes. */
export async function checkAround(parts: AroundParts): Promise<Section[]> {
  return [
    await section('configs', (found) => checkConfigs(parts, found)),
    await section('acls', (found) => checkAcls(parts, found)),
    await settled(() => section('groups', (found) => checkGroupsAndCheckpoints(parts, found))),
  ]
}

/** Repeats the check for a few seconds: while a flow runs, checkpoints and group offsets follow the records within that time. */
async function settled(check: () => Promise<Section>): Promise<Section> {
  const until = performance.now() + SETTLES_MS
  for (;;) {
    const found = await check()
    if (found.verdict !== 'notYet' || performance.now() > until) return found
    await sleep(LOOK_MS)
  }
}

async function checkGroupsAndCheckpoints(parts: AroundParts, found: Section): Promise<void> {
  const { settings } = parts
  await checkGroups(parts, found)
  if (!settings.syncGroupOffsets.enabled) return
  const missing = await missingCheckpoints(parts)
  if (missing.length === 0) return
  if (found.verdict === 'equal') found.verdict = 'notYet'
  const seconds = settings.checkpoints.intervalMs / 1000
  found.notes.push(
    ...missing,
    `checkpoints are written every ${seconds} s while the flow runs (emit.checkpoints.interval.seconds)`,
  )
}

/** A section of the report; `incomplete` with the reason where `check` throws a Failure. */
export async function section(what: Section['what'], check: (found: Section) => Promise<void>): Promise<Section> {
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
    const [onSource, onTarget] = await Promise.all([
      sourceAdmin.describeTopicConfigs(part.map(({ topic }) => topic)),
      targetAdmin.describeTopicConfigs(part.map(({ targetTopic }) => targetTopic)),
    ])
    for (const pair of part)
      compareConfigs(pair, { mine: onSource.get(pair.topic), theirs: onTarget.get(pair.targetTopic) }, settings, found)
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
  if (!hasOrigins(entries) || !hasOrigins(others)) {
    found.notes.push(
      `topic ${targetTopic}: not compared: a cluster does not report which configs were set (Kafka before 1.1)`,
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
    throw described ?? new Failure('UNKNOWN_TOPIC', 'a broker left out the configs of a topic')
  return described.map(fromDescribedConfig)
}

async function checkAcls({ settings, policy, source, target }: AroundParts, found: Section): Promise<void> {
  if (!settings.syncTopicAcls.enabled) {
    found.notes.push('not compared: sync.topic.acls.enabled is false')
    return
  }
  const acls = await topicAclsIfAny(source)
  if (!acls) {
    found.notes.push(`cluster ${source.alias} has no authorizer, so there are no ACLs`)
    return
  }
  const { wanted } = aclCopies(acls, {
    replicates: (topic) => shouldReplicate(topic, settings, policy).replicate,
    remoteName: (topic) => policy.formatRemoteTopic(settings.sourceAlias, topic),
  })
  found.compared = wanted.length
  if (wanted.length === 0) return
  for (const { topic, permission, operation, principal, host } of missingAcls(wanted, await describeTopicAcls(target)))
    found.differences.push(`topic ${topic}: ${permission} ${operation} to ${principal} from ${host} is missing`)
}

/** Compares the checkpoints of groups with their committed offsets on the target, and reports offsets beyond the end of the log. */
async function checkGroups({ settings, target, targetAdmin, checkpoints, pairs }: AroundParts, found: Section) {
  const topics = new Set(pairs.map(({ targetTopic }) => targetTopic))
  const latest = (await latestCheckpoints(checkpoints)).filter(({ topic }) => topics.has(topic))
  const { committed, denied } = await committedOf(new Groups(target), [...new Set(latest.map(({ group }) => group))])
  const ends = new TargetEnds(targetAdmin)
  await checkEnds({ settings, ends }, committed, topics, found)
  if (!settings.syncGroupOffsets.enabled) {
    found.notes.push('not compared with their checkpoints: sync.group.offsets.enabled is false')
    return
  }
  await ends.look(latest.map((one) => ({ ...one, offset: one.downstreamOffset })))
  const offsets = new Map(
    [...committed].flatMap(([group, own]) => own.map((one) => [partitionText(group, one), one.offset])),
  )
  for (const checkpoint of latest.filter(({ group }) => !denied.has(group))) {
    const { group, downstreamOffset } = checkpoint
    const partition = partitionText(group, checkpoint)
    const offset = offsets.get(partition) ?? -1
    found.compared++
    if (ends.isBeyond({ ...checkpoint, offset: downstreamOffset })) {
      found.notes.push(
        `${partition}: its checkpoint is ${downstreamOffset}, beyond the end of the log; a running flow replaces it`,
      )
      continue
    }
    if (offset < 0)
      found.notes.push(`${partition}: not committed on the target yet, its checkpoint is ${downstreamOffset}`)
    else if (offset < downstreamOffset)
      found.notes.push(`${partition}: committed at ${offset} on the target, its checkpoint is ${downstreamOffset}`)
    else continue
    found.verdict = 'notYet'
  }
  if (denied.size > 0) found.verdict = 'incomplete'
  for (const group of denied)
    found.notes.push(`group ${group}: not compared, the user may not describe it on the target`)
}

const partitionText = (group: string, { topic, partition }: { readonly topic: string; readonly partition: number }) =>
  `group ${group}, ${topic}-${partition}`

/** Committed offsets beyond the end of the log are differences. The ends are read after the offsets, so they are not older. */
async function checkEnds(
  { settings, ends }: Pick<AroundParts, 'settings'> & { readonly ends: TargetEnds },
  committed: Committed,
  topics: ReadonlySet<string>,
  found: Section,
): Promise<void> {
  const copied = [...committed].map(
    ([group, offsets]) => [group, offsets.filter(({ topic }) => topics.has(topic))] as const,
  )
  await ends.look(copied.flatMap(([, offsets]) => offsets))
  for (const [group, offsets] of copied) {
    for (const one of offsets.filter((offset) => ends.isBeyond(offset))) {
      const words = beyondEndText(one.offset, ends.of(one.topic, one.partition) ?? 0)
      const remedy = `godwit groups sync FILE --flow ${shellWord(settings.name)} ${optionWords('--group', [group])} --execute`
      found.differences.push(`group ${group}, ${one.topic}-${one.partition}: ${words} (${remedy})`)
    }
  }
}

type Committed = ReadonlyMap<string, readonly CommittedOffset[]>

/** Committed offsets of these groups on the target, for those that exist and may be described. @throws Failure of the first that cannot be read */
async function committedOf(
  groups: Groups,
  names: readonly string[],
): Promise<{ readonly committed: Committed; readonly denied: ReadonlySet<string> }> {
  const { found: listed, failures } = await groups.list()
  if (failures[0]) throw failures[0]
  const committed = new Map<string, readonly CommittedOffset[]>()
  const existing = names.flatMap((name) => listed.get(name) ?? [])
  const [failure] = await groups.committed(existing, (some) => {
    for (const [group, offsets] of some) committed.set(group, offsets)
    return Promise.resolve()
  })
  if (failure) throw failure
  return { committed, denied: new Set(await groups.denied(names.filter((name) => !listed.has(name)))) }
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
