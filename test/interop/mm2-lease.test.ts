// The lease of a flow: godwit and a real MirrorMaker 2, in both orders.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { silentLogger } from '../../src/base/logger.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { Membership } from '../../src/kafka/membership.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually } from '../harness/eventually.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { Contender, SESSION_MS, settingsOf } from '../integration/contender.ts'

describe('with a real MirrorMaker 2', () => {
  let kafka: TestCluster
  before(async () => {
    kafka = await startCluster({ version: NEWEST })
  })
  after(() => kafka.destroy())

  function configuration(): string {
    const replicated = [
      'replication.factor',
      ...['checkpoints.topic', 'heartbeats.topic', 'offset-syncs.topic'].map((name) => `${name}.replication.factor`),
      ...['offset', 'status', 'config'].map((name) => `${name}.storage.replication.factor`),
    ]
    return [
      'clusters = old, new',
      `old.bootstrap.servers = ${kafka.bootstrap}`,
      `new.bootstrap.servers = ${kafka.bootstrap}`,
      'old->new.enabled = true',
      'new->old.enabled = false',
      'old->new.topics = nothing',
      ...replicated.map((key) => `${key} = 1`),
      '',
    ].join('\n')
  }

  async function untilGroupHasMember(groupId: string): Promise<void> {
    await using cluster = new Cluster(settingsOf(kafka), silentLogger)
    const group = new Membership(cluster, {
      groupId,
      protocolType: 'connect',
      protocolName: 'onlooker',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: SESSION_MS,
    })
    await eventually(
      // MirrorMaker 2 creates the topic for groups. Until its coordinator is available, the state is unknown.
      () => group.isEmpty().catch((error: unknown) => error),
      (isEmpty) => isEmpty === false,
      90_000,
      () => `group ${groupId} has no member`,
    )
  }

  test('godwit stands by while MirrorMaker 2 works on the flow, reports it, and works after it has stopped', async () => {
    await using mm2 = await MirrorMaker.start(configuration(), NEWEST)
    await untilGroupHasMember('old-mm2')
    await using first = new Contender(kafka, 'old-mm2').start()
    await first.is('standby', 10_000)
    const says = /^MirrorMaker 2 is running on this flow \(group old-mm2 on cluster new, from .+\)$/
    assert.match(first.lease.reason, says)
    assert.equal(first.lease.problem?.code, 'STANDBY')
    assert.match(first.lease.problem?.remedy ?? '', /stop MirrorMaker 2/)
    await mm2.kill9()
    await first.is('active', 30_000)
  })

  test('a MirrorMaker 2 that is started while godwit holds the flow is refused by the group', async () => {
    await using first = new Contender(kafka, 'old-mm2').start()
    await first.is('active', 15_000)
    await using mm2 = await MirrorMaker.start(configuration(), NEWEST)
    await eventually(
      () => mm2.said.slice(-2000),
      () => mm2.said.includes('InconsistentGroupProtocol'),
      90_000,
    )
    assert.equal(first.lease.state, 'active')
    assert.deepEqual(first.losses, [])
  })
})
