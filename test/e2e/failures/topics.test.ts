// Topics that stop a flow or a partition: the printed remedy is followed, and copying continues. The periodic task topic-configs
// runs every second.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FlowStatus } from '../../../src/model/flow-status.ts'
import type { GodwitProcess } from '../../integration/engine/godwit-process.ts'
import { Site } from '../../integration/engine/site.ts'
import { commandsIn, linesIn, remedyOf, Trial, untilNoProblem } from './trial.ts'

const often = ['sync.topic.configs.interval.seconds = 1', 'TARGET.session.timeout.ms = 6000']
const DAY = 24 * 3_600_000

let site: Site
before(async () => {
  site = await Site.start({}, { configs: { 'message.max.bytes': '100000' } })
})
after(() => site[Symbol.asyncDispose]())

/** A flow whose periodic task topic-configs reverts changes on the target. */
function synced(alias: string, topics: string, ...lines: readonly string[]): Trial {
  const text = site.configuration(alias, topics, ...often, ...lines)
  return new Trial(text.replace('sync.topic.configs.enabled = false', 'sync.topic.configs.enabled = true'))
}

/** Waits until a run of the periodic task that started after this call has ended. */
async function nextRun(godwit: GodwitProcess): Promise<void> {
  const { runs } = await godwit.untilTask('topic-configs', () => true)
  await godwit.untilTask('topic-configs', (task) => task.runs >= runs + 2)
}

test('TOO_LARGE: the command raises the limit of the target topic, and the line prevents a revert', async () => {
  await site.create('wide', 1)
  await site.produce('wide', { count: 10, partition: 0 })
  const ends = await site.produce('wide', { count: 1, partition: 0, size: 300_000 })
  using trial = synced('large', 'wide')
  let remedy = ''
  {
    await using godwit = await trial.start()
    remedy = remedyOf((await godwit.untilProblem('TOO_LARGE', 'wide', 0)).problem)
    assert.equal(await godwit.stop(), 0)
  }
  trial.write(linesIn(remedy))
  await using godwit = await trial.start()
  await trial.type(commandsIn(remedy))
  await godwit.untilCopied('wide', ends)
  await nextRun(godwit)
  await godwit.untilCopied('wide', await site.produce('wide', { count: 1, partition: 0, size: 300_000 }))
  await untilNoProblem(godwit)
  await site.assertEqual('wide')
})

test('REFUSED_BY_TARGET: keyless records of a compacted source are copied, then the target is compacted', async () => {
  await site.create('ledger', 1)
  // The timestamps are older than any default retention. They are equal, so that all records are in one segment, which is never
  // cleaned.
  const old = { time: Date.now() - 400 * DAY }
  await site.produce('ledger', { count: 20, partition: 0, label: 'keyed', ...old })
  await site.produce('ledger', { count: 20, partition: 0, keys: 0, ...old })
  const ends = await site.produce('ledger', { count: 20, partition: 0, label: 'behind', ...old })
  await site.onSource({ do: 'alter', topic: 'ledger', set: { 'cleanup.policy': 'compact' } })
  using trial = synced('keyless', 'ledger')
  let remedy = ''
  {
    await using godwit = await trial.start()
    remedy = remedyOf((await godwit.untilProblem('REFUSED_BY_TARGET', 'ledger', 0)).problem)
    assert.equal(await godwit.stop(), 0)
  }
  assert.match(remedy, /^most often a record without a key, which a compacted topic refuses; the source may hold some/)
  trial.write(linesIn(remedy))
  {
    await using godwit = await trial.start()
    await trial.type(commandsIn(remedy))
    await godwit.untilCopied('ledger', ends)
    await untilNoProblem(godwit)
    await site.assertEqual('ledger')
    assert.equal(await godwit.stop(), 0)
  }
  assert.match(remedy, /once they are copied, take the line out again/)
  trial.takeOut(linesIn(remedy)[0]?.split(' = ')[0] ?? '')
  await using godwit = await trial.start()
  await godwit.untilLogged(({ message }) => message === 'synced configs of a target topic with the source')
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'ledger' }), { 'cleanup.policy': 'compact' })
  await godwit.untilCopied('ledger', await site.produce('ledger', { count: 10, partition: 0, label: 'later' }))
  await untilNoProblem(godwit)
})

test('REFUSED_BY_TARGET: without the periodic task, commands let the topic take keyless and future records', async () => {
  await site.create('keyless', 1)
  await site.onTarget({ do: 'create', topic: 'keyless', configs: { 'cleanup.policy': 'compact' } })
  await site.create('future', 1, { 'message.timestamp.after.max.ms': String(100 * DAY) })
  await site.onTarget({ do: 'create', topic: 'future', configs: { 'message.timestamp.after.max.ms': '3600000' } })
  const keyless = await site.produce('keyless', { count: 20, partition: 0, keys: 0 })
  const future = await site.produce('future', { count: 20, partition: 0, time: Date.now() + 3 * DAY })
  using trial = new Trial(site.configuration('odd', 'keyless, future'))
  await using godwit = await trial.start()
  for (const topic of ['keyless', 'future']) {
    const { problem } = await godwit.untilProblem('REFUSED_BY_TARGET', topic, 0)
    // The second command must run after the records are copied.
    await trial.type(commandsIn(remedyOf(problem)).slice(0, 1))
  }
  await godwit.untilCopied('keyless', keyless)
  await godwit.untilCopied('future', future)
  await untilNoProblem(godwit)
  const { problem } = { problem: godwit.log.find((line) => line['topic'] === 'keyless' && line['remedy']) }
  await trial.type(commandsIn(String(problem?.['remedy'])).slice(1))
  assert.deepEqual(await site.onTarget({ do: 'configs', topic: 'keyless' }), { 'cleanup.policy': 'compact' })
})

