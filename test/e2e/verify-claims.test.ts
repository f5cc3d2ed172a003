// `godwit verify` never reports equal for something that is not: one test for each way in which it could.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { NewRecord } from '../../src/batch/records.ts'
import { encodeSourceKey, encodeSourceOffset, mirrorSourceConnector } from '../../src/mirror/connect-offset.ts'
import { encodePosition, encodePositionKey } from '../../src/state/position-record.ts'
import type { PartitionReport, Report } from '../../src/verify/report.ts'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { askJava } from '../harness/java-json.ts'
import { executeCommands } from '../harness/kafka-tools.ts'
import { type NewTopic, operate } from '../harness/operate.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'
import { records, VerifySite } from './verify-site.ts'

const committed = 'old.consumer.isolation.level = read_committed'
const FETCH = 1
const compact = { configs: { 'cleanup.policy': 'compact' } }
const plain = [
  'held',
  'shortlived',
  'refilled',
  'emptied',
  'said',
  'lied',
  'masked',
  'isolated',
  'between',
  'cut-short',
]
const stateTopics: readonly NewTopic[] = ['mm2-offsets.old.internal', 'mm2-godwit-positions.old.internal'].map(
  (name) => ({
    ...{ name, ...compact },
  }),
)

/** Waits until a figure exceeds a limit. */
const untilAbove = (figure: () => number, limit: number) => eventually(figure, (now) => now > limit, 60_000)

