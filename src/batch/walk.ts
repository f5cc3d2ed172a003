// Walks record batches that lie one behind the other, as a Fetch answer carries them.
import { Failure } from '../base/failure.ts'
import { LENGTH_AT, LENGTH_OVERHEAD } from './header.ts'

/** The shortest message there is (format 0, no key, no value), less offset and length. */
const SHORTEST = 14

/**
 * Size in bytes of the batch that begins at `at` if it is whole before `end`, else 0: an answer may be cut off anywhere
 * in its last batch, which is then fetched again.
 * @throws Failure CORRUPT_BATCH for a length no batch can have
 */
export function wholeBatchSize(b: Buffer, at: number, end: number): number {
  if (end - at < LENGTH_OVERHEAD) return 0
  const length = b.readInt32BE(at + LENGTH_AT)
  if (length < SHORTEST)
    throw new Failure('CORRUPT_BATCH', `a record batch claims a length of ${length} bytes, which cannot be`)
  return length <= end - at - LENGTH_OVERHEAD ? length + LENGTH_OVERHEAD : 0
}
