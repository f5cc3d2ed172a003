// Names of topics: those that cannot be had on the target, those that meet there, those that would come back.
import { counted } from '../../base/counted.ts'
import type { Flow } from '../../config/model.ts'
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import { shouldReplicate } from '../../mirror/topic-selection.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import type { Finding } from '../finding.ts'
import { advice, deleteTopic, lengthened } from '../remedies/commands.ts'
import { foreignRecords } from '../rules/target-topic.ts'
import { isTooLong, LONGEST_TOPIC_NAME, metricName } from '../rules/topic-names.ts'
import { shownNames } from './formatting.ts'

export function topicNames(facts: FlowFacts): Finding[] {
  return [...tooLong(facts), ...collisions(facts), ...loops(facts), ...mergedTopics(facts), ...foreignContent(facts)]
}

function tooLong({ pairs, settings, target, lists }: FlowFacts): Finding[] {
  return pairs
    .filter(({ targetName }) => isTooLong(targetName))
    .map(({ topic, targetName }) => ({
      code: 'topic-name-too-long',
      check: 'names',
      severity: 'error',
      cluster: target.alias,
      topic: targetName,
      what: `the name of the copy of ${topic.name} would have ${counted(targetName.length, 'character')}`,
      why: `Kafka takes ${LONGEST_TOPIC_NAME} at most, so the topic cannot be created`,
      remedies: [
        advice(
          `choose a shorter alias than ${settings.sourceAlias}, or the IdentityReplicationPolicy, or exclude the topic:`,
        ),
        lengthened(lists, settings.name, 'topics.exclude', [topic.name]),
      ],
    }))
}

/** Names that differ only in `.` and `_` are the same name to Kafka's metrics, and it refuses the second. */
function collisions({ pairs, target, settings, lists }: FlowFacts): Finding[] {
  const taken = new Map<string, string>()
  for (const name of target.inventory?.topics.keys() ?? []) taken.set(metricName(name), name)
  return pairs.flatMap(({ topic, targetName, there }) => {
    const other = taken.get(metricName(targetName))
    if (!taken.has(metricName(targetName))) taken.set(metricName(targetName), targetName)
    if (there || other === undefined || other === targetName) return []
    return [
      {
        code: 'topic-names-collide',
        check: 'names',
        severity: 'error',
        cluster: target.alias,
        topic: targetName,
        what: `topic ${targetName} cannot be created beside ${other}`,
        why: 'names that differ only in . and _ collide, so Kafka refuses the second one',
        remedies: [lengthened(lists, settings.name, 'topics.exclude', [topic.name])],
      } satisfies Finding,
    ]
  })
}

/** Follows each topic through all flows of the file: one that comes home under its own name never stops. */
function loops({ pairs, flows, settings, target, lists }: FlowFacts): Finding[] {
  const turning = pairs.flatMap(({ topic, targetName }) => {
    const way = wayHome(
      { cluster: target.alias, name: targetName },
      { cluster: settings.source, name: topic.name },
      flows,
    )
    return way ? [{ topic: topic.name, way: [settings.name, ...way] }] : []
  })
  return [...Map.groupBy(turning, ({ way }) => way.join(', ')).values()].map((list) => {
    const names = list.map(({ topic }) => topic)
    const back = lastInFile(list[0]?.way ?? [], flows)
    return {
      code: 'replication-loop',
      check: 'names',
      severity: settings.allowLoops ? 'warning' : 'error',
      what: `${shownNames(names)} would be copied in a loop without end, by ${list[0]?.way.join(' and ')}`,
      why: 'with names that stay as they are nobody sees where a record came from: each copy is copied again',
      remedies: [lengthened(lists, back, 'topics.exclude', names)],
    }
  })
}

/** The flow that gives way: whichever of them finds it, the remedy is the same line. */
function lastInFile(names: readonly string[], flows: readonly Flow[]): string {
  return flows.findLast(({ settings: { name } }) => names.includes(name))?.settings.name ?? ''
}

interface Place {
  readonly cluster: string
  readonly name: string
}

/** The flows by which a topic gets back to where it came from; undefined when it does not. */
function wayHome(from: Place, home: Place, flows: readonly Flow[], depth = 0): string[] | undefined {
  if (from.cluster === home.cluster && from.name === home.name) return []
  if (depth >= flows.length) return undefined
  for (const { settings } of flows) {
    if (!settings.enabled || settings.source !== from.cluster) continue
    const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
    if (!shouldReplicate(from.name, settings, policy).replicate) continue
    const next = { cluster: settings.target, name: policy.formatRemoteTopic(settings.sourceAlias, from.name) }
    const rest = wayHome(next, home, flows, depth + 1)
    if (rest) return [settings.name, ...rest]
  }
  return undefined
}

/** Flows from other sources into the same topic. */
function mergedTopics({ pairs, flows, settings, lists }: FlowFacts): Finding[] {
  const others = flows.filter(
    ({ settings: one }) => one.enabled && one.target === settings.target && one.name !== settings.name,
  )
  return others.flatMap(({ settings: other }) => {
    const policy = newReplicationPolicy(other.policy, other.sourceAlias)
    const meeting = pairs.filter(({ topic, targetName }) => {
      const same = policy.formatRemoteTopic(other.sourceAlias, topic.name) === targetName
      return same && shouldReplicate(topic.name, other, policy).replicate
    })
    if (meeting.length === 0) return []
    const names = meeting.map(({ targetName }) => targetName)
    return [
      {
        code: 'topics-merge',
        check: 'names',
        severity: 'warning',
        what: `${settings.name} and ${other.name} both take ${shownNames(names)} to the same topic`,
        why: 'if both sources have it, records of both clusters are mixed, and groups cannot be translated',
        remedies: [
          lengthened(
            lists,
            lastInFile([settings.name, other.name], flows),
            'topics.exclude',
            meeting.map(({ topic }) => topic.name),
          ),
        ],
      } satisfies Finding,
    ]
  })
}

/** Target topics that hold records, but none that this flow, or MM2 before it, is known to have brought. */
function foreignContent({ pairs, stored, target }: FlowFacts): Finding[] {
  if (!stored) return []
  return pairs.flatMap((pair) => {
    const records = foreignRecords(pair, stored)
    if (records === 0) return []
    const { targetName } = pair
    return [
      {
        code: 'target-not-empty',
        check: 'content',
        severity: 'warning',
        cluster: target.alias,
        topic: targetName,
        what: `${targetName} holds ${counted(records, 'record')} already, and this flow has copied nothing to it`,
        why: 'the copy comes behind them: the topic will hold both, and offsets will not be those of the source',
        remedies: [deleteTopic(target, targetName)],
      } satisfies Finding,
    ]
  })
}
