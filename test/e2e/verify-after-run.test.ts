// `godwit verify` after `godwit run` has copied: every depth, transactions, and during copying.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Report } from '../../src/verify/report.ts'
import { godwit } from '../harness/godwit.ts'
import { load } from '../harness/load.ts'
import { operate } from '../harness/operate.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { records, VerifySite } from './verify-site.ts'

const committed = 'old.consumer.isolation.level = read_committed'

describe('godwit verify after godwit run', { timeout: 300_000 }, () => {
  let site: VerifySite
  before(async () => {
    site = await VerifySite.start([{ name: 'run-plain', partitions: 2 }, { name: 'live' }], [{ name: 'live' }])
    await produceBatches(site.source.direct, { topic: 'run-plain' }, inBatches(records(15_000), 50))
    await load(site.source, { topics: ['run-settled'], records: 6000, transactionRecords: 100, abortRatio: 0.4 })
    const ended = await godwit(['run', site.fileFor('run-.*', committed), '--until', 'in-sync', '--http', 'off'])
    assert.equal(ended.code, 0, ended.err)
  })
  after(() => site?.stop())

  async function reported(file: string, ...words: string[]): Promise<{ code: number | null; report: Report }> {
    const { code, out, err } = await godwit(['verify', file, '--output', 'json', '--wait', '10', ...words])
    assert.notEqual(out, '', err)
    return { code, report: JSON.parse(out) as Report }
  }

  test('the target is equal at every depth, and aborted transactions are not counted', async () => {
    const file = site.fileFor('run-.*', committed)
    for (const depth of ['full', 'counts', 'sample', 'offsets']) {
      const { code, report } = await reported(file, '--depth', depth)
      assert.deepEqual([code, report.verdict], [0, 'equal'], `${depth}: ${JSON.stringify(report.topics)}`)
      if (depth === 'full' || depth === 'counts') assert.equal(report.records, 21_000)
      // Where offsets are not sufficient, as after markers, the last batch is compared.
      if (depth === 'offsets')
        assert.ok(report.records === 0 && report.bytesRead.source < 100_000, report.bytesRead.source.toString())
      const plain = report.topics.find(({ topic }) => topic === 'run-plain')?.partitions[0]
      if (depth !== 'sample') continue
      assert.match(plain?.notes.join() ?? '', /sampled: 10000 of 15000 source offsets, in 10 windows/)
      assert.equal(plain?.records, 10_000)
    }
  })

  test('records that the target has lost are found at the depth offsets', async () => {
    const file = site.fileFor('run-plain', committed)
    await operate(site.target, [
      { do: 'deleteTopics', topics: ['run-plain'] },
      { do: 'createTopics', topics: [{ name: 'run-plain', partitions: 2 }] },
    ])
    const { code, report } = await reported(file, '--depth', 'offsets')
    assert.equal(code, 1)
    const sentences = report.topics[0]?.partitions[0]?.differences.map(({ sentence }) => sentence) ?? []
    assert.match(sentences.join(), /the target ends at offset 0, but had reached 15000: acknowledged records are gone/)
    assert.match(sentences.join(), /the target topic was deleted and recreated since it was filled/)
    const full = await reported(file)
    assert.equal(full.code, 1)
    assert.deepEqual(
      full.report.topics[0]?.partitions[0]?.differences.map(({ kind, sourceOffset }) => [kind, sourceOffset]),
      [
        ['missing', 0],
        ['truncated', undefined],
        ['recreated', undefined],
      ],
    )
  })

  test('while records are copied, what the source held at the start is found on the target', async () => {
    const file = site.fileFor('live')
    let isGoing = true
    let written = 0
    const write = async () => {
      for (; isGoing; written += 200)
        await produceBatches(site.source.direct, { topic: 'live' }, inBatches(records(200), 50))
    }
    await using copying = await GodwitProcess.start(readFileSync(file, 'utf8'))
    const writing = write()
    try {
      const { code, report } = await reported(file, '--wait', '20')
      assert.ok(copying.pid > 0)
      assert.deepEqual([report.verdict, code], ['equal', 0], JSON.stringify(report.topics))
      assert.ok(report.records > 0 && report.records <= written + 200)
    } finally {
      isGoing = false
      await writing
    }
  })
})
