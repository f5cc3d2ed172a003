// Target topics that exist already: records of others, partitions, and configs by which the copy would differ from the source.
import { counted } from '../../base/counted.ts'
import type { Failure } from '../../base/failure.ts'
import { resetCommand } from '../../base/reset-command.ts'
import { partitionsToAdd } from '../../engine/target-topics.ts'
import { cleanupConflict } from '../../model/cleanup-policy.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import type { Finding, FindingCode } from '../finding.ts'
import { advice, alterPartitions, alterTopicConfig, command, deleteTopic } from '../remedies/commands.ts'
import { configRemedy, sourceValue, targetValue } from '../rules/target-configs.ts'
import { foreignRecords, surplusPartitions } from '../rules/target-topic.ts'

/** Findings about target topics that exist, and about the configs of those that would be created. */
export function existingTopics(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => [
    ...foreignContent(pair, facts),
    ...partitions(pair, facts),
    ...configs(pair, facts),
  ])
}

/** Topics that were copied before and were recreated or renamed since: a run copies nothing of them without a decision. */
export function refusedTopics(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap(({ topic: { name } }) => {
    const failure = facts.stored?.refused.get(name)
    return failure ? [refused(name, failure, facts)] : []
  })
}

function refused(topic: string, failure: Failure, { settings, source, file }: FlowFacts): Finding {
  const startAgain =
    'to copy all that the source topic holds (what is on the target stays there, unless you delete the target topic first):'
  return {
    code: 'position-refused',
    check: 'positions',
    severity: 'error',
    cluster: source.alias,
    topic,
    what: failure.message,
    why: `a run copies nothing of ${topic} until you decide, and is never in sync`,
    remedies:
      failure.code === 'TARGET_RENAMED'
        ? [advice(failure.circumstances.remedy ?? '')]
        : [advice(startAgain), command(resetCommand({ file, flow: settings.name, topic }))],
  }
}

/** Target topics that hold records, but none that this flow, or MM2 before it, is known to have copied. */
function foreignContent(pair: PlannedPair, { stored, target }: FlowFacts): Finding[] {
  const records = stored ? foreignRecords(pair, stored) : 0
  if (records === 0) return []
  const finding: Finding = {
    code: 'target-not-empty',
    check: 'content',
    severity: 'warning',
    cluster: target.alias,
    topic: pair.targetName,
    what: `${pair.targetName} holds ${counted(records, 'record')} already, and this flow has copied nothing to it`,
    why: 'the copy comes behind them: the topic will hold both, and offsets will not be those of the source',
    remedies: [deleteTopic(target, pair.targetName)],
  }
  return [finding]
}

function partitions(pair: PlannedPair, facts: FlowFacts): Finding[] {
  if (!pair.there) return []
  const [here, there] = [pair.topic.partitions.length, pair.there.partitions.length]
  const what = `${pair.targetName} has ${counted(there, 'partition')}, its source ${here}`
  if (partitionsToAdd(here, there) > 0) return [fewerPartitions(pair, what, facts)]
  return surplusPartitions(pair) > 0 ? [morePartitions(pair, what, facts)] : []
}

function fewerPartitions({ topic, targetName }: PlannedPair, what: string, { target }: FlowFacts): Finding {
  return {
    ...{ code: 'fewer-partitions', check: 'partitions', severity: 'warning', cluster: target.alias, topic: targetName },
    what,
    why: 'records keep their partition, so those of the others wait until the flow has added partitions; readers that are there already see the topic grow',
    remedies: [alterPartitions(target, targetName, topic.partitions.length)],
  }
}

function morePartitions(pair: PlannedPair, what: string, { target }: FlowFacts): Finding {
  const { targetName, topic } = pair
  const here = topic.partitions.length
  return {
    ...{ code: 'more-partitions', check: 'partitions', severity: 'warning', cluster: target.alias, topic: targetName },
    what,
    why: `partitions ${here} to ${here + surplusPartitions(pair) - 1} stay empty, and producers that move spread keys otherwise than the copied records are`,
    remedies: [
      advice(
        `delete ${targetName} before the first run, unless its records are needed; it is then created like its source:`,
      ),
      deleteTopic(target, targetName),
    ],
  }
}

interface Rule {
  readonly code: FindingCode
  readonly name: string
  readonly severity: 'error' | 'warning'
  /** why the two values do not go together; undefined when they do */
  readonly why: (source: string, target: string) => string | undefined
}

const rules: readonly Rule[] = [
  {
    code: 'cleanup-policy',
    name: 'cleanup.policy',
    severity: 'error',
    why: cleanupConflict,
  },
  {
    code: 'compression-type',
    name: 'compression.type',
    severity: 'warning',
    why: (source, target) =>
      target === 'producer' || target === source
        ? undefined
        : 'the brokers would unpack and compress every batch again, which takes much of their processor time',
  },
  {
    code: 'message-timestamp-type',
    name: 'message.timestamp.type',
    severity: 'warning',
    why: (source, target) =>
      source === target
        ? undefined
        : target === 'LogAppendTime'
          ? 'records would have the time of the copy; retention and searches by time start over'
          : 'the time of the append on the source would be taken for that of creation',
  },
]

function configs(pair: PlannedPair, facts: FlowFacts): Finding[] {
  return rules.flatMap((rule) => {
    const [source, target] = [sourceValue(pair, rule.name), targetValue(pair, rule.name, facts)]
    if (source === undefined || target === undefined) return []
    const why = rule.why(source, target)
    return why === undefined ? [] : [difference(pair, { ...rule, source, target, why }, facts)]
  })
}

interface Difference extends Omit<Rule, 'why'> {
  readonly source: string
  readonly target: string
  readonly why: string
}

function difference(pair: PlannedPair, one: Difference, facts: FlowFacts): Finding {
  const { code, name, severity, source, target, why } = one
  const recompresses = name === 'compression.type'
  const wanted = recompresses ? 'producer' : source
  return {
    ...{ code, check: name.replaceAll('.', '-'), severity, cluster: facts.target.alias, topic: pair.targetName },
    what: `${pair.targetName} ${pair.there ? 'has' : 'would have'} ${name}=${target}, its source ${source}`,
    why,
    remedies:
      pair.there && recompresses
        ? [alterTopicConfig(facts.target, pair.targetName, { [name]: wanted })]
        : configRemedy(pair, name, wanted, facts),
  }
}
