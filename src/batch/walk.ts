// Walks record batches that lie one behind the other, as a Fetch answer carries them.
import { Failure } from '../base/failure.ts'
import { int32 } from './codec/bytes.ts'
import { HEAD_BYTES, LENGTH_AT, LENGTH_OVERHEAD, magicOf } from './header.ts'

/** The shortest message there is (format 0, no key, no value), less offset and length. */
const SHORTEST_LEGACY = 14
const SHORTEST = HEAD_BYTES - LENGTH_OVERHEAD

/**
 * Size in bytes of the batch that begins at `at` if it is whole before `end`, else 0: an answer may be cut off anywhere
 * in its last batch, which is then fetched again.
 * @throws Failure CORRUPT_BATCH for a length no batch can have
 */
export function wholeBatchSize(b: Buffer, at: number, end: number): number {
  if (end - at < LENGTH_OVERHEAD) return 0
  const length = int32(b, at + LENGTH_AT)
  if (length < SHORTEST_LEGACY) throw impossible(length)
  if (length > end - at - LENGTH_OVERHEAD) return 0
  if (length < SHORTEST && magicOf(b, at) >= 2) throw impossible(length)
  return length + LENGTH_OVERHEAD
}

/**
 * Calls `visit` with the position and the size (bytes) of each whole batch from `start` on.
 * @returns where the last of them ends
 * @throws Failure CORRUPT_BATCH for a length no batch can have, after those before it were visited
 */
export function eachBatch(b: Buffer, start: number, end: number, visit: (at: number, size: number) => void): number {
  let at = start
  while (at < end) {
    const size = wholeBatchSize(b, at, end)
    if (size === 0) break
    visit(at, size)
    at += size
  }
  return at
}

function impossible(length: number): Failure {
  return new Failure('CORRUPT_BATCH', `a record batch has the impossible length of ${length} bytes`)
}