describe('godwit verify reports equal only for what is equal', { timeout: 400_000 }, () => {
  let site: VerifySite
  before(async () => {
    const both: readonly NewTopic[] = [...plain, 'big-a', 'big-b'].map((name) => ({ name }))
    const keyed = ['trimmed-keys', 'refused'].map((name) => ({ name, ...compact }))
    const source = [...both, ...keyed.slice(0, 1), ...['refused', 'nothing-in-it', 'wider'].map((name) => ({ name }))]
    site = await VerifySite.start(source, [
      ...both,
      ...keyed,
      ...stateTopics,
      { name: 'nothing-in-it' },
      { name: 'wider', partitions: 2 },
    ])
  })
  after(() => site?.stop())

  const onBoth = async (topic: string, some: readonly NewRecord[], there = some) => {
    await produceBatches(site.source.direct, { topic }, inBatches(some, 50))
    await produceBatches(site.target.direct, { topic }, inBatches(there, 50))
  }

  interface Verified {
    readonly code: number | null
    readonly out: string
    readonly report: Report
    readonly one: PartitionReport
  }

  async function verified(
    topics: string,
    { lines = [], words = [] }: { lines?: string[]; words?: string[] } = {},
  ): Promise<Verified> {
    const file = site.fileFor(topics, ...lines)
    const { code, out, err } = await godwit(['verify', file, '--wait', '2', '--output', 'json', ...words])
    assert.notEqual(out, '', err)
    const report = JSON.parse(out) as Report
    return { code, out, report, one: report.topics[0]?.partitions[0] as PartitionReport }
  }

  /** Starts a verification whose reads from the target are blocked halfway; `removeFaults` continues it. */
  async function slowly(topics: string): Promise<{ readonly ended: Promise<Verified> }> {
    const before = site.target.proxy.bytes('answers')
    site.target.proxy.throttle(1_000_000)
    const ended = verified(topics, { words: ['--wait', '5'] })
    await untilAbove(() => site.target.proxy.bytes('answers'), before + 2_000_000)
    return { ended }
  }

  const kindsOf = ({ one }: Verified) => one.differences.map(({ kind }) => kind)

  /** Writes a record into a state topic of a flow, as godwit or MM2 would. */
  const store = (topic: 'mm2-offsets.old.internal' | 'mm2-godwit-positions.old.internal', key: Buffer, value: Buffer) =>
    produceBatches(site.target.direct, { topic }, inBatches([{ timestamp: Date.now(), key, value, headers: [] }], 1))

  const storeOffset = (topic: string, offset: number) =>
    store(
      'mm2-offsets.old.internal',
      encodeSourceKey({ connector: mirrorSourceConnector, cluster: 'old', topic, partition: 0 }),
      encodeSourceOffset(offset),
    )

  const storePosition = (topic: string, sourceNext: number, targetNext: number, targetTopicId = '') =>
    store(
      'mm2-godwit-positions.old.internal',
      encodePositionKey(topic, 0),
      encodePosition({
        ...{ sourceTopicId: '', targetTopicId, producerId: 1n, producerEpoch: 0, sequence: 0, sourceNext, targetNext },
        ...{ sourceLeaderEpoch: -1, writtenAt: Date.now() },
      }),
    )

  test('for records behind an open transaction the producer, start, count and aborting command are reported', async () => {
    await onBoth('held', records(100))
    const began = Date.now()
    await askJava('OpenTransaction.java', site.source, { topic: 'held', records: 3 })
    await produceBatches(site.source.direct, { topic: 'held' }, inBatches(records(120).slice(100), 20))
    for (const depth of ['full', 'counts', 'sample']) {
      const { code, report, one } = await verified('held', { lines: [committed], words: ['--depth', depth] })
      assert.deepEqual([code, report.verdict, report.records], [2, 'heldBack', 100], depth)
      assert.deepEqual([one.heldBack?.firstOffset, one.heldBack?.offsets], [100, 23])
      const [transaction] = one.heldBack?.transactions ?? []
      assert.match(transaction?.producerId ?? '', /^\d+$/)
      assert.equal(transaction?.startOffset, 100)
      assert.ok(Date.parse(transaction?.since ?? '') >= began, transaction?.since)
    }
    const text = await godwit(['verify', site.fileFor('held', committed), '--wait', '2'])
    assert.equal(text.code, 2)
    assert.match(text.out, /^old->new {2}HELD BACK/)
    assert.match(
      text.out,
      /! source offsets 100 to 122 \(23 offsets\) are not copied and were not compared: they are behind an open transaction\n/,
    )
    const command = /or by: (kafka-transactions\.sh .*)\n/.exec(text.out)?.[1] ?? ''
    await executeCommands([command], site.folder)
    // The transaction was committed, and its records are missing on the target.
    const after = await verified('held', { lines: [committed] })
    assert.deepEqual([after.code, after.report.verdict], [2, 'notYet'])
    await produceBatches(site.target.direct, { topic: 'held' }, inBatches(records(120).slice(100), 20))
    const whole = await verified('held', { lines: [committed] })
    assert.deepEqual([whole.code, whole.report.records], [0, 120], whole.out)
  })

  test('an open transaction is ignored with read_uncommitted, and waited for with read_committed', async () => {
    await askJava('OpenTransaction.java', site.source, { topic: 'shortlived', records: 2 })
    await askJava('OpenTransaction.java', site.source, { topic: 'shortlived', records: 2 })
    const { report } = await verified('shortlived')
    assert.deepEqual([report.verdict, report.topics[0]?.partitions[0]?.heldBack], ['notYet', undefined])
    // verify waits until both are aborted, after which there is nothing to copy.
    const waiting = verified('shortlived', { lines: [committed], words: ['--wait', '60'] })
    const abort = (offset: number) =>
      `kafka-transactions.sh --bootstrap-server ${site.source.bootstrap} abort --topic shortlived --partition 0 --start-offset ${offset}`
    await executeCommands([abort(0), abort(2)], site.folder)
    const ended = await waiting
    assert.deepEqual([ended.code, ended.report.verdict, ended.report.records], [0, 'equal', 0], ended.out)
  })

  test('a target topic that was recreated after copying is a difference, even if its records are equal', async () => {
    await onBoth('refilled', records(60))
    await storePosition('refilled', 60, 60, '11111111-2222-3333-4444-555555555555')
    for (const depth of ['full', 'counts', 'sample', 'offsets']) {
      const found = await verified('refilled', { words: ['--depth', depth] })
      assert.deepEqual([found.code, kindsOf(found)], [1, ['recreated']], depth)
    }
  })

  test('a target with all records deleted is not equal, even if they were copied once', async () => {
    await onBoth('emptied', records(200))
    await storeOffset('emptied', 199)
    await operate(site.target, [{ do: 'deleteRecords', topic: 'emptied', partition: 0, before: 200 }])
    for (const depth of ['full', 'counts', 'offsets']) {
      const { code, report } = await verified('emptied', { words: ['--depth', depth] })
      assert.deepEqual([code, report.verdict], [1, 'different'], depth)
    }
  })

  test('offsets stored by MirrorMaker 2 are not a proof: missing records are reported', async () => {
    await produceBatches(site.source.direct, { topic: 'said' }, inBatches(records(80), 20))
    await storeOffset('said', 79)
    const found = await verified('said', { words: ['--depth', 'offsets'] })
    assert.deepEqual([found.code, kindsOf(found)], [1, ['missing']], found.out)
    await produceBatches(site.target.direct, { topic: 'said' }, inBatches(records(80), 30))
    assert.equal((await verified('said', { words: ['--depth', 'offsets'] })).code, 0)
  })

  test('a stored position beyond the end of the target is not a proof: missing records are reported', async () => {
    await onBoth('lied', records(100), records(40))
    await storePosition('lied', 100, 40)
    const found = await verified('lied', { words: ['--depth', 'offsets'] })
    assert.deepEqual([found.code, kindsOf(found)], [1, ['missing']], found.out)
    await storePosition('lied', 100, 100)
    const beyond = await verified('lied', { words: ['--depth', 'offsets'] })
    assert.match(
      beyond.one.differences.map(({ sentence }) => sentence).join(),
      /ends at offset 40, but had reached 100/,
    )
    assert.equal(beyond.code, 1)
    await storePosition('lied', 150, 40)
    const behind = await verified('lied', { words: ['--depth', 'offsets'] })
    assert.match(
      behind.one.differences.map(({ sentence }) => sentence).join(),
      /source ends at offset 100, but was copied up to 150/,
    )
    assert.equal(behind.code, 1)
  })

  test('records added while the target is counted do not hide missing ones', async () => {
    await onBoth('masked', records(100), [...records(40), ...records(90).slice(60)])
    const fetches = site.target.proxy.requests(FETCH)
    const counting = verified('masked', { words: ['--depth', 'counts', '--wait', '20'] })
    await untilAbove(() => site.target.proxy.requests(FETCH), fetches + 8)
    await onBoth('masked', records(150).slice(100), [...records(100).slice(90), ...records(150).slice(100)])
    const found = await counting
    assert.deepEqual([found.code, found.report.verdict], [1, 'different'], found.out)
    assert.deepEqual(found.one.counted, { source: 100, target: 80 })
  })

  test('in a compacted topic keys that the target has deleted are reported as missing', async () => {
    const some = records(60).map((record, at) => ({ ...record, key: Buffer.from(`k${at}`) }))
    await onBoth('trimmed-keys', some)
    assert.equal((await verified('trimmed-keys')).code, 0)
    await operate(site.target, [
      { do: 'configure', name: 'trimmed-keys', configs: { 'cleanup.policy': 'compact,delete' } },
      { do: 'deleteRecords', topic: 'trimmed-keys', partition: 0, before: 12 },
    ])
    const found = await verified('trimmed-keys', { lines: ['sync.topic.configs.enabled = false'] })
    assert.deepEqual([found.code, kindsOf(found)], [1, Array.from({ length: 12 }, () => 'missing')], found.out)
  })

  test('keyless records that a compacted target refuses are missing, although they have no key to compare', async () => {
    const some = records(10).map((record) => ({ ...record, key: null }))
    await produceBatches(site.source.direct, { topic: 'refused' }, inBatches(some, 5))
    const found = await verified('refused', { lines: ['sync.topic.configs.enabled = false'] })
    assert.deepEqual([found.code, kindsOf(found)], [1, ['missing']], found.out)
    assert.match(
      found.one.differences[0]?.sentence ?? '',
      /10 of 10 records without a key, the first at source offset 0, are not on the target: a compacted topic does not accept them/,
    )
  })

  test('progress stored with another isolation level is refused', async () => {
    await onBoth('isolated', records(30), records(20))
    const progress = join(site.folder, 'isolated.progress')
    await verified('isolated', { lines: [committed], words: ['--resume', progress] })
    const other = await godwit(['verify', site.fileFor('isolated'), '--resume', progress])
    assert.equal(other.code, 64)
    assert.match(other.err, /it was compared with isolation\.level=read_committed, not read_uncommitted/)
  })

  test('records compared in an earlier run and deleted since are not equal', async () => {
    await onBoth('between', records(100))
    await onBoth('cut-short', records(100), records(90))
    const progress = join(site.folder, 'between.progress')
    const words = ['--resume', progress]
    const first = await verified('between|cut-short', { words })
    assert.deepEqual(
      first.report.topics.map(({ verdict }) => verdict),
      ['equal', 'notYet'],
    )
    const kept = readFileSync(progress, 'utf8')
    await operate(site.target, [{ do: 'deleteRecords', topic: 'between', partition: 0, before: 30 }])
    const second = await verified('between|cut-short', { words })
    assert.equal(second.code, 1, second.out)
    assert.deepEqual(
      second.one.differences.map(({ kind, sourceOffset, records: gone }) => [kind, sourceOffset, gone]),
      [['deleted', 0, 30]],
    )
    writeFileSync(progress, kept)
    await operate(site.target, [
      { do: 'deleteTopics', topics: ['between'] },
      { do: 'createTopics', topics: [{ name: 'between' }] },
    ])
    const third = await verified('between|cut-short', { words })
    assert.equal(third.report.topics[0]?.verdict, 'notYet')
    writeFileSync(progress, kept.slice(0, kept.length / 2))
    const broken = await godwit(['verify', site.fileFor('between|cut-short'), ...words])
    assert.equal(broken.code, 64)
  })

  test('records in a partition that only the target has are a difference', async () => {
    await onBoth('wider', records(20))
    assert.equal((await verified('wider')).code, 0)
    await produceBatches(site.target.direct, { topic: 'wider', partition: 1 }, inBatches(records(5), 5))
    const { code, report } = await verified('wider')
    assert.equal(code, 1)
    assert.deepEqual(report.topics[0]?.differences, [
      'partition 1 of the target, which the source does not have, holds records: offsets 0 to 4',
    ])
  })

  test('empty topics are equal, and the report says that there were no records', async () => {
    const { code, report } = await verified('nothing-in-it')
    assert.deepEqual([code, report.verdict, report.records], [0, 'equal', 0])
  })

  test('topics and partitions created during verify are compared too, or reported as not yet there', async () => {
    for (const topic of ['big-a', 'big-b']) await onBoth(topic, records(12_000, 1000))
    const running = await slowly('big-.*')
    await Promise.all([
      operate(site.source, [
        { do: 'addPartitions', topic: 'big-a', count: 2 },
        { do: 'createTopics', topics: [{ name: 'big-c' }, { name: 'big-d' }] },
      ]),
      operate({ bootstrap: site.target.direct }, [{ do: 'createTopics', topics: [{ name: 'big-c' }] }]),
    ])
    await onBoth('big-c', records(50), records(40))
    await site.target.proxy.removeFaults()
    const { code, report } = await running.ended
    assert.deepEqual(
      report.topics.map(({ topic, verdict, differences }) => [topic, verdict, differences]),
      [
        ['big-a', 'notYet', ['the target has 1 partition instead of 2, which were added while this ran']],
        ['big-b', 'equal', []],
        ['big-c', 'notYet', []],
        ['big-d', 'notYet', ['the target has no topic big-d yet: it was created while this ran']],
      ],
    )
    assert.equal(code, 2)
    assert.ok(report.asOf.from < report.asOf.to)
  })

  test('a target topic that is recreated while it is compared is a difference', async () => {
    const running = await slowly('big-a|big-b')
    await operate({ bootstrap: site.target.direct }, [
      { do: 'deleteTopics', topics: ['big-b'] },
      { do: 'createTopics', topics: [{ name: 'big-b' }] },
    ])
    await site.target.proxy.removeFaults()
    const { code, report } = await running.ended
    const sentences = report.topics[1]?.partitions[0]?.differences.map(({ sentence }) => sentence) ?? []
    assert.match(sentences.join(), /the target topic was deleted and recreated while it was compared/)
    assert.equal(code, 1)
  })
})
