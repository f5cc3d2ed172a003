// Disks of the target: one with too little space, one that its broker cannot use.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { startCluster } from '../../harness/cluster.ts'
import { eventually } from '../../harness/eventually.ts'
import { SmallDisk } from '../../harness/kafka/small-disk.ts'
import { load } from '../../harness/load.ts'
import { createTopics } from '../../harness/operate.ts'
import { findingsOf, follow } from './follow.ts'

const skip = SmallDisk.missing()
const configs = { 'auto.create.topics.enable': 'false' }
const clusters = skip
  ? []
  : await Promise.all([
      startCluster({ name: 'source', heapMb: 320, configs }),
      startCluster({ name: 'small', heapMb: 320, configs, diskLimitMb: 40 }),
      startCluster({ name: 'broken', heapMb: 320, configs, diskLimitMb: 64, secondDisk: true }),
    ])
const folder = mkdtempSync(join(tmpdir(), 'godwit-disks-'))
after(async () => {
  await Promise.all(clusters.map((cluster) => cluster[Symbol.asyncDispose]()))
  rmSync(folder, { recursive: true, force: true })
})

const factors = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.', 'offset.storage.']

test('a nearly full disk and a broken disk are reported, and gone after their remedies are followed', {
  skip,
}, async () => {
  const [source, small, broken] = clusters
  const disk = broken?.disks[0]
  assert.ok(source && small && broken && disk)
  await load(source, { topics: ['huge'], records: 400, valueBytes: 100_000 })
  await createTopics(source, { name: 'orders' })
  const file = join(folder, 'mm2.properties')
  const flows = ['S->T', 'S->V']
  const idle = ['T->S', 'T->V', 'V->S', 'V->T']
  writeFileSync(
    file,
    [
      'clusters = S, T, V',
      `S.bootstrap.servers = ${source.bootstrap}`,
      `T.bootstrap.servers = ${small.bootstrap}`,
      `V.bootstrap.servers = ${broken.bootstrap}`,
      ...flows.map((flow) => `${flow}.enabled = true`),
      ...idle.map((flow) => `${flow}.emit.heartbeats.enabled = false`),
      ...factors.map((factor) => `${factor}replication.factor = 1`),
      '',
    ].join('\n'),
  )
  await createTopics(broken, { name: 'filled', partitions: 6 })
  disk.fill()
  // A failed write to the full disk makes the broker take the folder offline.
  await load(broken, { topics: ['filled'], records: 600, valueBytes: 10_000 }).catch(() => {})
  await eventually(
    () => findingsOf(file),
    (found) => found.some(({ code }) => code === 'disk-broken'),
    60_000,
  )
  await follow({
    scene: 'disks',
    file,
    folder,
    manualSteps: {
      'disk-broken': async () => {
        disk.empty()
        await broken.stop()
        await broken.start()
      },
    },
  })
})
