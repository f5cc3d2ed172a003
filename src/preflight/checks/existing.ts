// Target topics that exist already: partitions, and configs by which the copy would differ from the source.
import { counted } from '../../base/counted.ts'
import { resetCommand } from '../../base/reset-command.ts'
import { partitionsToAdd } from '../../engine/target-topics.ts'
import { cleanupConflict } from '../../model/cleanup-policy.ts'
import type { TopicPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import type { Finding, FindingCode } from '../finding.ts'
import { advice, alterPartitions, alterTopicConfig, command, deleteTopic } from '../remedies/commands.ts'
import { configRemedy, sourceValue, targetValue } from '../rules/target-configs.ts'
import { surplusPartitions } from '../rules/target-topic.ts'

export function existingTopics(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => [...partitions(pair, facts), ...configs(pair, facts)])
}

/** Topics that were copied before, and are not the same any more: a run copies nothing of them until somebody decides. */
export function refusedTopics({ pairs, stored, settings, source, file }: FlowFacts): Finding[] {
  return pairs.flatMap(({ topic: { name } }) => {
    const failure = stored?.refused.get(name)
    if (!failure) return []
    const again = resetCommand({ file, flow: settings.name, topic: name })
    return [
      {
        code: 'position-refused',
        check: 'positions',
        severity: 'error',
        cluster: source.alias,
        topic: name,
        what: failure.message,
        why: `a run copies nothing of ${name} before somebody has decided, and is never in sync`,
        remedies:
          failure.code === 'TARGET_RENAMED'
            ? [advice(failure.circumstances.remedy ?? '')]
            : [
                advice(
                  'to copy all that the source topic holds (what is on the target stays there, unless you delete the target topic first):',
                ),
                command(again),
              ],
      } satisfies Finding,
    ]
  })
}

function partitions(pair: TopicPair, facts: FlowFacts): Finding[] {
  if (!pair.there) return []
  const [here, there] = [pair.topic.partitions.length, pair.there.partitions.length]
  const what = `${pair.targetName} has ${counted(there, 'partition')}, its source ${here}`
  if (partitionsToAdd(here, there) > 0) return [fewerPartitions(pair, what, facts)]
  return surplusPartitions(pair) > 0 ? [morePartitions(pair, what, facts)] : []
}

function fewerPartitions({ topic, targetName }: TopicPair, what: string, { target }: FlowFacts): Finding {
  return {
    ...{ code: 'fewer-partitions', check: 'partitions', severity: 'warning', cluster: target.alias, topic: targetName },
    what,
    why: 'records keep their partition, so those of the others wait until the flow has added partitions; readers that are there already see the topic grow',
    remedies: [alterPartitions(target, targetName, topic.partitions.length)],
  }
}

function morePartitions(pair: TopicPair, what: string, { target }: FlowFacts): Finding {
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

function configs(pair: TopicPair, facts: FlowFacts): Finding[] {
  return rules.flatMap(({ code, name, severity, why }) => {
    const [source, target] = [sourceValue(pair, name), targetValue(pair, name, facts)]
    const reason = source !== undefined && target !== undefined ? why(source, target) : undefined
    if (source === undefined || reason === undefined) return []
    const wanted = name === 'compression.type' ? 'producer' : source
    return [
      {
        code,
        check: name.replaceAll('.', '-'),
        severity,
        cluster: facts.target.alias,
        topic: pair.targetName,
        what: `${pair.targetName} ${pair.there ? 'has' : 'would have'} ${name}=${target}, its source ${source}`,
        why: reason,
        remedies:
          pair.there && name === 'compression.type'
            ? [alterTopicConfig(facts.target, pair.targetName, { [name]: wanted })]
            : configRemedy(pair, name, wanted, facts),
      } satisfies Finding,
    ]
  })
}
