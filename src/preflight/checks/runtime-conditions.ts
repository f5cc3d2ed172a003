// Conditions on the clusters that keep a run from copying as it should: open transactions, clocks that differ, other active members.
import { counted, plural } from '../../base/counted.ts'
import { Failure } from '../../base/failure.ts'
import type { HeldBack, OpenTransaction } from '../../completeness/open-transactions.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { Finding } from '../finding.ts'
import { abortTransaction, addAcl, advice } from '../remedies/commands.ts'
import { shownSpan } from './formatting.ts'

/** transaction.max.timeout.ms is 15 minutes by default: what is older was forgotten by its coordinator. */
const HANGING_MS = 15 * 60_000
/** Clocks may differ so much; records of the future and leases tell clocks apart. */
const APART_MS = 5000

/** Transactions that are open on the source. */
export function transactions(facts: FlowFacts): Finding[] {
  const held = facts.heldBack ?? []
  return held.flatMap((one) => one.transactions.map((transaction) => openTransaction(one, transaction, facts)))
}

function openTransaction(held: HeldBack, transaction: OpenTransaction, facts: FlowFacts): Finding {
  const { settings, source, now } = facts
  const { topic, partition } = held
  const { producerId, startOffset, lastTimestamp } = transaction
  const isHeldBack = settings.isolation === 'read_committed'
  const behind = held.highWatermark - held.firstUnstable
  const age = now - lastTimestamp
  const isHanging = age > HANGING_MS
  const wait = advice('wait for the producer to end it, or end the producer; if nobody will, abort it')
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

export function clocks({ source, target }: FlowFacts): Finding[] {
  return [source, target].flatMap(clockOf)
}

const wholeCluster = { resourceType: 'cluster', name: 'kafka-cluster', patternType: 'literal' } as const

function clockOf(side: Side): Finding[] {
  const { alias: cluster, inventory } = side
  if (!inventory) return []
  const base = { check: 'clock', cluster } as const
  if (!inventory.clock) {
    const failure = inventory.unknown.find(({ what }) => what === 'clock')?.failure
    const why = failure instanceof Failure ? failure.message : 'the brokers do not tell their time'
    return [
      {
        ...base,
        code: 'clock-unknown',
        severity: 'note',
        what: `it cannot be known how far the clock of cluster ${cluster} is from this one`,
        why,
        remedies: failure?.code === 'NOT_AUTHORIZED' ? [addAcl(side, wholeCluster, ['Describe'])] : [],
      },
    ]
  }
  const { aheadMs, withinMs } = inventory.clock
  if (Math.abs(aheadMs) - withinMs < APART_MS) return []
  return [
    {
      ...base,
      code: 'clock-differs',
      severity: 'warning',
      what: `the clock of cluster ${cluster} is ${shownSpan(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's`,
      why: 'lag in seconds, heartbeats and retention are reckoned by these clocks',
      remedies: [advice('let all machines take their time from the same servers (NTP)')],
    },
  ]
}

/** Members of the flow's group: two who copy the same topics double every record, unless both are godwit. */
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
        : 'whoever comes second stands by; both at once would copy every record twice',
      remedies: isOurs ? [] : [advice('end the MirrorMaker 2 first: what it has copied is gone on from')],
    },
  ]
}
