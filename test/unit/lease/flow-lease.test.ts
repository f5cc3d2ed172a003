// The states of a lease with a coordinator in memory: when it is given up, and which reasons are reported.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import type { ClusterMetadata } from '../../../src/kafka/cluster.ts'
import type { GroupCluster } from '../../../src/kafka/membership.ts'
import { FlowLease, type LeaseState } from '../../../src/lease/flow-lease.ts'
import { holderBytes } from '../../../src/lease/lease-token.ts'
import { eventually, letPass, stays } from '../../harness/eventually.ts'

/** A lease is given up 500 ms before this time after the last contact has passed. */
const SESSION_MS = 2000
const never = new AbortController().signal

type Answer = (args: readonly unknown[]) => unknown

/** A coordinator with one member, whose answers a test can change. */
class Coordinator implements GroupCluster {
  readonly alias = 'new'
  readonly asked: string[] = []
  holder = 'me'
  readonly answers: Record<string, Answer> = {
    findCoordinator: () => ({ coordinators: [{ nodeId: 1, errorCode: 0 }] }),
    describeGroups: () => ({ groups: [{ errorCode: 0, protocolType: '', members: [] }] }),
    joinGroup: () => ({ errorCode: 0, generationId: 1, leader: 'other', memberId: 'me', members: [] }),
    syncGroup: () => ({ errorCode: 0, assignment: holderBytes({ memberId: this.holder, who: 'process 7 on there' }) }),
    heartbeat: () => ({ errorCode: 0 }),
    leaveGroup: () => ({ errorCode: 0 }),
  }

  metadata(): Promise<ClusterMetadata> {
    return Promise.resolve({ clusterId: 'c', controllerId: 1, brokers: new Map(), topics: new Map() })
  }

  async callAny<Result>(name: string, args: readonly unknown[]): Promise<Result> {
    this.asked.push(name)
    return (await this.answers[name]?.(args)) as Result
  }

  callBroker<Result>(_broker: number, name: string, args: readonly unknown[]): Promise<Result> {
    return this.callAny(name, args)
  }

  closeLane(): void {}
}

function leaseOn(coordinator: Coordinator, heartbeatMs = 50) {
  const options = { flow: 'old->new', groupId: 'old-mm2', sessionTimeoutMs: SESSION_MS, heartbeatMs, clientId: 'c' }
  const lease = new FlowLease(coordinator, options, silentLogger)
  const losses: string[] = []
  lease.start(never)
  void lease.whenActive(never).then(() => lease.onLost((reason) => losses.push(reason)))
  return { lease, losses, [Symbol.asyncDispose]: () => lease.close() }
}

/** @returns how long it took (ms) */
async function reaches(lease: FlowLease, state: LeaseState, withinMs = 1500): Promise<number> {
  const begun = performance.now()
  await eventually(
    () => lease.state,
    (now) => now === state,
    withinMs,
  )
  return performance.now() - begun
}

/** Waits until this many requests of a kind were made. */
const untilAsked = (coordinator: Coordinator, name: string, least: number, withinMs = 1500) =>
  eventually(
    () => times(coordinator, name),
    (count) => count >= least,
    withinMs,
  )
const silence = () => Promise.reject(new Failure('REQUEST_TIMED_OUT', 'silent'))
const times = (coordinator: Coordinator, name: string) => coordinator.asked.filter((one) => one === name).length

test('with an empty group the lease is held before the join is answered', async () => {
  const coordinator = new Coordinator()
  coordinator.answers['joinGroup'] = () => new Promise(() => {})
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'active', 500)
  assert.equal(held.lease.reason, '')
})

test('a first join that waits for other new members does not cost the lease, even with a slow sync', async () => {
  const coordinator = new Coordinator()
  const after = (name: string, ms: number) => {
    const answer = coordinator.answers[name] as Answer
    coordinator.answers[name] = async (args) => {
      // The delay of the answer is part of the test.
      await letPass(ms)
      return answer(args)
    }
  }
  after('joinGroup', SESSION_MS - 1000)
  after('syncGroup', 300)
  await using held = leaseOn(coordinator)
  await untilAsked(coordinator, 'heartbeat', 2, SESSION_MS)
  assert.equal(held.lease.state, 'active')
  assert.deepEqual(held.losses, [])
})

test('a first join whose sync is not answered is lost soon after it', async () => {
  const coordinator = new Coordinator()
  coordinator.answers['syncGroup'] = () => new Promise(() => {})
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'active', 500)
  assert.ok((await reaches(held.lease, 'lost', SESSION_MS)) < SESSION_MS)
})

test('a coordinator that is still loading is asked again, so that work starts before the join', async () => {
  const coordinator = new Coordinator()
  coordinator.answers['joinGroup'] = () => new Promise(() => {})
  const empty = coordinator.answers['describeGroups'] as Answer
  const codes = [14, 16, 15]
  coordinator.answers['describeGroups'] = (args) => {
    const errorCode = codes.shift()
    return errorCode === undefined ? empty(args) : { groups: [{ errorCode, protocolType: '', members: [] }] }
  }
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'active')
  assert.equal(codes.length, 0)
})

