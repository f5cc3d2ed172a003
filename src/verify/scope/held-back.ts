// Describes the records that open transactions hold back from a flow with read_committed, with the command that aborts each transaction.
import { counted } from '../../base/counted.ts'
import { sentenceOf } from '../../base/failure.ts'
import { abortCommand, type HeldBack, type ProducerTransaction } from '../../completeness/open-transactions.ts'
import type { ClusterSettings } from '../../kafka/cluster-settings.ts'
import type { HeldBackReport, OpenTransactionReport } from '../outcome.ts'

/** Timestamp of the record at a source offset, committed or not, ms since the epoch; undefined if it cannot be read. */
export type TimeAt = (topic: string, partition: number, offset: number) => Promise<number | undefined>

/** The report on held back records. @param settings connection of the source for administration */
export async function heldBackReport(
  held: HeldBack,
  settings: ClusterSettings,
  timeAt: TimeAt,
): Promise<HeldBackReport> {
  const { firstUnstable: firstOffset, highWatermark } = held
  const offsets = highWatermark - firstOffset
  const transactions = await Promise.all(held.transactions.map((one) => transactionReport(held, one, settings, timeAt)))
  const behind = `source offsets ${firstOffset} to ${highWatermark - 1} (${counted(offsets, 'offset')}) are not copied and were not compared`
  if (transactions.length > 0)
    return {
      firstOffset,
      offsets,
      transactions,
      sentences: [`${behind}: they are behind an open transaction`, ...transactions.map(sentenceFor)],
    }
  const why = held.unknown
    ? `which one is not known: ${sentenceOf(held.unknown)}${held.unknown.remedy ? ` (${held.unknown.remedy})` : ''}`
    : 'the leader reports none that is open now: it may have just ended, verify again'
  return { firstOffset, offsets, transactions, sentences: [`${behind}: they are behind an open transaction; ${why}`] }
}

async function transactionReport(
  held: HeldBack,
  { producerId, epoch, startOffset, lastTimestamp }: ProducerTransaction,
  settings: ClusterSettings,
  timeAt: TimeAt,
): Promise<OpenTransactionReport> {
  const since = await timeAt(held.topic, held.partition, startOffset).catch(() => undefined)
  return {
    ...{ producerId: String(producerId), epoch, startOffset },
    ...(since !== undefined && since >= 0 && { since: new Date(since).toISOString() }),
    ...(lastTimestamp >= 0 && { lastWritten: new Date(lastTimestamp).toISOString() }),
    abort: abortCommand(settings, held, startOffset),
  }
}

function sentenceFor({ producerId, epoch, startOffset, since, lastWritten, abort }: OpenTransactionReport): string {
  const times = [
    ...(since ? [`open since ${since}`] : []),
    ...(lastWritten ? [`last written to at ${lastWritten}`] : []),
  ]
  const who = `the transaction of producer ${producerId} (epoch ${epoch}) from source offset ${startOffset} on`
  return `${who}${times.length > 0 ? `, ${times.join(', ')},` : ''} ends when its producer commits it, or by: ${abort}`
}
