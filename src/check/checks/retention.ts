// Time: what a target deletes or refuses because it is old, and what the source deletes while it is being copied.
import type { TopicPair } from '../basics.ts'
import { remedyFor, sourceValue, targetValue } from '../effective.ts'
import type { FlowFacts } from '../facts.ts'
import type { Finding } from '../finding.ts'
import { alterTopicConfig } from '../remedies.ts'
import { shownBytes, shownSpan } from './words.ts'

/** The oldest records of a topic that has less of its retention left than this part are soon gone. */
const LAST_PART = 0.1
const FOREVER = Number.POSITIVE_INFINITY

export function retention(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => [
    ...byAge(pair, facts),
    ...bySize(pair, facts),
    ...refusedAsOld(pair, facts),
    ...racing(pair, facts),
  ])
}

function oldestOf({ topic }: TopicPair): number | undefined {
  const times = topic.partitions.flatMap(({ oldestAt = -1 }) => (oldestAt >= 0 ? [oldestAt] : []))
  return times.length === 0 ? undefined : Math.min(...times)
}

const isDeleting = (policy: string | undefined) => policy === undefined || policy.includes('delete')
/** Milliseconds or bytes; negative is without limit. */
const limit = (value: string | undefined) => (value === undefined || Number(value) < 0 ? FOREVER : Number(value))

function byAge(pair: TopicPair, facts: FlowFacts): Finding[] {
  const oldest = oldestOf(pair)
  const value = targetValue(pair, 'retention.ms', facts)
  const [here, there] = [limit(sourceValue(pair, 'retention.ms')), limit(value)]
  const isKnown = sourceValue(pair, 'retention.ms') !== undefined
  const isAged = oldest !== undefined && facts.now - oldest > there
  if (!isKnown || !isAged || here <= there || !isDeleting(targetValue(pair, 'cleanup.policy', facts))) return []
  return [
    {
      check: 'retention',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `the oldest record of ${pair.topic.name} is ${shownSpan(facts.now - oldest)} old, and ${pair.targetName} keeps records for ${shownSpan(there)} (retention.ms=${value})`,
      why: 'the target would delete old records that it was just given',
      remedies: remedyFor(pair, 'retention.ms', here === FOREVER ? '-1' : String(here), facts),
    },
  ]
}

function bySize(pair: TopicPair, facts: FlowFacts): Finding[] {
  const [here, there] = [
    limit(sourceValue(pair, 'retention.bytes')),
    limit(targetValue(pair, 'retention.bytes', facts)),
  ]
  if (sourceValue(pair, 'retention.bytes') === undefined) return []
  const largest = Math.max(0, ...pair.topic.partitions.map(({ bytes = 0 }) => bytes))
  if (largest <= there || here <= there || !isDeleting(targetValue(pair, 'cleanup.policy', facts))) return []
  return [
    {
      check: 'retention',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `a partition of ${pair.topic.name} holds ${shownBytes(largest)}, and ${pair.targetName} keeps ${shownBytes(there)} of each (retention.bytes=${there})`,
      why: 'the target would delete old records that it was just given',
      remedies: remedyFor(pair, 'retention.bytes', here === FOREVER ? '-1' : String(here), facts),
    },
  ]
}

/** A broker refuses records whose time lies too far back, or always did before Kafka 3.6 by another name. */
function refusedAsOld(pair: TopicPair, facts: FlowFacts): Finding[] {
  const oldest = oldestOf(pair)
  const name = ['message.timestamp.before.max.ms', 'message.timestamp.difference.max.ms'].find(
    (one) => limit(targetValue(pair, one, facts)) < facts.now - (oldest ?? facts.now),
  )
  if (
    name === undefined ||
    oldest === undefined ||
    targetValue(pair, 'message.timestamp.type', facts) === 'LogAppendTime'
  )
    return []
  const most = '9223372036854775807'
  return [
    {
      check: 'timestamps',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `the oldest record of ${pair.topic.name} is ${shownSpan(facts.now - oldest)} old, and ${pair.targetName} takes none older than ${shownSpan(limit(targetValue(pair, name, facts)))} (${name})`,
      why: 'the target refuses the records, and their partitions stop',
      remedies: pair.there
        ? [alterTopicConfig(facts.target, pair.targetName, { [name]: most })]
        : remedyFor(pair, name, most, facts),
    },
  ]
}

/** The source deletes its oldest records while they wait to be copied. */
function racing(pair: TopicPair, facts: FlowFacts): Finding[] {
  const oldest = oldestOf(pair)
  const kept = limit(sourceValue(pair, 'retention.ms'))
  if (oldest === undefined || kept === FOREVER || !isDeleting(sourceValue(pair, 'cleanup.policy'))) return []
  const left = oldest + kept - facts.now
  if (left > kept * LAST_PART) return []
  return [
    {
      check: 'retention',
      severity: 'note',
      cluster: facts.source.alias,
      topic: pair.topic.name,
      what: `the oldest records of ${pair.topic.name} ${left > 0 ? `are deleted in ${shownSpan(left)}` : 'may be deleted at any time'} (retention.ms=${kept})`,
      why: `what is deleted before it was copied is not copied${facts.settings.onGap === 'stop' ? ', and the partition then stops (godwit.on.gap = stop)' : ''}`,
      remedies: [alterTopicConfig(facts.source, pair.topic.name, { 'retention.ms': String(kept * 2) })],
    },
  ]
}
