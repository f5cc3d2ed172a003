// The lease of a flow on real Kafka: two processes, a real MirrorMaker 2, broker restarts, and how soon work starts.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { hostname } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { FlowLease } from '../../src/lease/flow-lease.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually, stays } from '../harness/eventually.ts'
import { guard } from '../harness/guardian.ts'
import { NEWEST, OLDER } from '../harness/kafka-jars.ts'
import { Contender, never, SESSION_MS, settingsOf } from './contender.ts'

/** godwit's lease in a separate process that can be killed. Resolves when the lease is active. */
async function holderProcess(kafka: TestCluster, groupId: string): Promise<ChildProcess> {
  const source = new URL('../../src/', import.meta.url).href
  const program = `
    const { Cluster } = await import('${source}kafka/cluster.ts')
    const { FlowLease } = await import('${source}lease/flow-lease.ts')
    const { silentLogger } = await import('${source}base/logger.ts')
    const cluster = new Cluster(${JSON.stringify(settingsOf(kafka))}, silentLogger)
    const options = { flow: 'a->b', groupId: '${groupId}', sessionTimeoutMs: ${SESSION_MS}, heartbeatMs: 1000, clientId: 'holder' }
    const lease = new FlowLease(cluster, options, silentLogger)
    const signal = new AbortController().signal
    lease.start(signal)
    await lease.whenActive(signal)
    console.log('active')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  guard(child)
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await eventually(
    () => said,
    (text) => text.includes('active'),
    15_000,
  )
  return child
}

describe('on the newest Kafka, where joining an empty group takes 3 s', () => {
  let kafka: TestCluster
  before(async () => {
    kafka = await startCluster({ version: NEWEST, configs: { 'group.initial.rebalance.delay.ms': '3000' } })
  })
  after(() => kafka.destroy())

  test('work starts at once on a cluster that has never had a group, and with an empty group', async () => {
    for (const groupId of ['fresh-1', 'fresh-2']) {
      const begun = performance.now()
      await using first = new Contender(kafka, groupId).start()
      await first.is('active', 1000)
      assert.ok(performance.now() - begun < 1000)
      await first.stays('active', 5000)
      assert.deepEqual(first.losses, [])
    }
  })

  test('other requests are answered while the join is pending', async () => {
    await using cluster = new Cluster(settingsOf(kafka), silentLogger)
    await cluster.metadata([])
    const lease = new FlowLease(
      cluster,
      { flow: 'a->b', groupId: 'pending', sessionTimeoutMs: SESSION_MS, heartbeatMs: 1000, clientId: 'p' },
      silentLogger,
    )
    lease.start(never)
    await lease.whenActive(never)
    try {
      // Nearly as long as the join takes.
      await stays(
        async () => {
          const asked = performance.now()
          await cluster.metadata([])
          return { tookMs: performance.now() - asked }
        },
        ({ tookMs }) => tookMs < 1000,
        2500,
      )
    } finally {
      await lease.close()
    }
  })

  test('of two processes started together one keeps the lease and the other loses it', async () => {
    await using one = new Contender(kafka, 'race').start()
    await using two = new Contender(kafka, 'race').start()
    const states = () => [one.lease.state, two.lease.state].sort().join(' ')
    const isDecided = (seen: string) => seen === 'active standby'
    await eventually(states, (seen) => isDecided(seen) && one.losses.length + two.losses.length <= 1, 15_000)
    await stays(states, isDecided, 3000)
    const loser = one.lease.state === 'active' ? two : one
    assert.match(loser.lease.reason, /another godwit works on this flow: process \d+ on /)
    assert.deepEqual((loser === one ? two : one).losses, [])
  })

  test('a second process stands by, names the holder, and takes over soon after it has left', async () => {
    await using first = new Contender(kafka, 'pair').start()
    await first.is('active', 1000)
    await using second = new Contender(kafka, 'pair').start()
    await second.is('standby', 15_000)
    assert.equal(second.lease.reason, `another godwit works on this flow: process ${process.pid} on ${hostname()}`)
    assert.deepEqual(first.losses, [])
    await first[Symbol.asyncDispose]()
    await second.is('active', 2000)
  })

  test('a holder killed by kill -9 is replaced within its session timeout and three seconds', async () => {
    const holder = await holderProcess(kafka, 'killed')
    await using second = new Contender(kafka, 'killed').start()
    await second.is('standby', 15_000)
    holder.kill('SIGKILL')
    await second.is('active', SESSION_MS + 3000)
  })

  test('closing while the join is pending leaves no member in the group', async () => {
    await using first = new Contender(kafka, 'brief').start()
    await first.is('active', 1000)
    const begun = performance.now()
    await first[Symbol.asyncDispose]()
    assert.ok(performance.now() - begun < 2500)
    await using second = new Contender(kafka, 'brief').start()
    await second.is('active', 1000)
    await second.stays('active', 5000)
  })
})

for (const version of [NEWEST, OLDER]) {
  describe(`on Kafka ${version}, with failures`, () => {
    let kafka: TestCluster
    before(async () => {
      kafka = await startCluster({ version })
    })
    after(() => kafka.destroy())

    test('a holder with a frozen coordinator gives up before its session can have ended, and returns later', async () => {
      await using first = new Contender(kafka, 'frozen').start()
      await first.is('active', 5000)
      // Waits until the join is complete, because the session starts with it.
      await first.stays('active', 2500)
      const frozen = performance.now()
      kafka.broker.freeze(true)
      try {
        await first.is('lost', SESSION_MS)
        assert.ok(performance.now() - frozen < SESSION_MS - 1000)
        assert.equal(first.losses.length, 1)
      } finally {
        kafka.broker.freeze(false)
      }
      await first.is('active', 15_000)
    })

    test('flows that share a Connect group work in parallel, each with its own standby', async () => {
      await using one = new Contender(kafka, 'shared', SESSION_MS, 'a->c').start()
      await using other = new Contender(kafka, 'shared', SESSION_MS, 'b->c').start()
      await one.is('active', 10_000)
      await other.is('active', 15_000)
      await using standby = new Contender(kafka, 'shared', SESSION_MS, 'a->c').start()
      await standby.is('standby', 15_000)
      await Promise.all([one.stays('active', 4000), other.stays('active', 4000)])
      await one.lease.close()
      await standby.is('active', 10_000)
      assert.deepEqual([one.losses, other.losses], [[], []])
    })

    test('neither a broker restart shorter than the session nor a kill -9 of the broker costs the lease', async () => {
      await using first = new Contender(kafka, 'restart', 30_000).start()
      await using second = new Contender(kafka, 'restart', 30_000)
      await first.is('active', 5000)
      second.start()
      await second.is('standby', 10_000)
      await kafka.stop()
      await kafka.start()
      await first.stays('active', 4000)
      await kafka.kill9()
      await kafka.start()
      await first.stays('active', 4000)
      assert.deepEqual(first.losses, [])
      assert.equal(second.lease.state, 'standby')
    })
  })
}
