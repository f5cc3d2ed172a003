// Java reads the batches that godwit writes, and a broker's validator appends them without changing a byte. Needs a JDK, no
// broker.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rewriteHead, sizeOf } from '../../src/batch/header.ts'
import { Merge } from '../../src/batch/merge.ts'
import { mergeCompressed } from '../../src/batch/merge-compressed.ts'
import { type BatchRecord, decodeBatch, encodeBatch, type NewRecord } from '../../src/batch/records.ts'
import { transcode } from '../../src/batch/transcode.ts'
import { runJava } from '../harness/java.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { linesOf } from '../harness/record-lines.ts'

const TIME = 1_700_000_000_000
const stamp = { idHigh: 1, idLow: 0xf0000001, epoch: 9 }
const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** Records of every kind (timestamps, keys, values, headers), enough to fill blocks of every codec. */
function allKinds(count: number, from = 0): NewRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i
    return {
      timestamp: n % 11 === 3 ? -1 : TIME + n * (n % 7 === 0 ? 1e10 : 13) - (n % 3) * 40,
      key: n % 5 === 0 ? null : Buffer.from(`key-${n}`),
      value: n % 6 === 1 ? null : Buffer.from(`order ${(n * 7919) % 10007} of pizza `.repeat(n % 40)),
      headers:
        n % 4 === 2
          ? [
              { key: 'trace\u00eb', value: Buffer.from(`${n}`) },
              { key: '', value: null },
            ]
          : [],
    }
  })
}

function merged(parts: readonly (readonly NewRecord[])[]): Buffer {
  const merge = new Merge()
  const out = Buffer.alloc(1 << 20)
  merge.begin(out, 0, out.length)
  for (const part of parts) {
    const batch = encodeBatch(part)
    assert.ok(merge.add(batch, 0, batch.length))
  }
  return out.subarray(0, merge.finish(stamp, 2_147_483_640))
}

function compressedMerge(parts: readonly (readonly NewRecord[])[], codec: number): Buffer {
  const batches = parts.map((part) => encodeBatch(part, { codec }))
  const places = batches.map((bytes) => ({ bytes, at: 0, size: bytes.length }))
  const made = mergeCompressed(places, { codec, scratch: Buffer.alloc(1 << 20), maxBytes: 1 << 20, stamp, sequence: 0 })
  assert.equal(made?.batches, parts.length)
  return made.bytes
}

/** Batches that must be transcoded: resumed within a batch, with LogAppendTime, too large. */
function transcoded(codec: number): Buffer[] {
  const batch = encodeBatch(allKinds(300), { codec })
  const cut = { appendTime: 'keep', maxBytes: Math.ceil(batch.length / 3) } as const
  const pieces = transcode(batch, 0, batch.length, { ...cut, fromOffset: 100 }).batches.map(({ bytes }) => bytes)
  for (const piece of pieces) rewriteHead(piece, 0, piece.length, stamp, 77)
  const appended = Buffer.from(batch)
  appended.writeInt16BE(codec | 8, 21)
  appended.writeBigInt64BE(BigInt(TIME + 5), 35)
  const kept = transcode(appended, 0, appended.length, { fromOffset: 0, appendTime: 'keep', maxBytes: 1e6 })
  return [...pieces, ...kept.batches.map(({ bytes }) => bytes)]
}

function everyBatch(): Map<string, Buffer> {
  const batches = new Map<string, Buffer>()
  for (const [codec, name] of codecs.entries()) {
    batches.set(`${name}-one`, encodeBatch(allKinds(1, 8), { codec }))
    batches.set(`${name}-usual`, encodeBatch(allKinds(12), { codec, stamp, sequence: 5 }))
    batches.set(`${name}-large`, encodeBatch(allKinds(2000), { codec }))
    const noise = Buffer.from(Array.from({ length: 70_000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 13))
    batches.set(`${name}-noise`, encodeBatch([{ timestamp: TIME, key: null, value: noise, headers: [] }], { codec }))
    const forwarded = encodeBatch(allKinds(50), { codec })
    forwarded.writeBigInt64BE(123n, 0)
    rewriteHead(forwarded, 0, forwarded.length, stamp, 2_147_483_647)
    batches.set(`${name}-forwarded`, forwarded)
    for (const [index, bytes] of transcoded(codec).entries()) batches.set(`${name}-transcoded-${index}`, bytes)
    const parts = Array.from({ length: 200 }, (_, i) => allKinds(1 + (i % 3), i * 3))
    if (codec > 0) batches.set(`${name}-merged`, compressedMerge(parts, codec))
    else batches.set('none-merged', merged(parts))
  }
  return batches
}

test("Java reads every batch that godwit writes, and the broker's validator appends it unchanged", async () => {
  const batches = everyBatch()
  const damaged = Buffer.from(encodeBatch(allKinds(3)))
  damaged[80] = (damaged[80] as number) ^ 1
  batches.set('damaged', damaged)
  const stdin = [...batches].map(([name, bytes]) => `${name} ${bytes.toString('base64')}\n`).join('')
  const { code, stdout, stderr } = await runJava('BatchInterop.java', ['read'], { stdin, version: NEWEST })
  assert.equal(code, 0, stderr)
  const answers = stdout.split(/^case /m).slice(1)
  assert.equal(answers.length, batches.size)
  for (const answer of answers) {
    const [name = '', ...lines] = answer.trimEnd().split('\n')
    const bytes = batches.get(name)
    assert.ok(bytes, name)
    assert.equal(sizeOf(bytes, 0), bytes.length)
    if (name === 'damaged') assert.match(lines.join(), /^damaged .*CorruptRecordException/)
    else assert.deepEqual(lines, [...linesOf(read(bytes)), 'accepted'], name)
  }
})

/** Reads with godwit's own code, which other tests compare with the original records. */
function read(bytes: Buffer): BatchRecord[] {
  return decodeBatch(bytes, 0, bytes.length)
}
