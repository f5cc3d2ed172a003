// What a run of one flow would do, from what both clusters hold to a Plan. Pure.
import { counted } from '../../base/counted.ts'
import { isSameCluster } from '../../kafka/cluster.ts'
import { aclCopies, missingAcls, type TopicAcl } from '../../mirror/topic-acls.ts'
import { shouldReplicate, unmatchedText } from '../../mirror/topic-selection.ts'
import { factorFor } from '../../model/flow-settings.ts'
import { hasTooFewBrokers, internalTopics } from '../../state/internal-topics.ts'
import { selectsNoneOf, unmatchedGroups, unmatchedTopics } from '../rules/selection.ts'
import type { Conflict, InternalPlan, Plan } from './model.ts'
import type { PlanFacts } from './plan-facts.ts'
import { topicPlan } from './topic-plan.ts'

/** The plan of a flow, topics by name. */
export function planOf(facts: PlanFacts): Plan {
  const { settings, source, target, pairs } = facts
  const acls = missingCopies(facts)
  const copied = new Set(pairs.map(({ targetName }) => targetName))
  const internal = internalPlans(facts)
  return {
    flow: settings.name,
    source: { alias: source.alias, clusterId: source.clusterId },
    target: { alias: target.alias, clusterId: target.clusterId },
    topics: pairs.map((pair) => {
      const own = acls.filter(({ topic }) => topic === pair.targetName)
      return topicPlan(pair, facts, own)
    }),
    skipped: skippedTopics(facts),
    internal,
    acls: acls.filter(({ topic }) => !copied.has(topic)),
    conflicts: [
      ...nothingSelected(facts),
      ...sameCluster(facts),
      ...internal.flatMap((one) => tooFewBrokers(one, facts)),
    ],
    unmatched: unmatched(facts),
  }
}

function skippedTopics({ source, settings, policy }: PlanFacts): Plan['skipped'] {
  return [...source.topics.keys()].toSorted().flatMap((topic) => {
    const { replicate, why } = shouldReplicate(topic, settings, policy)
    return replicate ? [] : [{ topic, why }]
  })
}

function unmatched({ settings, source, groupNames }: PlanFacts): Plan['unmatched'] {
  const items = [...unmatchedTopics(settings, source.topics.keys()), ...unmatchedGroups(settings, groupNames)]
  return items.map((item) => ({ ...item, what: unmatchedText(item, settings.source) }))
}

function internalPlans({ settings, source, target }: PlanFacts): InternalPlan[] {
  return internalTopics(settings).map(({ name, partitions, side, key, ...wanted }) => {
    const { topics, brokers } = side === 'source' ? source : target
    const exists = topics.has(name)
    return {
      ...{ name, partitions, key, exists, cluster: settings[side], action: exists ? 'leave' : 'create' },
      replicationFactor: factorFor(wanted, brokers.length),
    }
  })
}

function missingCopies({ settings, policy, acls }: PlanFacts): TopicAcl[] {
  if (!settings.syncTopicAcls.enabled || !acls) return []
  const { wanted } = aclCopies(acls.source, {
    replicates: (topic) => shouldReplicate(topic, settings, policy).replicate,
    remoteName: (topic) => policy.formatRemoteTopic(settings.sourceAlias, topic),
  })
  return missingAcls(wanted, acls.target)
}

function nothingSelected({ settings, policy, source }: PlanFacts): Conflict[] {
  const topics = selectsNoneOf(source.topics.keys(), settings, policy)
  if (topics === undefined) return []
  const what = `${settings.name} selects none of ${counted(topics, 'topic')} of cluster ${source.alias}: nothing would be copied`
  return [{ what, remedy: 'correct topics and topics.exclude in the file; godwit check FILE prints the line' }]
}

function sameCluster({ source, target }: PlanFacts): Conflict[] {
  if (!isSameCluster(source, target)) return []
  const what = `${source.alias} and ${target.alias} are the same cluster (id ${source.clusterId}): every copy would be a topic of the source again, and be copied once more, without end`
  return [{ what, remedy: `correct ${source.alias}.bootstrap.servers or ${target.alias}.bootstrap.servers` }]
}

function tooFewBrokers({ name, key, cluster, exists, replicationFactor }: InternalPlan, facts: PlanFacts): Conflict[] {
  const { brokers } = cluster === facts.settings.target ? facts.target : facts.source
  if (exists || !hasTooFewBrokers({ replicationFactor }, brokers.length)) return []
  const what = `${name} is to have ${counted(replicationFactor, 'replica')}, but ${cluster} has ${counted(brokers.length, 'broker')}`
  return [{ what, remedy: `write ${key} = ${brokers.length}, or -1 for the cluster's default` }]
}
