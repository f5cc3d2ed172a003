// Target topics that exist already: partitions, and configs by which the copy would differ from the source.
import { counted } from '../../base/counted.ts'
import type { TopicPair } from '../basics.ts'
import { remedyFor, sourceValue, targetValue } from '../effective.ts'
import type { FlowFacts } from '../facts.ts'
import type { Finding } from '../finding.ts'
import { advice, alterPartitions, alterTopicConfig } from '../remedies.ts'

export function existingTopics(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => [...partitions(pair, facts), ...configs(pair, facts)])
}

function partitions({ topic, targetName, there }: TopicPair, { target }: FlowFacts): Finding[] {
  const [here, found] = [topic.partitions.length, there?.partitions.length ?? topic.partitions.length]
  if (here === found) return []
  const base = { check: 'partitions', cluster: target.alias, topic: targetName } as const
  const what = `${targetName} has ${counted(found, 'partition')}, its source ${here}`
  if (found < here) {
    const why =
      'records keep their partition, so those of the others wait until the flow has added partitions; readers that are there already see the topic grow'
    return [{ ...base, severity: 'warning', what, why, remedies: [alterPartitions(target, targetName, here)] }]
  }
  const why = `partitions ${here} to ${found - 1} stay empty, and producers that move spread keys otherwise than the copied records are`
  const remedies = [advice(`delete ${targetName} before the copying begins, so that it is made like its source`)]
  return [{ ...base, severity: 'warning', what, why, remedies }]
}

interface Rule {
  readonly name: string
  readonly severity: 'error' | 'warning'
  /** why the two values do not go together; undefined when they do */
  readonly why: (source: string, target: string) => string | undefined
}

const rules: readonly Rule[] = [
  {
    name: 'cleanup.policy',
    severity: 'error',
    why: (source, target) => {
      const has = (policy: string, kind: string) => policy.split(',').some((one) => one.trim() === kind)
      if (has(target, 'compact') && !has(source, 'compact'))
        return 'only the last record of each key would stay, and records without a key are refused'
      if (has(target, 'delete') && !has(source, 'delete'))
        return 'the target would delete records with time that the source keeps'
      return has(source, 'compact') && !has(target, 'compact')
        ? 'the target would never compact what the source does'
        : undefined
    },
  },
  {
    name: 'compression.type',
    severity: 'warning',
    why: (source, target) =>
      target === 'producer' || target === source
        ? undefined
        : 'the brokers would unpack and compress every batch anew: that costs them much of their processors',
  },
  {
    name: 'message.timestamp.type',
    severity: 'warning',
    why: (source, target) =>
      source === target
        ? undefined
        : target === 'LogAppendTime'
          ? 'records would bear the time of the copy; retention and searches by time begin anew'
          : 'the time of the append on the source would be taken for that of creation',
  },
]

function configs(pair: TopicPair, facts: FlowFacts): Finding[] {
  return rules.flatMap(({ name, severity, why }) => {
    const [source, target] = [sourceValue(pair, name), targetValue(pair, name, facts)]
    const reason = source !== undefined && target !== undefined ? why(source, target) : undefined
    if (source === undefined || reason === undefined) return []
    const wanted = name === 'compression.type' ? 'producer' : source
    return [
      {
        check: name.replaceAll('.', '-'),
        severity,
        cluster: facts.target.alias,
        topic: pair.targetName,
        what: `${pair.targetName} ${pair.there ? 'has' : 'would have'} ${name}=${target}, its source ${source}`,
        why: reason,
        remedies:
          pair.there && name === 'compression.type'
            ? [alterTopicConfig(facts.target, pair.targetName, { [name]: wanted })]
            : remedyFor(pair, name, wanted, facts),
      } satisfies Finding,
    ]
  })
}
