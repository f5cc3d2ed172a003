// What is done with a batch, for every batch head in every situation.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import {
  type BatchHead,
  decide,
  type Fate,
  mayFollow,
  OLD_MS,
  type Situation,
} from '../../../src/replicate/send/batch-fate.ts'

const NOW = 1_700_000_000_000
const damaged = new Failure('CORRUPT_BATCH', 'its checksum does not match its bytes')
const either = [false, true]

const heads: readonly BatchHead[] = [undefined, damaged].flatMap((refusal) =>
  (['forward', 'transcode', 'skip'] as const).flatMap((passage) =>
    ([undefined, 'singles', 'plain', 'compressed'] as const).flatMap((join) =>
      either.flatMap((isLast) =>
        [NOW, NOW - OLD_MS - 1].map((maxTimestamp) => ({ size: 100, refusal, passage, join, isLast, maxTimestamp })),
      ),
    ),
  ),
)
const situations: readonly Situation[] = either.flatMap((isCounting) =>
  either.flatMap((isBusy) =>
    (isBusy ? either : [false]).flatMap((isLastOld) =>
      [0, NOW - 1000].map((knownSince) => ({ isCounting, isBusy, isLastOld, knownSince, now: NOW })),
    ),
  ),
)
const cases = heads.flatMap((head) =>
  situations.map((situation) => ({ head, situation, fate: decide(head, situation) })),
)

/** Checks that every matching case has this result, and that there is one. */
function assertAll(wanted: Fate, which: (head: BatchHead, situation: Situation) => boolean): void {
  const found = cases.filter(({ head, situation }) => which(head, situation))
  assert.ok(found.length > 0)
  for (const one of found) assert.equal(one.fate, wanted, JSON.stringify(one))
}

const isSound = ({ refusal }: BatchHead) => refusal === undefined
const copies = (head: BatchHead, { isCounting }: Situation) => isSound(head) && head.passage !== 'skip' && !isCounting

test('a batch that must not be copied stops the partition once nothing is in flight before it', () => {
  assertAll('refuse', (head, { isBusy }) => !isSound(head) && !isBusy)
  assertAll('wait', (head, { isBusy }) => !isSound(head) && isBusy)
})

test('a batch that need not be copied is skipped whatever is in flight', () => {
  assertAll('skip', (head) => isSound(head) && head.passage === 'skip')
})

test('records that the target already has are counted before anything is sent', () => {
  assertAll('count', (head, { isCounting }) => isSound(head) && head.passage !== 'skip' && isCounting)
})

test('with nothing in flight no batch waits, however old it is', () => {
  const idle = (head: BatchHead, situation: Situation) => copies(head, situation) && !situation.isBusy
  assertAll('transcode', (head, situation) => idle(head, situation) && head.passage === 'transcode')
  const passes = (head: BatchHead, situation: Situation) => idle(head, situation) && head.passage === 'forward'
  assertAll('join', (head, situation) => passes(head, situation) && head.join !== undefined && !head.isLast)
  assertAll('forward', (head, situation) => passes(head, situation) && (head.join === undefined || head.isLast))
})

test('behind batches in flight, an old batch and one of an unknown producer wait', () => {
  const busy = (head: BatchHead, situation: Situation) => copies(head, situation) && situation.isBusy
  assertAll('wait', (head, situation) => busy(head, situation) && situation.isLastOld)
  assertAll('wait', (head, situation) => busy(head, situation) && situation.knownSince === 0)
  assertAll('wait', (head, situation) => busy(head, situation) && head.maxTimestamp < NOW - OLD_MS)
})

test('only valid, uncompressed batches that need no transcoding are joined to others', () => {
  const joined = heads.filter(mayFollow)
  assert.ok(joined.length > 0)
  for (const { refusal, passage, join } of joined)
    assert.deepEqual([refusal, passage, join], [undefined, 'forward', 'plain'])
})
