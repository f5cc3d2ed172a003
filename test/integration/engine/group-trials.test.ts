// A hundred groups stop at random moments under load and continue on the target: each reads exactly the next record there.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventually } from '../../harness/eventually.ts'
import type { GodwitProcess } from './godwit-process.ts'
import { JavaServer } from './java-server.ts'
import { Site } from './site.ts'

const in2015 = Date.UTC(2015, 4, 1)
const [site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
after(() => Promise.all([site[Symbol.asyncDispose](), groups.close()]))

const topics = ['plain', 'transactional', 'compacted', 'dated']
const compaction = { 'cleanup.policy': 'compact', 'segment.ms': '1000', 'min.cleanable.dirty.ratio': '0.01' }

/** Produces records of all kinds until stopped. */
async function traffic(signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round++) {
    await site.produce('plain', { count: 40, label: `p${round}` })
    await site.produce('compacted', { count: 40, keys: 30, label: `c${round}` })
    await site.produce('dated', { count: 30, time: in2015 + round, label: `d${round}` })
    await site.onSource({ do: 'begin', id: 'trial' })
    await site.onSource({ do: 'send', id: 'trial', topic: 'transactional', count: 7, label: `t${round}` })
    await site.onSource({ do: 'end', id: 'trial', how: round % 3 === 1 ? 'abort' : 'commit' })
  }
}

const often = [
  'SOURCE.consumer.isolation.level = read_committed',
  'groups = SOURCE.*',
  'refresh.groups.interval.seconds = 1',
  'emit.checkpoints.interval.seconds = 1',
  'sync.group.offsets.enabled = true',
  'sync.group.offsets.interval.seconds = 1',
]
const policies = {
  same: 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
  prefixed: 'org.apache.kafka.connect.mirror.DefaultReplicationPolicy',
}

async function untilSynced(godwit: GodwitProcess, names: readonly string[]): Promise<void> {
  for (const topic of topics) await godwit.untilCopied(topic, await site.ends(topic))
  const begun = Date.now()
  await godwit.until('every group is synced after everything has arrived', ({ groups: seen, periodicTasks }) => {
    const synced = names.map((name) => seen?.find(({ group }) => group === name))
    const isFresh = periodicTasks.some(({ task, lastRun }) => task === 'group-offsets' && lastRun > begun)
    return isFresh && synced.every((one) => one?.partitions.every(({ result }) => result === 'synced'))
  })
}

test('a hundred groups that stop at a random moment under load read exactly the next record on the target', async () => {
  for (const topic of topics) await site.create(topic, 3, topic === 'compacted' ? compaction : { 'retention.ms': '-1' })
  const stop = new AbortController()
  const running = traffic(stop.signal)
  await using same = await site.godwit(
    'same',
    topics.join(','),
    `replication.policy.class = ${policies.same}`,
    ...often,
  )
  await using prefixed = await site.godwit(
    'prefixed',
    topics.join(','),
    ...often,
    `replication.policy.class = ${policies.prefixed}`,
  )
  const flows = [
    { godwit: same, alias: 'Asame', copies: {} },
    {
      godwit: prefixed,
      alias: 'Aprefixed',
      copies: Object.fromEntries(topics.map((topic) => [topic, `Aprefixed.${topic}`])),
    },
  ]
  const all = flows.map(({ alias }) => Array.from({ length: 50 }, (_, i) => `${alias}-${i}`))
  // Each group reads up to 400 records. There must be enough records that the groups stop at different ones in each topic.
  await eventually(
    () => Promise.all(topics.map((topic) => site.ends(topic))),
    (ends) => {
      const counts = ends.map((one) => Object.values(one).reduce((sum, end) => sum + end, 0))
      return counts.every((count) => count > 0) && counts.reduce((sum, count) => sum + count) > 500
    },
    60_000,
  )
  const request = { on: site.source.bootstrap, topics, most: 400, isolation: 'read_committed', seed: 1 }
  const read = await groups.ask<number>({ do: 'consume', groups: all.flat(), ...request })
  assert.ok(read > 2000, `only ${read} records were read`)
  stop.abort()
  await running
  for (const [index, { godwit, copies }] of flows.entries()) {
    const names = all[index] ?? []
    await untilSynced(godwit, names)
    const { source, target } = site
    const question = { source: source.bootstrap, target: target.bootstrap, copies, isolation: 'read_committed' }
    assert.deepEqual(await groups.ask({ do: 'resume', groups: names, ...question }), [])
  }
})