test('UNKNOWN_TOPIC: after the printed command a deleted source topic is no longer waited for', async () => {
  for (const topic of ['gone', 'stays']) await site.create(topic, 1)
  using trial = new Trial(site.configuration('gone', 'gone, stays'))
  {
    await using godwit = await trial.start()
    await godwit.untilCopied('gone', await site.produce('gone', { count: 10, partition: 0 }))
    await site.onSource({ do: 'delete', topic: 'gone' })
    const { problem } = await godwit.untilProblem('UNKNOWN_TOPIC', 'gone', 0)
    await trial.type(commandsIn(remedyOf(problem)), godwit)
    await godwit.until('only the other topic is left', ({ topics }) => topics.every(({ topic }) => topic === 'stays'))
    await godwit.untilCopied('stays', await site.produce('stays', { count: 10, partition: 0 }))
    await untilNoProblem(godwit)
    await godwit.until('it is in sync', ({ inSync }) => inSync)
  }
})

test('REPLICATION_LOOP: one line excludes the topic, the other permits copying it', async () => {
  for (const topic of ['round', 'back']) await site.create(topic, 1)
  await using there = await site.godwit('loopa', 'round, back')
  await there.untilCopied('round', await site.produce('round', { count: 10, partition: 0 }))
  await there.untilCopied('back', { 0: 0 })
  using trial = new Trial(site.reversed().configuration('loopb', 'round, back'))
  let remedy = ''
  {
    await using godwit = await trial.start()
    remedy = remedyOf((await godwit.untilProblem('REPLICATION_LOOP', 'round', 0)).problem)
    assert.equal(await godwit.stop(), 0)
  }
  const [leaveOut = '', insist = ''] = linesIn(remedy)
  trial.write([leaveOut])
  {
    await using godwit = await trial.start()
    await godwit.until('the other topic is found', ({ topics }) => topics.some(({ topic }) => topic === 'back'))
    await untilNoProblem(godwit)
    assert.deepEqual(
      (await godwit.status())?.topics.map(({ topic }) => topic),
      ['back'],
    )
    assert.equal(await godwit.stop(), 0)
  }
  assert.equal(await there.stop(), 0)
  trial.takeOut(leaveOut.split(' = ')[0] ?? '')
  trial.write([insist])
  await using godwit = await trial.start()
  await godwit.until('it is copied', ({ topics }) => topics.some(({ partitions }) => partitions[0]?.position === 10))
  await untilNoProblem(godwit)
  assert.deepEqual(await site.ends('round'), { 0: 20 })
})

test('OPEN_TRANSACTION: the command aborts the transaction, and the records after it are copied', async () => {
  await site.create('held', 1)
  await site.onSource({ do: 'begin', id: 'held' })
  await site.onSource({ do: 'send', id: 'held', topic: 'held', partition: 0, count: 10, label: 'open' })
  await site.produce('held', { count: 10, partition: 0, label: 'behind' })
  using trial = new Trial(site.configuration('open', 'held', 'SOURCE.consumer.isolation.level = read_committed'))
  await using godwit = await trial.start()
  const open = ({ completeness }: FlowStatus) => completeness?.openTransactions ?? []
  const status = await godwit.until('the transaction is reported', (seen) => open(seen).length > 0)
  await trial.type(commandsIn(open(status)[0]?.remedy ?? ''))
  await godwit.until('all is in sync', (seen) => seen.inSync && open(seen).length === 0)
  assert.deepEqual(await site.targetEnds('held'), { 0: 10 })
})

test('STATE_UNREADABLE: the command makes a state topic compacted that was not', async () => {
  await site.create('kept', 1)
  const ends = await site.produce('kept', { count: 10, partition: 0 })
  await site.onTarget({ do: 'create', topic: 'mm2-offsets.Astate.internal', partitions: 25, configs: {} })
  using trial = new Trial(site.configuration('state', 'kept'))
  {
    await using godwit = await trial.start()
    assert.equal(await godwit.exit(), 70, godwit.lastOutput())
    const end = godwit.log.find(({ message }) => message === 'the flow ends')
    assert.equal(end?.['code'], 'STATE_UNREADABLE')
    await trial.type(commandsIn(String(end?.['remedy'])))
  }
  await using godwit = await trial.start()
  await godwit.untilCopied('kept', ends)
  await untilNoProblem(godwit)
})

test("STANDBY: a reset that a working process blocks succeeds when the process's address is given", async () => {
  await site.create('busy', 1)
  using trial = new Trial(site.configuration('busy', 'busy', ...often))
  await using godwit = await trial.start()
  await godwit.untilCopied('busy', await site.produce('busy', { count: 10, partition: 0 }))
  const command = "godwit positions reset mm2.properties --topic '^busy$' --to earliest --execute"
  await assert.rejects(
    trial.type([`${command} --http 127.0.0.1:1`]),
    /runs flow Abusy->Bbusy.*\n *remedy: run this command on that machine or give its address with --http HOST:PORT/,
  )
  await trial.type([command], godwit)
  await godwit.untilCopied('busy', { 0: 10 })
  await untilNoProblem(godwit)
  assert.deepEqual(await site.targetEnds('busy'), { 0: 20 })
})
