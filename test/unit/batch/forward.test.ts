import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PassageContext, passageOf } from '../../../src/batch/forward.ts'
import { changed, STORED } from './batches.ts'

const usual: PassageContext = { fromOffset: 0, maxBytes: 1000, keepAppendTime: true }

function passage(change: (b: Buffer) => void, context: Partial<PassageContext> = {}): string {
  return passageOf(changed(STORED, change), 0, 97, { ...usual, ...context })
}
const asIs = () => {}

test('a dense batch is forwarded unchanged', () => {
  assert.equal(passage(asIs), 'forward')
  assert.equal(passage(asIs, { maxBytes: 97, fromOffset: 123456789 }), 'forward')
})

test('an empty batch and a control batch are not forwarded', () => {
  assert.equal(
    passage((b) => b.writeInt32BE(0, 57)),
    'skip',
  )
  assert.equal(
    passage((b) => b.writeInt16BE(0x30, 21)),
    'skip',
  )
})

test('offset gaps, a start within the batch and too many bytes require transcoding', () => {
  assert.equal(
    passage((b) => b.writeInt32BE(9, 23)),
    'transcode',
  )
  assert.equal(passage(asIs, { fromOffset: 123456790 }), 'transcode')
  assert.equal(passage(asIs, { maxBytes: 96 }), 'transcode')
})

test('LogAppendTime requires transcoding only if its timestamps must be kept', () => {
  assert.equal(
    passage((b) => b.writeInt16BE(8, 21)),
    'transcode',
  )
  assert.equal(
    passage((b) => b.writeInt16BE(8, 21), { keepAppendTime: false }),
    'forward',
  )
})

test('old formats require transcoding', () => {
  assert.equal(
    passage((b) => b.writeInt8(1, 16)),
    'transcode',
  )
  assert.equal(
    passage((b) => b.writeInt8(0, 16)),
    'transcode',
  )
})
