// Conditions on the clusters that keep a run from copying as it should: open transactions, clocks that differ, other active members.
import { counted, plural } from '../../base/counted.ts'
import type { HeldBack, ProducerTransaction } from '../../completeness/open-transactions.ts'
import type { ClockDifference } from '../../kafka/survey.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { Inventory } from '../facts/inventory.ts'
import type { Finding } from '../finding.ts'
import { abortTransaction, addAcl, advice } from '../remedies/commands.ts'
import { shownSpan } from './formatting.ts'

/** transaction.max.timeout.ms is 15 minutes by default: a coordinator has forgotten what is older, and will never end it (ms). */
const HANGING_MS = 15 * 60_000
/** Clocks may differ by less: leases and the timestamps of records allow for that (ms). */
const APART_MS = 5000

/** Transactions that are open on the source. */
export function transactions(facts: FlowFacts): Finding[] {
  const held = facts.heldBack ?? []
  return held.flatMap((one) => one.transactions.map((transaction) => openTransaction(one, transaction, facts)))
}

function openTransaction(held: HeldBack, transaction: ProducerTransaction, facts: FlowFacts): Finding {
  const { settings, source, now } = facts
  const { topic, partition } = held
  const { producerId, startOffset, lastTimestamp } = transaction
  const isHeldBack = settings.isolation === 'read_committed'
  const behind = held.highWatermark - held.firstUnstable
  const age = now - lastTimestamp
  const isHanging = age > HANGING_MS
  const wait = advice('wait for the producer to end it, or end the producer; otherwise abort it')
  return {
    code: 'transaction-open',
    check: 'transaction',
    severity: isHeldBack ? (isHanging ? 'error' : 'warning') : 'note',
    cluster: source.alias,
    topic,
    what: `a transaction of producer ${producerId} is open in ${topic}-${partition} from offset ${startOffset} on; it was last written to ${shownSpan(age)} ago`,
    why: isHeldBack
      ? `${counted(behind, 'offset')} behind it ${plural(behind, 'is', 'are')} not copied before it ends (isolation.level=read_committed)`
      : 'its records are copied like any other (isolation.level=read_uncommitted), also if it is aborted later',
    remedies: [...(isHanging ? [] : [wait]), abortTransaction(source, { topic, partition, startOffset })],
  }
}

/** Clusters whose clocks differ from that of this machine, or that do not tell their time. */
export function clocks({ source, target }: FlowFacts): Finding[] {
  return [source, target].flatMap((side) => {
    if (!side.inventory) return []
    const { clock, unknown } = side.inventory
    return clock ? clockDifference(side.alias, clock) : [unknownClock(side, unknown)]
  })
}

const wholeCluster = { resourceType: 'cluster', name: 'kafka-cluster', patternType: 'literal' } as const

function unknownClock(side: Side, unknown: Inventory['unknown']): Finding {
  const failure = unknown.find(({ what }) => what === 'clock')?.failure
  return {
    code: 'clock-unknown',
    check: 'clock',
    severity: 'note',
    cluster: side.alias,
    what: `it cannot be known how far the clock of cluster ${side.alias} is from this one`,
    why: failure?.message ?? 'the brokers do not tell their time',
    remedies: failure?.code === 'NOT_AUTHORIZED' ? [addAcl(side, wholeCluster, ['Describe'])] : [],
  }
}

function clockDifference(cluster: string, { aheadMs, withinMs }: ClockDifference): Finding[] {
  if (Math.abs(aheadMs) - withinMs < APART_MS) return []
  const finding: Finding = {
    code: 'clock-differs',
    check: 'clock',
    severity: 'warning',
    cluster,
    what: `the clock of cluster ${cluster} is ${shownSpan(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`,
    why: 'lag in seconds, heartbeats and retention are reckoned by these clocks',
    remedies: [advice('let all machines take their time from the same servers (NTP)')],
  }
  return [finding]
}

/** Active members of the flow's group: a MirrorMaker 2 beside a godwit copies every record a second time. */
export function otherWorkers({ workers, target, settings }: FlowFacts): Finding[] {
  if (!workers || workers.members.length === 0) return []
  const isOurs = workers.isGodwit
  const who = workers.members.map(({ clientId, host }) => `${clientId} on ${host}`).join(', ')
  return [
    {
      code: 'other-worker',
      check: 'worker',
      severity: isOurs ? 'note' : 'error',
      cluster: target.alias,
      what: isOurs
        ? `a godwit works on ${settings.name} already (${who})`
        : `a MirrorMaker 2 works with the same state: group ${workers.group} has ${who}`,
      why: isOurs
        ? 'another one would stand by'
        : 'the second one is standby; both together would copy every record twice',
      remedies: isOurs ? [] : [advice('stop MirrorMaker 2 first: copying continues from where it stopped')],
    },
  ]
}
