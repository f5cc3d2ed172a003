// `godwit verify` compares what the flow had to copy: from the start of copying of each partition, if it is known.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { NewRecord } from '../../src/batch/records.ts'
import type { PartitionReport, Report } from '../../src/verify/report.ts'
import { godwit } from '../harness/godwit.ts'
import { operate } from '../harness/operate.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'
import { records, VerifySite } from './verify-site.ts'

const latest = 'old.consumer.auto.offset.reset = latest'
/** The tests share a flow, so topics it has not copied before are new partitions. */
const asConfigured = 'godwit.new.partitions = as-configured'

describe('godwit verify of a flow that does not start at the log start', { timeout: 300_000 }, () => {
  let site: VerifySite
  before(async () => {
    const both = [
      { name: 'older' },
      { name: 'by-mm2' },
      { name: 'by-mm2-time' },
      { name: 'keys-late', configs: { 'cleanup.policy': 'compact' } },
    ]
    site = await VerifySite.start(
      [{ name: 'tail', partitions: 2 }, { name: 'timed' }, { name: 'never' }, ...both],
      [...both, { name: 'never' }],
    )
  })
  after(() => site?.stop())

  const write = (topic: string, some: readonly NewRecord[], partition = 0) =>
    produceBatches(site.source.direct, { topic, partition }, inBatches(some, 50))

  async function run(file: string): Promise<void> {
    const ended = await godwit(['run', file, '--until', 'in-sync', '--http', 'off'])
    assert.equal(ended.code, 0, ended.err)
  }

  async function verified(
    file: string,
    ...words: string[]
  ): Promise<{ code: number | null; report: Report; one: PartitionReport }> {
    const { code, out, err } = await godwit(['verify', file, '--wait', '2', '--output', 'json', ...words])
    assert.notEqual(out, '', err)
    const report = JSON.parse(out) as Report
    const one = report.topics[0]?.partitions[0]
    assert.ok(one, out)
    return { code, report, one }
  }

  test('from the log end: earlier records are not reported as missing, later ones are compared to the end', async () => {
    const file = site.fileFor('tail', latest)
    const all = records(800)
    for (const partition of [0, 1]) await write('tail', all.slice(0, 500), partition)
    await run(file)
    for (const partition of [0, 1]) await write('tail', all.slice(500), partition)
    await run(file)
    for (const depth of ['full', 'counts', 'sample', 'offsets']) {
      const { code, report, one } = await verified(file, '--depth', depth)
      assert.deepEqual([code, report.verdict], [0, 'equal'], `${depth}: ${JSON.stringify(report.topics)}`)
      assert.deepEqual(one.start, { by: 'stored', sourceOffset: 500, targetOffset: 0 })
      assert.equal(report.records, depth === 'offsets' ? 0 : 600)
    }
    const text = await godwit(['verify', file, '--wait', '2'])
    assert.match(text.out, /tail-0 {2}equal\n {4}compared from source offset 500 on, where copying began\n/)
  })

  test('from the log end: records deleted on the target are reported, earlier records are not', async () => {
    const file = site.fileFor('tail', latest)
    await operate(site.target, [{ do: 'deleteRecords', topic: 'tail', partition: 1, before: 40 }])
    const { code, report } = await verified(file)
    assert.deepEqual([code, report.verdict], [1, 'different'])
    assert.deepEqual(
      report.topics[0]?.partitions.map(({ verdict, records: equal }) => [verdict, equal]),
      [
        ['equal', 300],
        ['different', 260],
      ],
    )
    const [found] = report.topics[0]?.partitions[1]?.differences ?? []
    assert.deepEqual([found?.kind, found?.sourceOffset, found?.records], ['deleted', 500, 40])
  })

  test('from a time: the first record at or after it is the first one compared', async () => {
    const all = records(400)
    await write('timed', all)
    const file = site.fileFor(
      'timed',
      asConfigured,
      `godwit.start = ${new Date(all[150]?.timestamp ?? 0).toISOString()}`,
    )
    await run(file)
    const { code, report, one } = await verified(file)
    assert.deepEqual([code, report.records, one.start?.sourceOffset], [0, 250, 150], JSON.stringify(report.topics))
  })

  test('records that the target held before copying started are not surplus, and are named', async () => {
    await produceBatches(site.target.direct, { topic: 'older' }, inBatches(records(2000).slice(1700), 30))
    await write('older', records(600))
    const file = site.fileFor('older')
    await run(file)
    const { code, report, one } = await verified(file)
    assert.deepEqual([code, report.records], [0, 600], JSON.stringify(report.topics))
    assert.match(one.notes.join(), /target offsets 0 to 299 were there before copying began: not compared/)
    const counts = await verified(file, '--depth', 'counts')
    assert.deepEqual([counts.code, counts.one.counted], [0, { source: 600, target: 600 }])
  })

  test('in a compacted topic only keys written after the start of copying are compared', async () => {
    const keyed = (from: number, to: number) =>
      records(to)
        .slice(from)
        .map((record, at) => ({ ...record, key: Buffer.from(`k${from + (at % 20)}`) }))
    const file = site.fileFor('keys-late', latest, asConfigured)
    await write('keys-late', keyed(0, 100))
    await run(file)
    await write('keys-late', keyed(200, 300))
    await run(file)
    const { code, report } = await verified(file)
    assert.deepEqual([code, report.records], [0, 20], JSON.stringify(report.topics))
  })

  test('with an unknown start nothing is claimed: after MirrorMaker 2 with auto.offset.reset=latest', async () => {
    await write('by-mm2', records(500))
    await produceBatches(site.target.direct, { topic: 'by-mm2' }, inBatches(records(500).slice(300), 70))
    const file = site.fileFor('by-mm2', latest)
    for (const depth of ['full', 'counts', 'sample']) {
      const { code, report, one } = await verified(file, '--depth', depth)
      assert.deepEqual([code, report.verdict, report.records], [2, 'incomplete', 200], JSON.stringify(report.topics))
      assert.match(
        one.notes.join(),
        /is not stored and .* compared from source offset 300 on, which is the first record of the target; whether records before it had to be copied is not known/,
      )
    }
    const text = await godwit(['verify', file, '--wait', '2'])
    assert.match(text.out, /INCOMPLETE[\s\S]*where copying of 1 partition began is not known/)
  })

  test('a time in the configuration defines the start, even without a stored position', async () => {
    const all = records(500)
    await write('by-mm2-time', all)
    await produceBatches(site.target.direct, { topic: 'by-mm2-time' }, inBatches(all.slice(300), 70))
    const time = new Date(all[300]?.timestamp ?? 0).toISOString()
    const { code, report, one } = await verified(site.fileFor('by-mm2-time', `godwit.start = ${time}`))
    assert.deepEqual([code, report.records, one.start?.by], [0, 200, 'configured'], JSON.stringify(report.topics))
    const earlier = new Date(all[100]?.timestamp ?? 0).toISOString()
    const more = await verified(site.fileFor('by-mm2-time', `godwit.start = ${earlier}`))
    assert.notEqual(more.code, 0)
  })

  test('a partition that is not copied yet is reported as such', async () => {
    await write('never', records(10))
    const { code, report, one } = await verified(site.fileFor('never', latest))
    assert.deepEqual([code, report.verdict], [2, 'notYet'])
    assert.match(one.late ?? '', /no position is stored for this partition/)
  })
})
