// Iterates over consecutive record batches, as in a Fetch response.
import { Failure } from '../base/failure.ts'
import { int32 } from './codec/bytes.ts'
import { HEAD_BYTES, LENGTH_AT, LENGTH_OVERHEAD, magicOf } from './header.ts'

/** The size of the shortest message (format 0, no key, no value) without offset and length (bytes). */
const SHORTEST_LEGACY = 14
const SHORTEST = HEAD_BYTES - LENGTH_OVERHEAD

/**
 * The size of the batch at `at` (bytes) if it ends before `end`, else 0: the last batch of a Fetch response can be incomplete, and
 * is then fetched again.
 * @throws Failure CORRUPT_BATCH for an impossible length
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
 * Calls `visit` with the position and the size (bytes) of each complete batch from `start` on.
 * @returns the end of the last of them
 * @throws Failure CORRUPT_BATCH for an impossible length, after the batches before it were visited
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
