// Age and size: what a target deletes or refuses because it is old, and what the source deletes while it is being copied.
import { deletesRecords } from '../../model/cleanup-policy.ts'
import type { PlannedPair } from '../facts/flow-basis.ts'
import type { FlowFacts } from '../facts/flow-facts.ts'
import type { Finding } from '../finding.ts'
import { alterTopicConfig } from '../remedies/commands.ts'
import { configRemedy, sourceValue, targetValue } from '../rules/target-configs.ts'
import { shownBytes, shownSpan } from './formatting.ts'

/** Records that have less than this part of their retention left are about to be deleted. */
const LAST_PART = 0.1
const FOREVER = Number.POSITIVE_INFINITY

/** Findings about what retention and bounds of timestamps take away. */
export function retention(facts: FlowFacts): Finding[] {
  return facts.pairs.flatMap((pair) => [
    ...byAge(pair, facts),
    ...bySize(pair, facts),
    ...refusedAsOld(pair, facts),
    ...refusedAsNew(pair, facts),
    ...deletedWhileCopied(pair, facts),
  ])
}

function oldestOf({ topic }: PlannedPair): number | undefined {
  const times = topic.partitions.flatMap(({ oldestAt = -1 }) => (oldestAt >= 0 ? [oldestAt] : []))
  return times.length === 0 ? undefined : Math.min(...times)
}

const isDeleting = (policy: string | undefined) => policy === undefined || deletesRecords(policy)
/** Milliseconds or bytes; negative is without limit. */
const limit = (value: string | undefined) => (value === undefined || Number(value) < 0 ? FOREVER : Number(value))

function byAge(pair: PlannedPair, facts: FlowFacts): Finding[] {
  const oldest = oldestOf(pair)
  const value = targetValue(pair, 'retention.ms', facts)
  const [here, there] = [limit(sourceValue(pair, 'retention.ms')), limit(value)]
  const isKnown = sourceValue(pair, 'retention.ms') !== undefined
  const isAged = oldest !== undefined && facts.now - oldest > there
  if (!isKnown || !isAged || here <= there || !isDeleting(targetValue(pair, 'cleanup.policy', facts))) return []
  return [
    {
      code: 'retention-time',
      check: 'retention',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `the oldest record of ${pair.topic.name} is ${shownSpan(facts.now - oldest)} old, and ${pair.targetName} keeps records for ${shownSpan(there)} (retention.ms=${value})`,
      why: 'the target would delete old records that it was just given',
      remedies: configRemedy(pair, 'retention.ms', here === FOREVER ? '-1' : String(here), facts),
    },
  ]
}

function bySize(pair: PlannedPair, facts: FlowFacts): Finding[] {
  const [here, there] = [
    limit(sourceValue(pair, 'retention.bytes')),
    limit(targetValue(pair, 'retention.bytes', facts)),
  ]
  if (sourceValue(pair, 'retention.bytes') === undefined) return []
  const largest = Math.max(0, ...pair.topic.partitions.map(({ bytes = 0 }) => bytes))
  if (largest <= there || here <= there || !isDeleting(targetValue(pair, 'cleanup.policy', facts))) return []
  return [
    {
      code: 'retention-size',
      check: 'retention',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `a partition of ${pair.topic.name} holds ${shownBytes(largest)}, and ${pair.targetName} keeps ${shownBytes(there)} of each (retention.bytes=${there})`,
      why: 'the target would delete old records that it was just given',
      remedies: configRemedy(pair, 'retention.bytes', here === FOREVER ? '-1' : String(here), facts),
    },
  ]
}

/** Kafka's value for no bound (ms). */
const UNBOUNDED = '9223372036854775807'

/**
 * How far from its clock the target takes timestamps, and the config that says so: one for each direction since Kafka 3.6; before, and
 * where that one has its default up to 3.9, the one for both (LogConfig.messageTimestampBeforeMaxMs). Undefined without a bound.
 */
function bound(pair: PlannedPair, direction: 'before' | 'after', facts: FlowFacts) {
  const names = [`message.timestamp.${direction}.max.ms`, 'message.timestamp.difference.max.ms']
  return names
    .map((name) => ({ name, ms: limit(targetValue(pair, name, facts)) }))
    .find(({ ms }) => ms < Number(UNBOUNDED))
}

/** By the clock that judges timestamps (ms since the epoch). */
const targetTime = ({ now, target }: FlowFacts) => now + (target.inventory?.clock?.aheadMs ?? 0)
const stampsItself = (pair: PlannedPair, facts: FlowFacts) =>
  targetValue(pair, 'message.timestamp.type', facts) === 'LogAppendTime'

function refusedAsOld(pair: PlannedPair, facts: FlowFacts): Finding[] {
  const oldest = oldestOf(pair)
  const most = bound(pair, 'before', facts)
  const age = targetTime(facts) - (oldest ?? Number.POSITIVE_INFINITY)
  if (!most || age <= most.ms || stampsItself(pair, facts)) return []
  return [
    {
      code: 'timestamps-too-old',
      check: 'timestamps',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `the oldest record of ${pair.topic.name} is ${shownSpan(age)} old, and ${pair.targetName} takes none older than ${shownSpan(most.ms)} (${most.name}=${most.ms})`,
      why: 'the target refuses the records, and their partitions stop',
      remedies: configRemedy(pair, most.name, UNBOUNDED, facts),
    },
  ]
}

/** Since Kafka 4.0 a broker by default takes no record that is more than an hour ahead of its clock. */
function refusedAsNew(pair: PlannedPair, facts: FlowFacts): Finding[] {
  const newest = Math.max(-1, ...pair.topic.partitions.map(({ newestAt = -1 }) => newestAt))
  const most = bound(pair, 'after', facts)
  const ahead = newest - targetTime(facts)
  if (newest < 0 || !most || ahead <= most.ms || stampsItself(pair, facts)) return []
  return [
    {
      code: 'timestamps-too-new',
      check: 'timestamps',
      severity: 'error',
      cluster: facts.target.alias,
      topic: pair.targetName,
      what: `a record of ${pair.topic.name} is dated ${new Date(newest).toISOString()}, ${shownSpan(ahead)} ahead of the clock of cluster ${facts.target.alias}, and ${pair.targetName} takes none more than ${shownSpan(most.ms)} ahead (${most.name}=${most.ms})`,
      why: 'the target refuses the record, and its partition stops there',
      remedies: configRemedy(pair, most.name, UNBOUNDED, facts),
    },
  ]
}

/** The source deletes its oldest records while they wait to be copied. */
function deletedWhileCopied(pair: PlannedPair, facts: FlowFacts): Finding[] {
  const oldest = oldestOf(pair)
  const kept = limit(sourceValue(pair, 'retention.ms'))
  if (oldest === undefined || kept === FOREVER || !isDeleting(sourceValue(pair, 'cleanup.policy'))) return []
  const left = oldest + kept - facts.now
  if (left > kept * LAST_PART) return []
  return [
    {
      code: 'source-deletes',
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
