// Text output of `godwit plan`, like a diff: + is created, ~ is changed, ! needs a decision; unchanged topics are counted.
import { counted, plural } from '../../base/counted.ts'
import { readable } from '../../base/readable.ts'
import type { TopicAcl } from '../../mirror/topic-acls.ts'
import type { Conflict, Plan, TopicPlan } from '../../preflight/plan.ts'
import { conflictsOf, hasChanges } from '../../preflight/plan.ts'
import { countedText } from './quantities.ts'

/** Lines of the whole plan. @param all also shows what stays unchanged */
export function planLines(given: Plan, all: boolean): string[] {
  const plan = readable(given)
  const { flow, source, target, topics, conflicts, internal, acls, skipped, unmatched } = plan
  const shown = topics.filter(({ action, notes }) => all || action !== 'leave' || notes.length > 0)
  const changes = [
    ...conflicts.flatMap(conflictLines),
    ...unmatched.map(({ what }) => `? ${what}`),
    ...shown.flatMap(topicLines),
    ...acls.map((acl) => `+ ACL for every topic: ${aclText(acl)}`),
    ...internal
      .filter(({ action }) => all || action === 'create')
      .map(({ action, name, cluster }) => `${action === 'create' ? '+' : '='} internal topic ${name} on ${cluster}`),
    ...(all ? skipped.map(({ topic, why }) => `- ${topic} is not copied: ${skips[why]}`) : []),
  ]
  const head = `${flow}: from ${source.alias} (${source.clusterId}) to ${target.alias} (${target.clusterId})`
  return [head, '', ...changes, ...(changes.length > 0 ? [''] : []), summary(plan)]
}

const skips = {
  included: '',
  heartbeats: '',
  filtered: 'topics and topics.exclude do not select it',
  internal: 'it is an internal topic of Kafka or MirrorMaker 2',
  cycle: 'it was copied from the target',
}
const signs = { create: '+', change: '~', leave: '=', conflict: '!' }

function topicLines(plan: TopicPlan): string[] {
  const { action, topic, targetTopic, partitions, records, create, grow, configs, acls, conflicts, notes } = plan
  const name = topic === targetTopic ? topic : `${topic} -> ${targetTopic}`
  const size = `${counted(partitions.source, 'partition')}, ${countedText(records, 'record')}`
  const factor = create?.replicationFactor === -1 ? "the target's default" : create?.replicationFactor
  return [
    `${signs[action]} ${name}  (${size})`,
    ...(create ? [`    + topic with ${counted(partitions.source, 'partition')}, replication factor ${factor}`] : []),
    ...Object.entries(create?.configs ?? {}).map(([key, value]) => `    + ${key} = ${value}`),
    ...(grow > 0 ? [`    ~ partitions: ${partitions.target} -> ${partitions.target + grow}`] : []),
    ...configs.map((change) => {
      const after = change.op === 'set' ? change.value : "the target's default"
      return `    ~ ${change.name}: ${change.before ?? 'not set'} -> ${after}`
    }),
    ...acls.map((acl) => `    + ACL ${aclText(acl)}`),
    ...conflicts.flatMap(conflictLines).map((line) => `    ${line}`),
    ...notes.map((note) => `    note: ${note}`),
  ]
}

function conflictLines({ what, remedy }: Conflict): string[] {
  return [`! ${what}`, `  remedy: ${remedy}`]
}

const aclText = ({ permission, operation, principal, host }: TopicAcl) =>
  `${permission} ${operation} to ${principal} from ${host}`

function summary(plan: Plan): string {
  const { topics, internal, skipped } = plan
  const count = (action: TopicPlan['action']) => topics.filter((one) => one.action === action).length
  const records = topics.reduce((sum, one) => sum + one.records, 0)
  const made = internal.filter(({ action }) => action === 'create').length
  const counts = `${counted(count('create'), 'topic')} to create, ${count('change')} to change, ${count('leave')} unchanged, ${skipped.length} not selected, ${counted(made, 'internal topic')} to create`
  const copied = `the source contains ${countedText(records, 'record')} of these topics`
  const conflicts = conflictsOf(plan).length
  if (conflicts > 0)
    return `${counts}; ${copied}.\n${counted(conflicts, 'conflict')} ${plural(conflicts, 'needs', 'need')} a decision before a run.`
  return `${counts}; ${copied}.${hasChanges(plan) ? '' : '\nThere is nothing to change on the target.'}`
}
