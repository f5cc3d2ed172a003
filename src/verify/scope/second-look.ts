// Reads both clusters again after everything was compared: changes during the comparison may make its result invalid.
import { Failure } from '../../base/failure.ts'
import type { Admin, TopicPartitionAt } from '../../kafka/admin.ts'
import type { ClusterMetadata } from '../../kafka/cluster.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import { noteDeleted } from '../expiry.ts'
import { type Difference, moreSevere, type VerifyVerdict } from '../outcome.ts'
import type { PartitionSide } from '../read/side.ts'
import type { PartitionReport } from '../report.ts'
import { firstCopied } from '../start-together.ts'
import type { ComparedPair } from './pairs.ts'
import type { FixedRange } from './ranges.ts'
import type { CopyPosition, CopyPositions } from './stored.ts'

/** A partition that was compared. */
export interface Compared {
  readonly pair: ComparedPair
  readonly range: FixedRange
  readonly report: PartitionReport
}

interface SecondLookParts {
  readonly settings: FlowSettings
  readonly admins: { readonly source: Admin; readonly target: Admin }
  readonly stored: CopyPositions
  /** readers for both sides of a partition */
  readonly sides: (
    pair: ComparedPair,
    partition: number,
  ) => { readonly source: PartitionSide; readonly target: PartitionSide }
}

interface SecondLook {
  /** ISO 8601 */
  readonly at: string
  /** number of source partitions with new records since their range was fixed */
  readonly grown: number
}

type Offsets = Awaited<ReturnType<Admin['listOffsets']>>
interface Now {
  readonly sourceMetadata: ClusterMetadata
  readonly targetMetadata: ClusterMetadata
  readonly sourceEnd: number | Failure
  readonly targetEnd: number | Failure
  readonly copyPosition: CopyPosition | undefined
}

/**
 * Adds differences to the reports of partitions: topics that were recreated, logs that have become shorter, and contradictions to the
 * stored positions. @throws Failure when a cluster does not answer
 */
export async function lookAgain(
  parts: SecondLookParts,
  compared: readonly Compared[],
  sourceMetadata: ClusterMetadata,
  targetMetadata: ClusterMetadata,
): Promise<SecondLook> {
  const { settings, admins, stored } = parts
  const ask = (side: 'source' | 'target', at: 'earliest' | 'latest'): TopicPartitionAt[] =>
    compared.map(({ pair, report: { partition } }) => {
      return { topic: side === 'source' ? pair.topic.name : pair.targetTopic, partition, at }
    })
  // Positions are read first, so that the target has reached them when its ends are read.
  const copyPositions = await Promise.all(
    compared.map(({ pair, report }) => stored.of(pair.topic.name, report.partition)),
  )
  const now = new Date().toISOString()
  const targetEnds = await admins.target.listOffsets(ask('target', 'latest'), 'read_uncommitted')
  const sourceEnds = await admins.source.listOffsets(ask('source', 'latest'), settings.isolation)
  const targetStarts = await admins.target.listOffsets(ask('target', 'earliest'), 'read_uncommitted')
  let grown = 0
  for (const [at, one] of compared.entries()) {
    const { topic, targetTopic } = one.pair
    const { partition } = one.report
    const sourceEnd = offsetIn(sourceEnds, topic.name, partition)
    const targetEnd = offsetIn(targetEnds, targetTopic, partition)
    checkOne(one, { sourceMetadata, targetMetadata, sourceEnd, targetEnd, copyPosition: copyPositions[at] })
    await checkStart(parts, one, offsetIn(targetStarts, targetTopic, partition))
    if (!(sourceEnd instanceof Failure) && sourceEnd > one.range.sourceEnd) grown++
  }
  return { at: now, grown }
}

function offsetIn(ends: Offsets, topic: string, partition: number): number | Failure {
  const found = ends.get(`${topic}-${partition}`)
  if (found instanceof Failure) return found
  return found?.offset ?? new Failure('BROKER_BUSY', `a broker left out the offsets of ${topic}-${partition}`)
}

/** Reports records that the target has deleted since they were compared. */
async function checkStart({ sides }: SecondLookParts, { pair, range, report }: Compared, start: number | Failure) {
  if (start instanceof Failure || pair.isCompacted || start <= Math.max(range.targetStart, range.start.target)) return
  const { from, to } = report.source
  if (start <= report.target.from || from >= to) return
  const both = sides(pair, report.partition)
  const left = await firstCopied(both.source, both.target, { source: from, target: start }, pair.withTime)
  const parts = { source: both.source, retentionMs: pair.retentionMs }
  await noteDeleted(parts, report, { from, to: Math.min(left?.source ?? to, to) }, start)
}

