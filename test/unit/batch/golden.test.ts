// Bytes written by Kafka's own classes and by other client libraries are read correctly.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decompress } from '../../../src/batch/codec/compression.ts'
import { problemOfHead, verifyChecksum } from '../../../src/batch/header.ts'
import { decodeBatch, encodeBatch } from '../../../src/batch/records.ts'
import { transcode } from '../../../src/batch/transcode.ts'
import { wholeBatchSize } from '../../../src/batch/walk.ts'
import { linesOf } from '../../harness/record-lines.ts'
import { contents } from './batches.ts'

interface Golden {
  readonly name: string
  readonly bytes: Buffer
  readonly lines: readonly string[]
}

const folder = join(import.meta.dirname, 'golden')
const goldens: readonly Golden[] = readFileSync(join(folder, 'kafka-4.3.1.txt'), 'utf8')
  .split(/^case /m)
  .slice(1)
  .map((block) => {
    const [name = '', bytes = '', ...lines] = block.trimEnd().split('\n')
    return { name, bytes: Buffer.from(bytes.replace('bytes ', ''), 'base64'), lines }
  })

function walked(bytes: Buffer): [at: number, size: number][] {
  const batches: [number, number][] = []
  for (let at = 0, size = 0; at < bytes.length; at += size) {
    size = wholeBatchSize(bytes, at, bytes.length)
    assert.ok(size > 0)
    batches.push([at, size])
  }
  return batches
}

for (const { name, bytes, lines } of goldens) {
  test(`bytes written by Java are read as by Java: ${name}`, () => {
    const records = walked(bytes).flatMap(([at, size]) => {
      assert.equal(problemOfHead(bytes, at, bytes.length), undefined)
      assert.ok(verifyChecksum(bytes, at, size))
      return decodeBatch(bytes, at, size)
    })
    assert.deepEqual(linesOf(records), lines)
  })

  test(`bytes written by Java can be transcoded: ${name}`, () => {
    for (const [at, size] of walked(bytes)) {
      const { batches } = transcode(bytes, at, size, { fromOffset: 0, appendTime: 'keep', maxBytes: 1e6 })
      const before = name.endsWith('marker') ? [] : contents(decodeBatch(bytes, at, size))
      assert.deepEqual(
        batches.flatMap((batch) => contents(decodeBatch(batch.bytes, 0, batch.bytes.length))),
        before,
      )
    }
  })
}

test('an uncompressed batch is encoded with the same bytes as by Java', () => {
  const golden = goldens.find(({ name }) => name === 'v2-none-usual')?.bytes ?? Buffer.alloc(0)
  const ours = encodeBatch(decodeBatch(golden, 0, golden.length))
  golden.copy(ours, 0, 0, 8) // base offset
  golden.copy(ours, 12, 12, 16) // leader epoch
  assert.equal(ours.toString('hex'), golden.toString('hex'))
})

const [plain = '', ...frames] = readFileSync(join(folder, 'frames.txt'), 'utf8').trimEnd().split('\n')
const codecs: Record<string, number> = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

for (const line of frames) {
  const [, name = '', base64 = ''] = line.split(' ')
  test(`bytes written by another library are read: ${name}`, () => {
    const [, length = '', sha256 = ''] = plain.split(' ')
    const bytes = decompress(codecs[name.split('-')[0] ?? ''] ?? -1, Buffer.from(base64, 'base64'), 1e6)
    assert.equal(bytes.length, Number(length))
    assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256)
  })
}
