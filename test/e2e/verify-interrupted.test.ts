// `godwit verify` with interruptions: a kill, a cut connection, a stopped or silent broker.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Report } from '../../src/verify/report.ts'
import { eventually } from '../harness/eventually.ts'
import { guard } from '../harness/guardian.ts'
import { inBatches, produceBatches } from '../harness/produce-batches.ts'
import { records, VerifySite } from './verify-site.ts'

const program = join(import.meta.dirname, '../../bin/godwit')

describe('godwit verify over a slow and unreliable network', { timeout: 300_000 }, () => {
  const total = 12_000

  let site: VerifySite
  before(async () => {
    const topics = [{ name: 'long', partitions: 2 }]
    site = await VerifySite.start(topics, topics)
    for (const partition of [0, 1]) {
      await produceBatches(site.source.direct, { topic: 'long', partition }, inBatches(records(total, 1000), 100))
      await produceBatches(site.target.direct, { topic: 'long', partition }, inBatches(records(total, 1000), 90))
    }
  })
  after(() => site?.stop())

  test('a comparison continues after kill -9 where it was', async () => {
    const progress = join(site.folder, 'long.progress')
    site.target.proxy.throttle(4_000_000)
    const words = ['verify', site.fileFor('long'), '--resume', progress, '--output', 'json']
    const child = spawn(program, words, { stdio: 'ignore' })
    guard(child)
    await eventually(
      () => {
        assert.equal(child.exitCode, null, 'it ended before it had compared one partition')
        return comparedIn(progress)
      },
      (compared) => compared >= total,
      60_000,
    )
    child.kill('SIGKILL')
    await once(child, 'close')
    await site.target.proxy.removeFaults()
    const { ended, report } = await site.reported('long', '--resume', progress)
    assert.deepEqual([ended.code, report.verdict, report.records], [0, 'equal', 2 * total], ended.err)
    assert.ok(report.bytesRead.source < 0.75 * 2 * total * 1000, `${report.bytesRead.source} bytes were read again`)
    const whole = await site.reported('long')
    assert.deepEqual(digestsOf(report), digestsOf(whole.report))
    assert.equal(existsSync(progress), false)
  })

  test('a cut connection is opened again', async () => {
    const cut = site.target.proxy.cutAfter(9_000_000, 'answers')
    const { ended, report } = await site.reported('long')
    await cut
    assert.deepEqual([ended.code, report.records], [0, 2 * total], ended.out)
  })

  test('a broker that becomes unreachable makes the result incomplete, and unread partitions are named', async () => {
    const cut = site.target.proxy.cutAfter(9_000_000, 'answers').then(() => site.target.proxy.refuse())
    const running = site.reported('long')
    await cut
    const { ended, report } = await running
    assert.deepEqual([ended.code, report.verdict], [2, 'incomplete'], ended.out)
    assert.ok(report.records < 2 * total)
    const unread = report.topics[0]?.partitions.filter(({ verdict }) => verdict === 'incomplete') ?? []
    assert.ok(unread.length > 0)
    for (const { failure, notes } of unread) {
      assert.match(failure ?? '', /cluster new/)
      assert.match(notes.join(), /nothing from source offset \d+ on was compared/)
    }
  })

  test('a broker that stops answering is not waited for for ever', async () => {
    await site.target.proxy.removeFaults()
    const silent = site.target.proxy.cutAfter(9_000_000, 'answers').then(() => site.target.proxy.blackhole())
    const second = site.verify('long')
    await silent
    const { code, out } = await second
    assert.equal(code, 2, out)
    assert.match(out, /INCOMPLETE[\s\S]*nothing is proved[\s\S]*long-[01] {2}INCOMPLETE\n {4}not read: /)
  })
})

/** The source offsets that are compared according to the progress file. */
function comparedIn(path: string): number {
  if (!existsSync(path)) return 0
  const { partitions } = JSON.parse(readFileSync(path, 'utf8')) as {
    partitions: Record<string, { sourceNext: number }>
  }
  return Object.values(partitions).reduce((sum, { sourceNext }) => sum + sourceNext, 0)
}

const digestsOf = ({ topics }: Report) => topics.flatMap(({ partitions }) => partitions.map(({ digests }) => digests))