test('a holder without contact gives up before its session can expire, and joins again afterwards', async () => {
  const coordinator = new Coordinator()
  await using held = leaseOn(coordinator)
  await untilAsked(coordinator, 'heartbeat', 2)
  coordinator.answers['heartbeat'] = silence
  const took = await reaches(held.lease, 'lost')
  assert.ok(took < SESSION_MS, `it took ${took} ms`)
  assert.equal(held.losses.length, 1)
  const joins = times(coordinator, 'joinGroup')
  coordinator.answers['heartbeat'] = () => ({ errorCode: 0 })
  await reaches(held.lease, 'active')
  assert.ok(times(coordinator, 'joinGroup') > joins, 'it took the lease without joining again')
})

test('a rebalance does not count as contact: time runs from the last heartbeat without an error', async () => {
  const coordinator = new Coordinator()
  await using held = leaseOn(coordinator, 400)
  let lastOk = 0
  coordinator.answers['heartbeat'] = () => {
    lastOk = performance.now()
    coordinator.answers['joinGroup'] = () => new Promise(() => {})
    coordinator.answers['heartbeat'] = () => ({ errorCode: 27 })
    return { errorCode: 0 }
  }
  await eventually(
    () => lastOk,
    (at) => at > 0,
    1500,
  )
  await reaches(held.lease, 'lost')
  const took = performance.now() - lastOk
  assert.ok(took < SESSION_MS - 1500 + 300, `given up ${took} ms after the last heartbeat without an error`)
})

test('a rebalance that is answered does not move the lease', async () => {
  const coordinator = new Coordinator()
  await using held = leaseOn(coordinator)
  await untilAsked(coordinator, 'heartbeat', 2)
  const joins = times(coordinator, 'joinGroup')
  let rebalances = 3
  coordinator.answers['heartbeat'] = () => ({ errorCode: rebalances-- > 0 ? 27 : 0 })
  await untilAsked(coordinator, 'joinGroup', joins + 3)
  assert.equal(held.lease.state, 'active')
  assert.deepEqual(held.losses, [])
})

test('a MirrorMaker 2 that has joined first ends work already started, and is named with its host', async () => {
  const coordinator = new Coordinator()
  coordinator.answers['joinGroup'] = () => {
    const members = [{ clientId: 'mm2', clientHost: '/10.0.0.9' }]
    coordinator.answers['describeGroups'] = () => ({ groups: [{ errorCode: 0, protocolType: 'connect', members }] })
    return { errorCode: 23, generationId: -1, leader: '', memberId: '', members: [] }
  }
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'standby')
  const reason = 'MirrorMaker 2 is running on this flow (group old-mm2 on cluster new, from 10.0.0.9)'
  assert.equal(held.lease.reason, reason)
  await eventually(
    () => held.losses,
    ({ length }) => length > 0,
    1500,
  )
  assert.deepEqual(held.losses, [reason])
  assert.equal(held.lease.problem?.code, 'STANDBY')
})

test('a group of another application is not reported as MirrorMaker 2', async () => {
  const coordinator = new Coordinator()
  const members = [{ clientId: 'app', clientHost: '/10.0.0.9' }]
  coordinator.answers['describeGroups'] = () => ({ groups: [{ errorCode: 0, protocolType: 'consumer', members }] })
  coordinator.answers['joinGroup'] = () => ({ errorCode: 23, memberId: '', members: [] })
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'standby')
  assert.match(held.lease.reason, /^an application other than MirrorMaker 2 .* protocol type consumer/)
  assert.match(held.lease.problem?.remedy ?? '', /new\.group\.id/)
})

test('a missing permission is reported with its remedy', async () => {
  const coordinator = new Coordinator()
  const refused = () => ({ errorCode: 30, memberId: '', members: [] })
  coordinator.answers['describeGroups'] = () => ({ groups: [refused()] })
  coordinator.answers['joinGroup'] = refused
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'standby')
  assert.equal(held.lease.problem?.code, 'NOT_AUTHORIZED')
  assert.match(held.lease.problem?.remedy ?? '', /Read and Describe on group old-mm2/)
})

test('a lease that another process gets is lost, and the other process is named', async () => {
  const coordinator = new Coordinator()
  coordinator.holder = 'other'
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'standby')
  assert.equal(held.lease.reason, 'another godwit works on this flow: process 7 on there')
  assert.equal(held.lease.problem, undefined)
})

test('a listener that is added after a loss is called', async () => {
  const coordinator = new Coordinator()
  coordinator.holder = 'other'
  await using held = leaseOn(coordinator)
  await reaches(held.lease, 'standby')
  const reasons: string[] = []
  held.lease.onLost((reason) => reasons.push(reason))
  await eventually(
    () => reasons,
    ({ length }) => length === 1,
    1500,
  )
})

test('closing leaves the group by its member id, reports no loss, and does not join again', async () => {
  const coordinator = new Coordinator()
  const held = leaseOn(coordinator)
  await untilAsked(coordinator, 'heartbeat', 2)
  const left: unknown[] = []
  coordinator.answers['leaveGroup'] = (args) => {
    left.push(args)
    return { errorCode: 0 }
  }
  await held.lease.close()
  assert.deepEqual(left, [['old-mm2', [{ memberId: 'me', groupInstanceId: null, reason: 'godwit stops' }]]])
  const joins = times(coordinator, 'joinGroup')
  // Three heartbeat intervals.
  await stays(
    () => times(coordinator, 'joinGroup'),
    (count) => count === joins,
    150,
  )
  assert.deepEqual(held.losses, [])
})
