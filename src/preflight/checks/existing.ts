// Target topics that exist already: partitions, and configs by which the copy would differ from the source.
import { counted } from '../../base/counted.ts'
import { resetCommand } from '../../base/reset-command.ts'
import type { TopicPair } from '../basics.ts'
import { remedyFor, sourceValue, targetValue } from '../effective.ts'
import type { FlowFacts } from '../facts.ts'
import type { Finding, FindingCode } from '../finding.ts'
import { advice, alterPartitions, alterTopicConfig, command, deleteTopic } from '../remedies.ts'

export function existingTopics(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => [...partitions(pair, facts), ...configs(pair, facts)])
}

/** Topics that were copied before, and are not the same any more: a run copies nothing of them until somebody decides. */
export function refusedTopics({ pairs, refused, settings, source, file }: FlowFacts): Finding[] {
  return pairs.flatMap(({ topic: { name } }) => {
    const failure = refused?.get(name)
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

function partitions({ topic, targetName, there }: TopicPair, { target }: FlowFacts): Finding[] {
  const [here, found] = [topic.partitions.length, there?.partitions.length ?? topic.partitions.length]
  if (here === found) return []
  const base = { check: 'partitions', cluster: target.alias, topic: targetName } as const
  const what = `${targetName} has ${counted(found, 'partition')}, its source ${here}`
  if (found < here) {
    const why =
      'records keep their partition, so those of the others wait until the flow has added partitions; readers that are there already see the topic grow'
    return [
      {
        ...base,
        code: 'fewer-partitions',
        severity: 'warning',
        what,
        why,
        remedies: [alterPartitions(target, targetName, here)],
      },
    ]
  }
  const why = `partitions ${here} to ${found - 1} stay empty, and producers that move spread keys otherwise than the copied records are`
  const remedies = [
    advice(
      `delete ${targetName} before the first run, unless its records are needed; it is then created like its source:`,
    ),
    deleteTopic(target, targetName),
  ]
  return [{ ...base, code: 'more-partitions', severity: 'warning', what, why, remedies }]
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
            : remedyFor(pair, name, wanted, facts),
      } satisfies Finding,
    ]
  })
}
