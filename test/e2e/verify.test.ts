// `godwit verify` as an operator uses it between two real clusters: its output, its files and its exit code.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { NewRecord } from '../../src/batch/records.ts'
import { canonicalJson, type Report } from '../../src/verify/report.ts'
import { type NewTopic, operate } from '../harness/operate.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'
import { records, VerifySite } from './verify-site.ts'

const sourceTopics: readonly NewTopic[] = [
  { name: 'plain', partitions: 2 },
  { name: 'planted' },
  { name: 'shaped', partitions: 3, configs: { 'retention.ms': '7200000' } },
  { name: 'nowhere' },
  { name: 'late' },
  { name: 'keyed', configs: { 'cleanup.policy': 'compact' } },
  { name: 'stamped' },
  { name: 'trimmed' },
]
const targetTopics: readonly NewTopic[] = [
  ...sourceTopics.filter(({ name }) => !['nowhere', 'shaped', 'stamped'].includes(name)),
  { name: 'shaped', partitions: 2 },
  { name: 'stamped', configs: { 'message.timestamp.type': 'LogAppendTime' } },
]

describe('godwit verify', { timeout: 300_000 }, () => {
  let site: VerifySite
  before(async () => {
    site = await VerifySite.start(sourceTopics, targetTopics)
  })
  after(() => site?.stop())

  test('a target with other batches and codecs is equal: in text, JSON and a report with its digest', async () => {
    for (const partition of [0, 1]) {
      await produceBatches(
        site.source.direct,
        { topic: 'plain', partition },
        inBatches(records(3000), 500, partition * 3),
      )
      await produceBatches(site.target.direct, { topic: 'plain', partition }, inBatches(records(3000), 77, 4))
    }
    const text = await site.verify('plain', '--report', join(site.folder, 'proof'))
    assert.equal(text.code, 0, text.out + text.err)
    assert.match(text.out, /^old->new {2}equal {2}\(depth full, 6,000 records/)
    assert.match(text.out, /\n {2}plain +2 +6,000 +0 {2}equal\n/)
    const html = readFileSync(join(site.folder, 'proof/verify-old-new.html'), 'utf8')
    assert.match(html, /<h1>old-&gt;new <span class="verdict equal">equal<\/span><\/h1>/)
    assert.doesNotMatch(html, /(src|href)=|@import|<script/)
    const { digest, ...rest } = JSON.parse(
      readFileSync(join(site.folder, 'proof/verify-old-new.json'), 'utf8'),
    ) as Report
    assert.equal(digest, createHash('sha256').update(canonicalJson(rest)).digest('hex'))
    const { report } = await site.reported('plain')
    const [partition] = report.topics[0]?.partitions ?? []
    assert.deepEqual(
      [partition?.source, partition?.records, partition?.verdict],
      [{ from: 0, to: 3000 }, 3000, 'equal'],
    )
    assert.notEqual(report.source.clusterId, report.target.clusterId)
  })

  test('each difference is named with both offsets, as text and as JSON, and no value is printed', async () => {
    await produceBatches(site.source.direct, { topic: 'planted' }, inBatches(records(2000), 200))
    const copy = records(2000)
    copy[100] = { ...(copy[100] as NewRecord), value: Buffer.from('value-of-another') }
    copy[700] = { ...(copy[700] as NewRecord), headers: [{ key: 'trace', value: null }] }
    copy.splice(1500, 1)
    await produceBatches(site.target.direct, { topic: 'planted' }, inBatches(copy, 200))
    const text = await site.verify('planted')
    assert.equal(text.code, 1, text.err)
    assert.match(text.out, /^old->new {2}DIFFERENT/)
    assert.match(
      text.out,
      /! changed: the record at source offset 100 differs from the one at target offset 100: value\n/,
    )
    assert.match(text.out, /source offset 700 differs from the one at target offset 700: header trace\n/)
    assert.match(text.out, /! missing: the record at source offset 1500 is missing on the target\n/)
    assert.match(text.out, /source: key 'key-100' \(7 B, sha256 [0-9a-f]{12}\); value \(50 B, sha256 /)
    assert.doesNotMatch(text.out, /value-of|value-100/)
    const { report, ended } = await site.reported('planted', '--show-records')
    assert.equal(ended.code, 1)
    assert.match(ended.out, /value-of-another/)
    const [partition] = report.topics[0]?.partitions ?? []
    assert.deepEqual(
      partition?.differences.map(({ kind, fields, sourceOffset }) => ({ kind, fields, sourceOffset })),
      [
        { kind: 'changed', fields: ['value'], sourceOffset: 100 },
        { kind: 'changed', fields: ['header trace'], sourceOffset: 700 },
        { kind: 'missing', fields: undefined, sourceOffset: 1500 },
      ],
    )
    assert.equal(partition?.records, 1997)
    const stopped = await site.reported('planted', '--differences', '1')
    assert.match(
      stopped.report.topics[0]?.partitions[0]?.notes.join() ?? '',
      /nothing from source offset \d+ on was compared/,
    )
  })

  test('differences beside the records are reported: partitions, configs, a missing topic', async () => {
    const { ended, report } = await site.reported('shaped, nowhere')
    assert.equal(ended.code, 1)
    const differences = Object.fromEntries(report.topics.map((topic) => [topic.topic, topic.differences]))
    assert.deepEqual(differences, {
      nowhere: ['the target has no topic nowhere'],
      shaped: ['the target has 2 partitions instead of 3'],
    })
    const configs = report.around.find(({ what }) => what === 'configs')
    assert.deepEqual(configs?.differences, ['topic shaped: retention.ms should be 7200000'])
  })

  test('a target that lacks the last records is reported as not yet complete, with the missing offsets', async () => {
    await produceBatches(site.source.direct, { topic: 'late' }, inBatches(records(900), 100))
    await produceBatches(site.target.direct, { topic: 'late' }, inBatches(records(600), 100))
    const [full, counts, offsets] = await Promise.all([
      site.verify('late'),
      site.verify('late', '--depth', 'counts'),
      site.verify('late', '--depth', 'offsets'),
    ])
    assert.deepEqual([full.code, counts.code, offsets.code], [2, 2, 2])
    assert.match(
      full.out,
      /not yet[\s\S]*late-0 {2}not yet\n {4}the target does not have source offsets 600 to 899 yet\n/,
    )
    assert.match(counts.out, /the target does not have 300 of 900 records yet/)
    assert.match(offsets.out, /no position is stored for this partition/)
  })

  test('a compacted topic is equal if the last record of each key is; older ones are reported as uncompared', async () => {
    const old = records(400).map((record, at) => ({ ...record, key: Buffer.from(`k${at % 40}`) }))
    await produceBatches(site.source.direct, { topic: 'keyed' }, inBatches(old, 50))
    await produceBatches(site.target.direct, { topic: 'keyed' }, inBatches(old.slice(340), 7))
    const equal = await site.reported('keyed')
    assert.equal(equal.ended.code, 0, equal.ended.out)
    assert.match(
      equal.report.topics[0]?.partitions[0]?.notes.join() ?? '',
      /compacted: the last record of each key was compared/,
    )
    await produceBatches(site.target.direct, { topic: 'keyed' }, inBatches(old.slice(17, 18), 1))
    const stale = await site.reported('keyed')
    assert.equal(stale.ended.code, 1)
    const [found] = stale.report.topics[0]?.partitions[0]?.differences ?? []
    assert.deepEqual(
      [found?.kind, found?.source?.key?.text, found?.fields],
      ['changed', 'k17', ['value', 'header trace', 'timestamp']],
    )
  })

  test('timestamps are not compared on a target with LogAppendTime', async () => {
    await produceBatches(site.source.direct, { topic: 'stamped' }, inBatches(records(300), 100))
    await produceBatches(site.target.direct, { topic: 'stamped' }, inBatches(records(300), 30))
    const { ended, report } = await site.reported('stamped')
    assert.equal(ended.code, 0, ended.out)
    assert.match(report.topics[0]?.partitions[0]?.notes.join() ?? '', /timestamps were not compared/)
  })

  test('records that the source deleted are reported, not compared; those only the target deleted differ', async () => {
    await produceBatches(site.source.direct, { topic: 'trimmed' }, inBatches(records(1000), 100))
    await produceBatches(site.target.direct, { topic: 'trimmed' }, inBatches(records(1000), 60))
    await operate(site.source, [{ do: 'deleteRecords', topic: 'trimmed', partition: 0, before: 250 }])
    const { ended, report } = await site.reported('trimmed')
    assert.equal(ended.code, 0, ended.out)
    const [one] = report.topics[0]?.partitions ?? []
    assert.deepEqual([one?.source, one?.target.from, one?.records], [{ from: 250, to: 1000 }, 250, 750])
    assert.match(
      one?.notes.join() ?? '',
      /target offsets 0 to 249 cannot be compared: the source has deleted its oldest/,
    )
    await operate(site.target, [{ do: 'deleteRecords', topic: 'trimmed', partition: 0, before: 555 }])
    const both = await site.reported('trimmed')
    assert.deepEqual([both.ended.code, both.report.records], [1, 445], both.ended.out)
    assert.deepEqual(
      both.report.topics[0]?.partitions[0]?.differences.map(({ kind, sourceOffset, records: gone }) => [
        kind,
        sourceOffset,
        gone,
      ]),
      [['deleted', 250, 305]],
    )
    // Expired records of the source are not missed: these are an hour old, the retention is half an hour.
    await operate(site.source, [{ do: 'configure', name: 'trimmed', configs: { 'retention.ms': '1800000' } }])
    const expired = await site.reported('trimmed')
    const notes = expired.report.topics[0]?.partitions[0]?.notes.join() ?? ''
    assert.match(
      notes,
      /source offsets \d+ to 554 cannot be compared: .*older than retention\.ms=1800000 of the source/,
    )
    assert.deepEqual([expired.ended.code, expired.report.records], [1, 445], 'only the configs differ')
    assert.deepEqual(expired.report.topics[0]?.verdict, 'equal')
  })

  test('invalid arguments are refused with what to type instead', async () => {
    const other = join(site.folder, 'other.progress')
    writeFileSync(other, JSON.stringify({ version: 2, flow: 'x->y', sourceId: '', targetId: '', partitions: {} }))
    const garbled = join(site.folder, 'garbled.progress')
    writeFileSync(garbled, 'no JSON')
    const refusals: readonly (readonly [words: readonly string[], says: RegExp, code: number])[] = [
      [['--topic', 'plian'], /copies no topic plian; did you mean plain\?[\s\S]*remedy: it copies plain/, 64],
      [['--topic', '('], /--topic \( is not a regular expression/, 64],
      [['--flow', 'old->nwe'], /there is no flow old->nwe; did you mean old->new\?/, 64],
      [['--memory', '12'], /--memory must be a number of at least 8388608, not '12'/, 64],
      [['--depth', 'deep'], /deep/, 64],
      [['--resume', other], /it belongs to flow x->y, not to old->new[\s\S]*remedy: give --resume another file/, 64],
      [['--resume', garbled], /it is not valid JSON/, 64],
      [['--report', join(garbled, 'x')], /the report cannot be written/, 64],
    ]
    const ended = await Promise.all(refusals.map(([words]) => site.verify('plain', ...words)))
    for (const [at, [words, says, code]] of refusals.entries()) {
      assert.equal(ended[at]?.code, code, `${words.join(' ')}: ${ended[at]?.err}`)
      assert.match(ended[at]?.err ?? '', says)
      assert.equal(ended[at]?.out, '')
    }
    const nothing = await site.verify('no-such-topic')
    assert.equal(nothing.code, 69)
    assert.match(nothing.err, /there is nothing to verify[\s\S]*remedy: compare old->new\.topics/)
  })
})
