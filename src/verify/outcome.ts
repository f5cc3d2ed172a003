// The result of comparing one partition, and the sentences for its differences.
import type { DifferenceKind, RecordDifference } from './compare/align.ts'
import type { RecordBrief } from './compare/seen.ts'

/**
 * different: an operator has to look at it; notYet: the target lacks records that may still be copied; heldBack: everything that could be
 * copied is equal, but open transactions hold records back; incomplete: not everything was read, or it is not known what to compare
 */
export type VerifyVerdict = 'equal' | 'different' | 'notYet' | 'heldBack' | 'incomplete'

/** Offsets from `from` up to, not including, `to`. */
export interface OffsetRange {
  readonly from: number
  readonly to: number
}

export interface Difference {
  readonly kind: DifferenceKind | 'damaged' | 'outOfStep' | 'count' | 'truncated' | 'recreated' | 'deleted'
  readonly sourceOffset?: number
  readonly targetOffset?: number
  /** number of consecutive records; 1 when absent */
  readonly records?: number
  /** what differs in a changed record */
  readonly fields?: readonly string[]
  readonly sentence: string
  readonly source?: RecordBrief
  readonly target?: RecordBrief
}

/** A transaction that is open on the source. */
export interface OpenTransactionReport {
  readonly producerId: string
  readonly epoch: number
  readonly startOffset: number
  /** timestamp of its first record, ISO 8601; absent if it cannot be read */
  readonly since?: string
  /** when its producer last wrote to this partition, ISO 8601 */
  readonly lastWritten?: string
  /** the command that aborts it */
  readonly abort: string
}

/** Source records that read_committed does not return, because transactions are open. */
export interface HeldBackReport {
  /** first offset of the oldest open transaction (the last stable offset): nothing from here on is copied before it ends */
  readonly firstOffset: number
  /** offsets from there to the end of the log */
  readonly offsets: number
  readonly transactions: readonly OpenTransactionReport[]
  readonly sentences: readonly string[]
}

/** Where comparing began, and how that is known; see Start in scope/ranges.ts. */
export interface StartReport {
  readonly by: 'stored' | 'configured' | 'unknown'
  readonly sourceOffset: number
  readonly targetOffset: number
}

export interface PartitionOutcome {
  verdict: VerifyVerdict
  /** records that were compared and are equal */
  records: number
  /** records on each side, if they were only counted */
  counted?: { readonly source: number; readonly target: number }
  source: OffsetRange
  target: OffsetRange
  readonly differences: Difference[]
  /** limits of the comparison, e.g. offsets that cannot be compared any more */
  readonly notes: string[]
  /** what the target does not have yet */
  late?: string
  heldBack?: HeldBackReport
  start?: StartReport
  /** SHA-256 over offsets, record counts and checksums of the compared batches */
  digests?: { readonly source: string; readonly target: string }
}

/** An outcome without findings. */
export function newOutcome(): PartitionOutcome {
  const nothing = { from: 0, to: 0 }
  return { verdict: 'equal', records: 0, source: nothing, target: nothing, differences: [], notes: [] }
}

/** The more severe of two verdicts. `different` comes last because it is certain, while unread records may be equal. */
export function moreSevere(a: VerifyVerdict, b: VerifyVerdict): VerifyVerdict {
  const order: readonly VerifyVerdict[] = ['equal', 'notYet', 'heldBack', 'incomplete', 'different']
  return order.indexOf(a) > order.indexOf(b) ? a : b
}

/** A finding with its sentence. */
function differenceOf(found: RecordDifference, records = 1): Difference {
  const { kind, sourceOffset, targetOffset, fields, source, target } = found
  const offsets = {
    ...(sourceOffset !== undefined && { sourceOffset }),
    ...(targetOffset !== undefined && { targetOffset }),
  }
  return {
    ...{ kind, ...offsets, ...(records > 1 && { records }), ...(fields.length > 0 && { fields }) },
    sentence: sentenceFor(found, records),
    ...(source && { source }),
    ...(target && { target }),
  }
}

/** Findings, with consecutive missing or additional records joined into one each. */
export function joinedRuns(found: readonly RecordDifference[]): Difference[] {
  const joined: Difference[] = []
  for (let at = 0; at < found.length; ) {
    const first = found[at] as RecordDifference
    let records = 1
    while (canJoin(first, found[at + records])) records++
    joined.push(differenceOf(first, records))
    at += records
  }
  return joined
}

function canJoin(first: RecordDifference, next: RecordDifference | undefined): boolean {
  return next?.kind === first.kind && ['missing', 'extra', 'doubled'].includes(first.kind)
}

function sentenceFor({ kind, sourceOffset, targetOffset, fields }: RecordDifference, records: number): string {
  const [onSource, onTarget] = [`source offset ${sourceOffset}`, `target offset ${targetOffset}`]
  const many = records > 1 ? `${records} records from ` : 'the record at '
  const are = records > 1 ? 'are' : 'is'
  switch (kind) {
    case 'missing':
      return `${many}${onSource} ${are} missing on the target`
    case 'extra':
      return `${many}${onTarget} ${are} not on the source`
    case 'doubled':
      return `${many}${onTarget} ${are} duplicated: the source has ${records > 1 ? 'them' : 'it'} once`
    case 'reordered':
      return `the record at ${onSource} is at another position on the target: ${onTarget}`
    case 'changed':
      return `the record at ${onSource} differs from the one at ${onTarget}: ${fields.join(', ')}`
  }
}
