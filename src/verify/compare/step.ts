// Takes equal records off two tapes, as whole batches where their bytes are the same, else one by one.
import { sameBatchBytes } from '../../batch/record-walk.ts'
import type { Tape } from './tape.ts'

/** Why it stopped: a side needs more bytes or has ended, or the records the tapes stand at differ. */
type Stop = 'source' | 'target' | 'differ'

interface Equal {
  readonly stop: Stop
  /** records that were equal */
  readonly records: number
}

/**
 * Compares as far as both sides have bytes. Nothing is allocated per record.
 * @param withTime false where the target stamps records itself
 * @throws Failure CORRUPT_BATCH
 */
export function compareTapes(source: Tape, target: Tape, withTime: boolean): Equal {
  let records = 0
  for (;;) {
    if (!source.ready()) return { stop: 'source', records }
    if (!target.ready()) return { stop: 'target', records }
    if (source.isWhole && target.isWhole && areSame(source, target, withTime)) {
      records += source.takeBatch()
      target.takeBatch()
      continue
    }
    source.open()
    target.open()
    while (source.walk !== undefined && target.walk !== undefined && !source.ended && !target.ended) {
      if (!source.walk.sameAs(target.walk, withTime)) return { stop: 'differ', records }
      source.takeRecord()
      target.takeRecord()
      records++
    }
  }
}

function areSame(source: Tape, target: Tape, withTime: boolean): boolean {
  if (source.batchSize !== target.batchSize) return false
  return sameBatchBytes(source.bytes, source.batchAt, source.batchSize, target.bytes, target.batchAt, withTime)
}
