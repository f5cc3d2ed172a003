// The target is incomplete although godwit has copied everything it knows of: no output may claim completeness.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { allOutputs } from '../../harness/claims/claim-watch.ts'
import type { FlowTruth } from '../../harness/claims/truth.ts'
import { eventually } from '../../harness/eventually.ts'
import { type ClaimFlow, ClaimSite } from './claim-site.ts'

const soon = 10_000

let claims: ClaimSite
before(async () => {
  claims = await ClaimSite.start()
})
after(() => claims?.[Symbol.asyncDispose]())

/** Checks that each record was copied once and in order. */
async function assertComplete(truth: FlowTruth, expected: number): Promise<void> {
  const found = await truth.now()
  const { missing, undecided, extra, inOrder } = found
  const wanted = { expected, missing: 0, undecided: 0, extra: 0, inOrder: true }
  assert.deepEqual({ expected: found.expected, missing, undecided, extra, inOrder }, wanted, JSON.stringify(found))
}

/** Checks that no output claims completeness for a flow that selects no topic. */
async function assertNothingClaimed(flow: ClaimFlow): Promise<void> {
  const once = await flow.withFile('run', '--until', 'in-sync', '--http', 'off')
  assert.doesNotMatch(once.err, /has arrived|in sync:/)
  assert.equal(once.code, 4, once.err)
  const checked = await flow.withFile('check')
  assert.match(checked.out, /no topic/i)
  await using godwit = await flow.run()
  const found = await godwit.until('the source is listed', ({ completeness }) => completeness !== undefined)
  assert.equal(found.lag, null)
  // On a busy machine the last listing can be too old for a moment, which adds another reason.
  const ready = await eventually(
    () => flow.ready(),
    (one) => /no topic/.test(one?.reasons.join('; ') ?? ''),
    soon,
  )
  const [lag, stored, shown, metrics] = await Promise.all([
    flow.asked('lag', '--fail-above', '0'),
    flow.withFile('lag', '--fail-above', '0'),
    flow.asked('status'),
    flow.page('/metrics'),
  ])
  assert.equal(ready?.ok, false)
  assert.notEqual(lag.code, 0, lag.out)
  assert.notEqual(stored.code, 0, stored.out)
  assert.doesNotMatch(shown.out, /in sync/)
  assert.doesNotMatch(metrics, /^godwit_flow_(in_sync\{.*\} 1|lag_records\{.*\} 0)$/m)
  assert.equal((await godwit.status())?.inSync, false)
}

test('a flow that selects no topic is never in sync: exit code 4, lag and ready say why, check warns', async () => {
  await claims.site.create('orders', 1)
  await claims.site.produce('orders', { count: 10, partition: 0 })
  await using flow = await claims.flow('typo', 'odrers')
  await assertNothingClaimed(flow)
})

test('records within an open transaction are reported with producer and lag, and copied once it ends', async () => {
  const { site } = claims
  await site.create('ledger', 1)
  await site.produce('ledger', { count: 5, partition: 0, label: 'plain' })
  await site.onSource({ do: 'begin', id: 'ledger' })
  await site.onSource({ do: 'send', id: 'ledger', topic: 'ledger', partition: 0, count: 10, label: 'open' })
  await using scene = await claims.scene('open', 'ledger', { isolation: 'read_committed' })
  const { watch, godwit, flow } = scene
  await godwit.untilCopied('ledger', { 0: 5 })
  await watch.round()
  const status = await godwit.until('the lag is known', ({ lag }) => lag === 10)
  assert.equal(status.inSync, false)
  await godwit.until('the transaction is reported', ({ problems }) =>
    problems.some(({ code }) => code === 'OPEN_TRANSACTION'),
  )
  const [lag, verified, shown, ready] = await Promise.all([
    flow.asked('lag', '--fail-above', '0'),
    flow.withFile('verify', '--depth', 'full', '--wait', '1'),
    flow.asked('status'),
    flow.ready(),
  ])
  assert.equal(lag.code, 2, lag.out)
  assert.notEqual(verified.code, 0, verified.out)
  assert.match(shown.out, /transaction/)
  assert.match(shown.out, /producer id \d+/)
  assert.match(shown.out, /kafka-transactions\.sh/)
  assert.equal(ready?.ok, true, 'an open transaction is not a problem of the flow')
  await godwit.until('the age of the blocked records grows', ({ topics }) => {
    const held = topics.find(({ topic }) => topic === 'ledger')?.partitions[0]
    return (held?.lagMs ?? 0) > 2000
  })
  const aged = await flow.asked('lag', '--seconds', '1')
  assert.equal(aged.code, 2, aged.out)
  assert.deepEqual(watch.claimCounts, {})

  await site.onSource({ do: 'end', id: 'ledger', how: 'commit' })
  await watch.untilClaimed(allOutputs)
  await assertComplete(flow.truth, 15)
  await site.onSource({ do: 'begin', id: 'ledger' })
  await site.onSource({ do: 'send', id: 'ledger', topic: 'ledger', partition: 0, count: 10, label: 'aborted' })
  await watch.round()
  await site.onSource({ do: 'end', id: 'ledger', how: 'abort' })
  await watch.untilClaimed(allOutputs)
  await assertComplete(flow.truth, 15)
})

