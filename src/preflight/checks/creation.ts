// Topics that are still to be created: replication factors, policies, what the target refuses.
import { counted } from '../../base/counted.ts'
import type { Failure } from '../../base/failure.ts'
import { errorCodes } from '../../kafka/wire-errors.ts'
import { isOnlyCompacted } from '../../model/cleanup-policy.ts'
import { factorFor } from '../../model/flow-settings.ts'
import { hasTooFewBrokers, topicFactors } from '../../state/internal-topics.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import { configOf } from '../facts/topics.ts'
import type { Finding } from '../finding.ts'
import { advice, alterTopicConfig, lengthened, setting } from '../remedies/commands.ts'
import { hasBrokerBefore } from '../rules/broker-versions.ts'
import { configRemedy, targetValue } from '../rules/target-configs.ts'
import { shownNames } from './formatting.ts'

/** What other checks find, with more to say about it: permission, exists, invalid name, replication factor. */
const FOUND_ELSEWHERE = new Set<number>([
  errorCodes.TOPIC_AUTHORIZATION_FAILED,
  errorCodes.TOPIC_ALREADY_EXISTS,
  errorCodes.INVALID_TOPIC_EXCEPTION,
  errorCodes.INVALID_REPLICATION_FACTOR,
])
const BROKER_DEFAULT = -1

/** Findings about the topics that a run creates. */
export function creation(facts: FlowFacts): Finding[] {
  return [
    ...replicationFactors(facts),
    ...refusals(facts),
    ...tooManyInSync(facts),
    ...notCompacted(facts),
    ...autoCreation(facts),
  ]
}

/** Factors of what is still to be created; topics to copy may come at any time. */
export function replicationFactors(facts: FlowFacts): Finding[] {
  return topicFactors(facts.settings).flatMap((wanted) => {
    const { inventory, alias: cluster } = facts[wanted.side]
    const brokers = inventory?.brokers.length ?? 0
    const factor = factorFor(wanted, brokers)
    if (!inventory || !hasTooFewBrokers(wanted, brokers)) return []
    const missing = wanted.topics.filter((topic) => !inventory.topics.has(topic))
    if (wanted.topics.length > 0 && missing.length === 0) return []
    return [
      {
        code: 'replication-factor-too-large',
        check: 'replication-factor',
        severity: 'error',
        cluster,
        what: `${wanted.key.replace(`${facts.settings.name}.`, '')} is ${factor}, but cluster ${cluster} has ${counted(brokers, 'broker')}`,
        why: `${missing.length > 0 ? shownNames(missing) : 'the copies'} cannot be created with more replicas than there are brokers`,
        remedies: [setting(`${wanted.key} = ${brokers}`)],
      } satisfies Finding,
    ]
  })
}

/** What the controller refused when the creation was tried. */
function refusals(facts: FlowFacts): Finding[] {
  const { trials } = facts
  return [...(trials?.topics ?? []), ...(trials?.state ?? [])].flatMap(([topic, { failure }]) => {
    const isFound = failure && FOUND_ELSEWHERE.has(failure.circumstances.wireCode ?? 0)
    return failure && !isFound ? [refusal(topic, failure, facts)] : []
  })
}

function refusal(topic: string, failure: Failure, { target, settings, lists }: FlowFacts): Finding {
  const { wireCode } = failure.circumstances
  const config = wireCode === errorCodes.INVALID_CONFIG ? configIn(failure) : undefined
  const isPolicy = wireCode === errorCodes.POLICY_VIOLATION
  return {
    code: isPolicy ? 'creation-against-policy' : 'creation-refused',
    check: isPolicy ? 'policy' : 'creation',
    severity: 'error',
    cluster: target.alias,
    topic,
    what: failure.message,
    why: 'the controller has checked the creation and refuses it, so the topic would not be copied',
    remedies:
      config === undefined
        ? [advice('create the topic beforehand as the policy wants it, or have the policy changed')]
        : [lengthened(lists, settings.name, 'config.properties.exclude', [config])],
  }
}

/** The name of the config that a refusal names. */
function configIn({ message }: Failure): string | undefined {
  return /\b([a-z]+(?:\.[a-z]+)+)\b/.exec(message.slice(message.indexOf(':')))?.[1]
}

/**
 * Producers that wait for all replicas are refused where more have to be in sync than there are. Since Kafka 3.7 the smaller of both
 * counts (KIP-966, Partition.effectiveMinIsr), so the records are taken.
 */
function tooManyInSync(facts: FlowFacts): Finding[] {
  if (!hasBrokerBefore('3.7', facts.target.inventory)) return []
  return facts.pairs.flatMap((pair) => {
    const least = Number(targetValue(pair, 'min.insync.replicas', facts) ?? 1)
    const replicas = pair.there?.partitions[0]?.replicas.length ?? factorOf(facts)
    return least > replicas ? [refusedRecords(pair, { least, replicas }, facts)] : []
  })
}

function refusedRecords(
  pair: PlannedPair,
  { least, replicas }: { readonly least: number; readonly replicas: number },
  facts: FlowFacts,
): Finding {
  const { target, settings } = facts
  const needsConfig = pair.there !== undefined || least > (target.inventory?.brokers.length ?? 0)
  return {
    code: 'min-insync-replicas',
    check: 'min-insync-replicas',
    severity: 'error',
    cluster: target.alias,
    topic: pair.targetName,
    what: `${pair.targetName} ${pair.there ? 'has' : 'would have'} min.insync.replicas=${least} with ${counted(replicas, 'replica')}`,
    why: 'brokers before Kafka 3.7 refuse every record for it (NOT_ENOUGH_REPLICAS)',
    remedies: needsConfig
      ? configRemedy(pair, 'min.insync.replicas', String(replicas), facts)
      : [setting(`${settings.name}.replication.factor = ${least}`)],
  }
}

/** How many replicas a topic is created with; Infinity where only the target knows. */
function factorOf({ settings, target }: FlowFacts): number {
  if (settings.replicationFactor !== BROKER_DEFAULT) return factorFor(settings, target.inventory?.brokers.length ?? 0)
  return Number(configOf(target.inventory?.brokerConfigs, 'default.replication.factor') ?? Number.POSITIVE_INFINITY)
}

/** Connect's rule for topics of state: exactly compact. */
function notCompacted({ settings, target }: FlowFacts): Finding[] {
  const { name } = settings.offsetStorage
  const policy = configOf(target.inventory?.topics.get(name)?.configs, 'cleanup.policy')
  if (policy === undefined || isOnlyCompacted(policy)) return []
  return [
    {
      code: 'state-not-compacted',
      check: 'state',
      severity: 'error',
      cluster: target.alias,
      topic: name,
      what: `${name} has cleanup.policy=${policy}`,
      why: 'it holds where the flow stands; what is stored there would be deleted with time',
      remedies: [alterTopicConfig(target, name, { 'cleanup.policy': 'compact' })],
    },
  ]
}

function autoCreation({ target, pairs }: FlowFacts): Finding[] {
  const isOn = configOf(target.inventory?.brokerConfigs, 'auto.create.topics.enable') === 'true'
  const missing = pairs.filter(({ there }) => !there).map(({ targetName }) => targetName)
  if (!isOn || missing.length === 0) return []
  return [
    {
      code: 'auto-create',
      check: 'auto-create',
      severity: 'note',
      cluster: target.alias,
      what: `cluster ${target.alias} creates topics that a client asks for (auto.create.topics.enable)`,
      why: `an application that moves too early would create ${shownNames(missing)} with other partitions and configs`,
      remedies: [advice('start a run, which creates the topics, before applications move')],
    },
  ]
}
