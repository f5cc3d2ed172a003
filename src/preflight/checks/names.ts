// Names of topics: those that the target refuses, those that several flows write to, those that would be copied in a loop.
import { counted } from '../../base/counted.ts'
import type { Flow } from '../../config/model.ts'
import { newReplicationPolicy } from '../../mirror/replication-policy.ts'
import { shouldReplicate } from '../../mirror/topic-selection.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import type { Finding } from '../finding.ts'
import { advice, lengthened } from '../remedies/commands.ts'
import { isTooLong, LONGEST_TOPIC_NAME, metricName } from '../rules/topic-names.ts'
import { shownNames } from './formatting.ts'

/** Findings about the names of the copies. */
export function topicNames(facts: FlowFacts): Finding[] {
  return [...tooLong(facts), ...collisions(facts), ...loops(facts), ...mergedTopics(facts)]
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

/** Follows each topic through all flows of the file: one that comes back to its cluster under its own name is copied without end. */
function loops({ pairs, flows, settings, target, lists }: FlowFacts): Finding[] {
  const looping = pairs.flatMap(({ topic, targetName }) => {
    const home = { cluster: settings.source, name: topic.name }
    const back = flowsBack({ cluster: target.alias, name: targetName }, home, flows)
    return back ? [{ topic: topic.name, loop: [settings.name, ...back] }] : []
  })
  return [...Map.groupBy(looping, ({ loop }) => loop.join(' and '))].map(([loop, list]) => {
    const names = list.map(({ topic }) => topic)
    return {
      code: 'replication-loop',
      check: 'names',
      severity: settings.allowLoops ? 'warning' : 'error',
      what: `${shownNames(names)} would be copied in a loop without end, by ${loop}`,
      why: 'with unchanged topic names the origin of a record is not visible: each copy is copied again',
      remedies: [lengthened(lists, lastInFile(list[0]?.loop ?? [], flows), 'topics.exclude', names)],
    }
  })
}

/** The flow that is to exclude the topics: the same one, and so the same line, whichever of the flows is checked. */
function lastInFile(names: readonly string[], flows: readonly Flow[]): string {
  return flows.findLast(({ settings: { name } }) => names.includes(name))?.settings.name ?? ''
}

interface Place {
  readonly cluster: string
  readonly name: string
}

/** The flows by which a topic gets from a place back to where it came from; undefined when it does not. */
function flowsBack(from: Place, home: Place, flows: readonly Flow[], depth = 0): string[] | undefined {
  if (from.cluster === home.cluster && from.name === home.name) return []
  if (depth >= flows.length) return undefined
  for (const { settings } of flows) {
    const name = settings.enabled && settings.source === from.cluster ? copyIn(from.name, settings) : undefined
    if (name === undefined) continue
    const rest = flowsBack({ cluster: settings.target, name }, home, flows, depth + 1)
    if (rest) return [settings.name, ...rest]
  }
  return undefined
}

/** The name of the topic that a flow copies a source topic to; undefined where it does not copy it. */
function copyIn(topic: string, settings: FlowSettings): string | undefined {
  const policy = newReplicationPolicy(settings.policy, settings.sourceAlias)
  if (!shouldReplicate(topic, settings, policy).replicate) return undefined
  return policy.formatRemoteTopic(settings.sourceAlias, topic)
}

/** Flows from other sources into the same topics. */
function mergedTopics(facts: FlowFacts): Finding[] {
  const { pairs, flows, settings } = facts
  const others = flows.filter(
    ({ settings: one }) => one.enabled && one.target === settings.target && one.name !== settings.name,
  )
  return others.flatMap(({ settings: other }) => {
    const merged = pairs.filter(({ topic, targetName }) => copyIn(topic.name, other) === targetName)
    return merged.length === 0 ? [] : [mergedWith(other, merged, facts)]
  })
}

function mergedWith(other: FlowSettings, merged: readonly PlannedPair[], facts: FlowFacts): Finding {
  const { settings, flows, lists } = facts
  const sources = merged.map(({ topic }) => topic.name)
  const last = lastInFile([settings.name, other.name], flows)
  return {
    code: 'topics-merge',
    check: 'names',
    severity: 'warning',
    what: `${settings.name} and ${other.name} both take ${shownNames(merged.map(({ targetName }) => targetName))} to the same topic`,
    why: 'if both sources have it, records of both clusters are mixed, and groups cannot be translated',
    remedies: [lengthened(lists, last, 'topics.exclude', sources)],
  }
}