test('SIGTERM or SIGINT during a run until in-sync gives exit code 2', async () => {
  const { site } = claims
  await site.create('halfway', 1)
  await site.produce('halfway', { count: 5, partition: 0 })
  await site.onSource({ do: 'begin', id: 'halfway' })
  await site.onSource({ do: 'send', id: 'halfway', topic: 'halfway', partition: 0, count: 10, label: 'open' })
  await using flow = await claims.flow('half', 'halfway', { isolation: 'read_committed' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    await using godwit = await flow.run('--until', 'in-sync')
    await godwit.untilCopied('halfway', { 0: 5 })
    process.kill(godwit.pid, signal)
    assert.equal(await godwit.exit(), 2, godwit.lastOutput())
  }
  await site.onSource({ do: 'end', id: 'halfway', how: 'commit' })
  await using godwit = await flow.run('--until', 'in-sync')
  assert.equal(await godwit.exit(), 0, godwit.lastOutput())
  await assertComplete(flow.truth, 15)
})

test('with auto.offset.reset = latest, topics and partitions created later are copied from their start', async () => {
  const { site } = claims
  await site.create('late-old', 1)
  await site.produce('late-old', { count: 20, partition: 0, label: 'before' })
  const lines = ['SOURCE.consumer.auto.offset.reset = latest', 'refresh.topics.interval.seconds = 3']
  await using scene = await claims.scene('late', 'late-.*', { lines, from: { 'late-old-0': 20 } })
  const { watch, godwit, flow } = scene
  await godwit.until('copying starts at the log end', ({ topics }) => topics[0]?.partitions[0]?.position === 20)
  await site.create('late-new', 2)
  await site.produce('late-new', { count: 30, partitions: [0, 1], label: 'new' })
  await site.onSource({ do: 'grow', topic: 'late-old', partitions: 2 })
  await site.produce('late-old', { count: 10, partition: 1, label: 'grown' })
  await watch.untilClaimed(allOutputs)
  await assertComplete(flow.truth, 40)
  assert.deepEqual(await site.targetEnds('late-old'), { 0: 0, 1: 10 })
})

test('verify of a flow that starts at latest compares the records from there on, and reports missing ones', async () => {
  const { site } = claims
  await site.create('since', 1)
  await site.produce('since', { count: 120, partition: 0, label: 'before' })
  const lines = ['SOURCE.consumer.auto.offset.reset = latest']
  await using flow = await claims.flow('since', 'since', { lines, from: { 'since-0': 120 } })
  {
    await using godwit = await flow.run()
    await godwit.until('copying starts at the log end', ({ topics }) => topics[0]?.partitions[0]?.position === 120)
    await site.produce('since', { count: 30, partition: 0, label: 'new' })
    await godwit.untilCopied('since', { 0: 150 })
    assert.equal(await godwit.stop(), 0)
  }
  await assertComplete(flow.truth, 30)
  for (const depth of ['offsets', 'counts', 'full']) {
    const { code, out, err } = await flow.withFile('verify', '--depth', depth, '--wait', '1')
    assert.equal(code, 0, `${depth}: ${out}${err}`)
    assert.match(out, /equal/)
  }
  await site.produce('since', { count: 5, partition: 0, label: 'more' })
  for (const depth of ['offsets', 'counts', 'full']) {
    const { code, out } = await flow.withFile('verify', '--depth', depth, '--wait', '1')
    assert.equal(code, 2, `${depth}: ${out}`)
  }
})

for (const [alias, isRecreated] of [
  ['gone', false],
  ['again', true],
] as const) {
  const what = isRecreated ? 'deleted and recreated' : 'deleted'
  test(`an idle target topic that is ${what} is reported at once: never in sync, nothing written`, async () => {
    const { site } = claims
    const [lost, kept] = [`${alias}-lost`, `${alias}-kept`]
    for (const topic of [lost, kept]) {
      await site.create(topic, 1)
      await site.produce(topic, { count: 100, partition: 0 })
    }
    await using scene = await claims.scene(alias, `${alias}-.*`)
    const { watch, godwit, flow } = scene
    await watch.untilClaimed(allOutputs)
    await watch.disturb(async () => {
      await claims.deleteOnTarget(lost)
      if (isRecreated) await site.onTarget({ do: 'create', topic: lost, partitions: 1 })
    })
    const noticed = await eventually(
      async () => (await godwit.status())?.problems.filter((problem) => problem.topic === lost) ?? [],
      (problems) => problems.length > 0,
      soon,
    )
    assert.match(noticed[0]?.message ?? '', isRecreated ? /recreated|deleted/ : /deleted/)
    await eventually(
      async () => JSON.parse(await flow.page('/connectors/MirrorSourceConnector/status')) as ConnectorStatus,
      ({ tasks }) => tasks[0]?.state === 'FAILED' && (tasks[0].trace ?? '').includes(lost),
      soon,
    )
    await watch.round()
    for (const topic of [lost, kept]) await site.produce(topic, { count: 10, partition: 0, label: 'later' })
    await godwit.untilCopied(kept, { 0: 110 })
    await watch.round()
    const lag = await flow.asked('lag', '--fail-above', '0')
    assert.equal(lag.code, 2, lag.out)
    const topics = await site.onTarget<string[]>({ do: 'topics' })
    assert.equal(topics.includes(lost), isRecreated)
    if (isRecreated) assert.deepEqual(await site.targetEnds(lost), { 0: 0 })
    assert.equal(await godwit.stop(), 0)

    // A restart still reports it, and a run until in-sync does not exit with 0.
    const once = await flow.withFile('run', '--until', 'in-sync', '--http', 'off')
    assert.equal(once.code, 70, once.err)
    assert.equal((await site.onTarget<string[]>({ do: 'topics' })).includes(lost), isRecreated)

    const reset = await flow.withFile('positions reset', '--topic', `^${lost}$`, '--execute')
    assert.equal(reset.code, 0, reset.err)
    await scene.restart()
    await watch.untilClaimed(allOutputs)
    await assertComplete(flow.truth, 220)
  })
}

interface ConnectorStatus {
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

test('a quarantined partition makes its task FAILED with a trace, and nothing claims completeness', async () => {
  const { site } = claims
  await site.create('quarantined', 2)
  await site.onTarget({ do: 'create', topic: 'quarantined', partitions: 2, configs: { 'cleanup.policy': 'compact' } })
  await site.produce('quarantined', { count: 10, partition: 0, keys: 0 })
  await site.produce('quarantined', { count: 10, partition: 1 })
  await using scene = await claims.scene('quarantine', 'quarantined')
  const { watch, godwit, flow } = scene
  await godwit.until('the partition is quarantined', ({ problems }) =>
    problems.some(({ topic }) => topic === 'quarantined'),
  )
  await godwit.untilCopied('quarantined', { 1: 10 })
  await watch.round()
  assert.deepEqual(watch.claimCounts, {})
  for (const depth of ['offsets', 'counts', 'full']) {
    const { code, out } = await flow.withFile('verify', '--depth', depth, '--wait', '1')
    assert.notEqual(code, 0, `${depth}: ${out}`)
  }
  const { tasks } = JSON.parse(await flow.page('/connectors/MirrorSourceConnector/status')) as ConnectorStatus
  assert.equal(tasks[0]?.state, 'FAILED')
  assert.match(tasks[0].trace ?? '', /quarantined-0/)
  const lag = await flow.asked('lag', '--fail-above', '0')
  assert.equal(lag.code, 2, lag.out)
  assert.equal(await godwit.stop(), 0)
  const once = await flow.withFile('run', '--until', 'in-sync', '--http', 'off')
  assert.equal(once.code, 70, once.err)
})

// Must be the last test: from here on every flow copies the heartbeats of the source.
test('a flow that selects no topic is not in sync, although it copies the heartbeats topic', async () => {
  await claims.site.create('heartbeats', 1)
  await claims.site.produce('heartbeats', { count: 3, partition: 0 })
  await using flow = await claims.flow('beats', 'odrers')
  await assertNothingClaimed(flow)
})
