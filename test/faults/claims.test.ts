// Long runs with killed brokers: no claim of completeness is too early. And a thousand new topics are copied completely, with
// little memory.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { Chaos, chaosLines, chaosSeed } from '../integration/claims/chaos.ts'
import { ClaimSite } from '../integration/claims/claim-site.ts'

/** Ten minutes in total, divided over the seeds; each seed has its own clusters. */
const [seeds, minutes] = [4, Number(process.env['GODWIT_MINUTES'] ?? 10)]
const first = chaosSeed()

describe('random changes', () => {
  for (let seed = first; seed < first + seeds; seed++) {
    test(`no claim is too early while everything changes and brokers are killed, GODWIT_SEED=${seed}`, async (t) => {
      await using claims = await ClaimSite.start({ proxied: true }, { proxied: true })
      const options = { lines: chaosLines, isolation: 'read_committed' } as const
      await using scene = await claims.scene('chaos', 'chaos-.*', options)
      const tell = (what: string) => t.diagnostic(`${new Date().toISOString()} ${what}`)
      const chaos = new Chaos(claims, scene, { seed, ms: (minutes * 60_000) / seeds, brokers: true, tell })
      t.diagnostic(await chaos.run())
      await chaos.loseTargetTopic()
    })
  }
})

describe('a thousand new topics', () => {
  const [topics, partitions, each] = [1000, 10, 5]
  const [mostMb, longestMs] = [200, 900_000]
  let claims: ClaimSite
  before(async () => {
    const options = { heapMb: 768 }
    claims = await ClaimSite.start(options, options)
    await claims.fill('many', topics, partitions, each)
  })
  after(() => claims?.[Symbol.asyncDispose]())

  /** Peak memory of a process (MiB); 0 if it has ended. */
  function peakMb(pid: number): number {
    try {
      return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
    } catch {
      return 0
    }
  }

  test('10 partitions each: all are copied below 200 MB of memory, no claim is too early, no error is logged', async (t) => {
    await using scene = await claims.scene('many', 'many-.*', { args: ['--until', 'in-sync', '--log-level', 'info'] })
    const { watch, godwit, flow } = scene
    const started = Date.now()
    let [peak, hasEnded] = [0, false]
    const [code] = await Promise.all([
      godwit.exit(longestMs).finally(() => (hasEnded = true)),
      eventually(
        () => (peak = Math.max(peak, peakMb(godwit.pid))),
        () => hasEnded,
        longestMs,
      ),
    ])
    await watch.judgeRun(started, code)
    watch.assertNoFalseClaim()
    assert.equal(code, 0, godwit.lastOutput())
    t.diagnostic(`${Math.round((Date.now() - started) / 1000)} s, at most ${Math.round(peak)} MiB`)
    const found = await flow.truth.now()
    const { expected, missing, extra, inOrder } = found
    const wanted = { expected: topics * partitions * each, missing: 0, extra: 0, inOrder: true }
    assert.deepEqual({ expected, missing, extra, inOrder }, wanted, JSON.stringify(found))
    const errors = godwit.log.filter((line) => line.level === 'error' || (line.level === 'warn' && line['topic']))
    assert.deepEqual(errors, [], 'a topic that waits for its creation is not an error')
    assert.ok(peak <= mostMb, `${peak} MiB`)
  })
})