function checkOne(
  { pair, range, report }: Compared,
  { sourceMetadata, targetMetadata, sourceEnd, targetEnd, copyPosition }: Now,
): void {
  const add = (kind: Difference['kind'], sentence: string, verdict: VerifyVerdict = 'different') => {
    report.differences.push({ kind, sentence })
    report.verdict = moreSevere(report.verdict, verdict)
  }
  const ids = {
    source: sourceMetadata.topics.get(pair.topic.name)?.topicId,
    target: targetMetadata.topics.get(pair.targetTopic)?.topicId,
  }
  if (ids.source !== pair.topic.topicId)
    add(
      'recreated',
      `the source topic was deleted${ids.source ? ' and recreated' : ''} while it was compared`,
      'incomplete',
    )
  if (ids.target !== pair.copy?.topicId)
    add('recreated', `the target topic was deleted${ids.target ? ' and recreated' : ''} while it was compared`)
  for (const end of [sourceEnd, targetEnd])
    if (end instanceof Failure) add('truncated', `its end offset cannot be read again: ${end.message}`, 'incomplete')
  if (!(sourceEnd instanceof Failure) && sourceEnd < range.sourceEnd)
    add(
      'truncated',
      `the source ends at offset ${sourceEnd}, but reached to ${range.sourceEnd} at the start: it lost records`,
    )
  const copied = copyPosition?.by === 'godwit' ? copyPosition.sourceNext : 0
  if (!(sourceEnd instanceof Failure) && !range.isHeldBack && sourceEnd < copied)
    add('truncated', `the source ends at offset ${sourceEnd}, but was copied up to ${copied}: it lost records`)
  if (targetEnd instanceof Failure) return
  const reached = Math.max(report.target.to, range.targetEnd)
  if (targetEnd < reached)
    add(
      'truncated',
      `the target ends at offset ${targetEnd}, but reached to ${reached} when it was compared: it lost records`,
    )
  if (copyPosition?.by === 'godwit') checkPosition(pair, copyPosition, targetEnd, add)
}

function checkPosition(
  { topic, copy }: ComparedPair,
  { position }: CopyPosition & { by: 'godwit' },
  targetEnd: number,
  add: (kind: Difference['kind'], sentence: string) => void,
): void {
  const { targetNext, sourceTopicId, targetTopicId } = position
  const differs = (was: string, is: string) => was !== '' && is !== '' && was !== is
  if (targetEnd < targetNext)
    add(
      'truncated',
      `the target ends at offset ${targetEnd}, but had reached ${targetNext}: acknowledged records are gone`,
    )
  if (differs(sourceTopicId, topic.topicId))
    add('recreated', 'the source topic was deleted and recreated since it was copied')
  if (differs(targetTopicId, copy?.topicId ?? ''))
    add('recreated', 'the target topic was deleted and recreated since it was filled')
}

/**
 * Partitions of target topics that have records although the source topic has no such partition: no flow has copied these.
 * @returns a sentence for each, with the source topic
 * @throws Failure when the target does not answer
 */
export async function partitionsWithoutSource(
  admin: Admin,
  pairs: readonly ComparedPair[],
): Promise<{ readonly topic: string; readonly sentence: string }[]> {
  const partitions = pairs.flatMap(({ topic, targetTopic, copy }) =>
    (copy?.partitions ?? [])
      .slice(topic.partitions.length)
      .map(({ index: partition }) => ({ source: topic.name, topic: targetTopic, partition })),
  )
  if (partitions.length === 0) return []
  const starts = await admin.listOffsets(
    partitions.map((one) => ({ ...one, at: 'earliest' as const })),
    'read_uncommitted',
  )
  const ends = await admin.listOffsets(
    partitions.map((one) => ({ ...one, at: 'latest' as const })),
    'read_uncommitted',
  )
  return partitions.flatMap(({ source, topic, partition }) => {
    const [start, end] = [offsetIn(starts, topic, partition), offsetIn(ends, topic, partition)]
    const where = `partition ${partition} of the target, which the source does not have,`
    if (start instanceof Failure || end instanceof Failure) return []
    return end > start ? [{ topic: source, sentence: `${where} holds records: offsets ${start} to ${end - 1}` }] : []
  })
}
