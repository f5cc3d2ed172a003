// Ten thousand groups with ten partitions each: checkpoints and synced offsets are written within the interval, in little memory.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

const groups = 10_000
const partitions = 10
/** The default of emit.checkpoints.interval.seconds (ms). */
const intervalMs = 60_000
const mostMb = 300

const site = await Site.start()
const clients = await JavaServer.start('Groups.java')
after(() => Promise.all([site[Symbol.asyncDispose](), clients.close()]))

/** Peak memory of a process (MiB). */
function peakMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

const ofEvery = (topic: string, offset: number) =>
  Object.fromEntries(Array.from({ length: partitions }, (_, p) => [`${topic}-${p}`, offset]))

test('100,000 group offsets are translated and synced within the interval, in less than 300 MiB', async (t) => {
  const topic = 'crowded'
  await site.create(topic, partitions)
  await site.produce(topic, { count: 1000 * partitions, partitions: Array.from({ length: partitions }, (_, p) => p) })
  const many = { topic, partitions, groups, prefix: 'Acrowd', offset: 700 }
  assert.equal(await clients.ask({ do: 'commit many', on: site.source.bootstrap, ...many }), groups)

  await using godwit = await site.godwit('crowd', topic, 'groups = SOURCE.*', 'sync.group.offsets.enabled = true')
  const said = new RegExp(`^${groups} groups: ${groups * partitions} (written|kept)$`)
  const synced = await godwit.untilTask(
    'group-offsets',
    ({ message, result }) => result === 'fine' && said.test(message),
  )
  const checkpoints = await godwit.untilTask('checkpoints', ({ result }) => result === 'fine')
  assert.equal(checkpoints.message, `${groups * partitions} checkpoints written, ${groups} groups`)
  for (const { task, tookMs } of [checkpoints, synced]) {
    t.diagnostic(`${task}: ${tookMs} ms`)
    assert.ok(tookMs < intervalMs, `${task} took ${tookMs} ms`)
  }
  const status = await godwit.status()
  assert.equal(status?.groups?.length, groups)
  t.diagnostic(`at most ${Math.round(peakMb(godwit.pid))} MiB`)
  assert.ok(peakMb(godwit.pid) < mostMb, `${peakMb(godwit.pid)} MiB`)
  for (const group of ['Acrowd-0', `Acrowd-${groups - 1}`])
    assert.deepEqual(await clients.ask({ do: 'committed', on: site.target.bootstrap, group }), ofEvery(topic, 700))
  assert.equal(await godwit.stop(), 0)
})
