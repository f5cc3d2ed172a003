// A command that changes stored positions has the flow to itself: no process starts to work meanwhile, and the command does not
// take the flow from a working process.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { asSoleWorker } from '../../src/lease/sole-worker.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually, letPass, stays } from '../harness/eventually.ts'
import { Contender, SESSION_MS, settingsOf } from './contender.ts'

let kafka: TestCluster
before(async () => {
  kafka = await startCluster({ name: 'sole' })
})
after(() => kafka.destroy())

async function alone<T>(groupId: string, act: () => Promise<T>, flow = 'a->b') {
  const cluster = new Cluster(settingsOf(kafka), silentLogger)
  try {
    return await asSoleWorker(cluster, { flow, groupId, sessionTimeoutMs: SESSION_MS }, act)
  } finally {
    await cluster.close()
  }
}

test('a process that starts during the command stands by, names the command, and works at once after it', async () => {
  await using late = new Contender(kafka, 'later')
  const outcome = await alone('later', async () => {
    late.start()
    await late.is('standby', 10_000)
    assert.match(late.lease.reason, new RegExp(`another godwit works on this flow: process ${process.pid} on `))
    // Long enough for heartbeats and a rebalance with both in the group.
    await late.stays('standby', 1500)
    return 'done so'
  })
  assert.deepEqual(outcome, { kind: 'done', value: 'done so' })
  await late.is('active', 5000)
})

test('a flow with a working process is not taken: the process is named, and nothing is changed', async () => {
  await using working = new Contender(kafka, 'taken').start()
  await working.is('active', 10_000)
  const outcome = await alone('taken', () => assert.fail('the action was executed'))
  assert.equal(outcome.kind, 'busy')
  assert.match(outcome.who, new RegExp(`process ${process.pid} on `))
  assert.match(outcome.hosts, /127\.0\.0\.1/)
  assert.equal(working.lease.state, 'active')
  assert.deepEqual(working.losses, [])
})

test('a flow of another pair in the same Connect group does not block the command', async () => {
  await using other = new Contender(kafka, 'shared', SESSION_MS, 'c->b').start()
  await other.is('active', 10_000)
  const outcome = await alone('shared', () => Promise.resolve(7))
  assert.deepEqual(outcome, { kind: 'done', value: 7 })
  assert.deepEqual(other.losses, [])
})

test('of several processes started with the command one works after it, none during it', async () => {
  for (let round = 0; round < 3; round++) {
    const group = `together-${round}`
    await using one = new Contender(kafka, group)
    await using two = new Contender(kafka, group)
    const states = () => [one, two].map(({ seen }) => seen)
    const isWorking = (seen: ReturnType<typeof states>) => seen.some(({ state }) => state === 'active')
    const resetting = alone(group, () => stays(states, (seen) => !isWorking(seen), 300))
    // In each round they start at another moment of the command.
    await letPass(round * 20)
    one.start()
    two.start()
    const { kind } = await resetting
    await eventually(states, isWorking, 10_000, () => `the command was ${kind}`)
  }
})
