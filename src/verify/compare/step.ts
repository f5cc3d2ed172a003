// Takes equal records from two streams: as whole batches if their bytes are the same, else one by one.
import { sameBatchBytes } from '../../batch/record-walk.ts'
import type { RecordStream } from './tape.ts'

/** Why the comparison stopped: one side needs more bytes or has ended, or the current records differ. */
type Stop = 'source' | 'target' | 'differ'

interface Equal {
  readonly stop: Stop
  /** records that were equal */
  readonly records: number
}

/**
 * Compares as far as both streams have bytes. Nothing is allocated per record.
 * @param withTime false if the target sets timestamps itself (LogAppendTime)
 * @throws Failure CORRUPT_BATCH
 */
export function compareStreams(source: RecordStream, target: RecordStream, withTime: boolean): Equal {
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

function areSame(source: RecordStream, target: RecordStream, withTime: boolean): boolean {
  if (source.batchSize !== target.batchSize) return false
  return sameBatchBytes(source.bytes, source.batchAt, source.batchSize, target.bytes, target.batchAt, withTime)
}
