// source.cluster.alias in a file: a real MirrorMaker 2 copies, godwit continues with the same file and the same topic names, then
// MirrorMaker 2 again. No record is duplicated.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { decodeHeartbeat } from '../../src/mirror/heartbeat.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually, untilEqual } from '../harness/eventually.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { mm2File } from './mm2-file.ts'

const [source, shapes, groups] = await Promise.all([
  startCluster({ name: 'source', heapMb: 256, configs: { 'auto.create.topics.enable': 'false' } }),
  JavaServer.start('Shapes.java'),
  JavaServer.start('Groups.java'),
])
after(() => Promise.all([source.destroy(), shapes.close(), groups.close()]))

const WITHIN_MS = 90_000
type Offsets = Record<string, number>

const topics = async (cluster: TestCluster) => {
  const names = await shapes.ask<string[]>({ do: 'topics', on: cluster.bootstrap })
  return names.filter((name) => !name.startsWith('__') && !/godwit/.test(name)).toSorted()
}
const ends = (cluster: TestCluster, topic: string) =>
  shapes.ask<Offsets>({ do: 'ends', topic, on: cluster.bootstrap }).catch(() => ({}))
const produce = (topic: string, count: number) =>
  shapes.ask({ do: 'produce', topic, count, partitions: [0], label: 'x', on: source.bootstrap })

/** The pairs of aliases in heartbeats after `since` (ms since the epoch). */
async function heartbeatPairs(cluster: TestCluster, since: number): Promise<string[]> {
  const on = cluster.bootstrap
  const records = await groups.ask<{ key: string; value: string }[]>({ do: 'raw', topic: 'heartbeats', on })
  const all = records.flatMap(
    ({ key, value }) => decodeHeartbeat(Buffer.from(key, 'hex'), Buffer.from(value, 'hex')) ?? [],
  )
  const later = all.filter(({ timestamp }) => timestamp >= since)
  return [...new Set(later.map((one) => `${one.sourceClusterAlias}->${one.targetClusterAlias}`))]
}

for (const [name, lines, copy, beat] of [
  ['empty, with an empty separator', ['source.cluster.alias =', 'replication.policy.separator ='], '', '->target'],
  ['usdf', ['source.cluster.alias = usdf'], 'usdf.', 'usdf->target'],
] as const) {
  test(`source.cluster.alias ${name}: MM2, godwit and MM2 again copy to the same names, each record once`, async () => {
    const plain = `plain-${copy.length}`
    const started = await startCluster({
      name: 'target',
      heapMb: 256,
      configs: { 'auto.create.topics.enable': 'false' },
    })
    await using target = started
    await shapes.ask({ do: 'create', topic: plain, partitions: 1, configs: {}, on: source.bootstrap })
    const file = mm2File(
      { source, target },
      'source->target.enabled = true',
      'target->source.emit.heartbeats.enabled = false',
      `topics = ${plain}`,
      'heartbeats.replication.enabled = false',
      ...lines,
    )
    await produce(plain, 100)
    {
      await using mm2 = await MirrorMaker.start(file)
      await untilEqual(() => ends(target, `${copy}${plain}`), { 0: 100 }, WITHIN_MS)
      await eventually(
        () => heartbeatPairs(target, 0).catch(() => []),
        (seen) => seen.length > 0,
        WITHIN_MS,
      )
      // It commits its offsets once a second and at the end.
      await mm2.stop()
    }
    const names = await topics(target)
    assert.ok(names.includes(`${copy}${plain}`), names.join())
    await produce(plain, 50)
    const since = Date.now()
    const godwit = await GodwitProcess.start(file)
    await untilEqual(() => ends(target, `${copy}${plain}`), { 0: 150 }, WITHIN_MS)
    await untilEqual(() => heartbeatPairs(target, since), [beat], WITHIN_MS)
    await eventually(
      () => godwit.flows(),
      ([flow]) => flow?.inSync === true,
    )
    assert.equal(await godwit.stop(), 0)
    assert.deepEqual(await topics(target), names, 'godwit has created no topics that MM2 does not create')
    await produce(plain, 25)
    await using again = await MirrorMaker.start(file)
    await untilEqual(() => ends(target, `${copy}${plain}`), { 0: 175 }, WITHIN_MS)
    await again.stop()
    assert.deepEqual(await ends(target, `${copy}${plain}`), { 0: 175 })
  })
}
