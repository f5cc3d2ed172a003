// `godwit positions reset` after topics were deleted and recreated and after the replication policy was changed, during a run and
// before the next one. Java checks the result.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { FlowStatus } from '../../src/model/flow-status.ts'
import { eventually } from '../harness/eventually.ts'
import type { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { assertDone, commandIn, inFolder, soon, startPositions } from './positions-trial.ts'

const trial = await startPositions()
after(() => trial.close())
const { site, fileOf, show, asPrinted, keysOf } = trial

test('a recreated target topic is copied again after the command', async () => {
  await site.create('swapped', 2)
  await site.produce('swapped', { count: 1000, partitions: [0, 1] })
  fileOf('sw', 'swapped')
  await site.copyAll('sw', 'swapped', soon)
  await site.onTarget({ do: 'delete', topic: 'swapped' })
  await untilGone('swapped')
  await site.onTarget({ do: 'create', topic: 'swapped', partitions: 2, configs: {} })
  await using running = await site.godwit('sw', 'swapped', soon)
  const { problem } = await running.untilProblem('TOPIC_RECREATED', 'swapped', 0)
  assert.equal(problem?.message, 'the target topic swapped was deleted and created again')
  assert.match(
    problem?.remedy ?? '',
    /^the records copied before are gone with the old target topic; to copy everything again/,
  )
  assertDone(await asPrinted(commandIn(problem?.remedy), '--http', running.address))
  await running.untilCopied('swapped', { 0: 500, 1: 500 })
  await site.assertEqual('swapped')
})

async function untilGone(topic: string): Promise<void> {
  await eventually(
    () =>
      site.targetEnds(topic).then(
        () => true,
        () => false,
      ),
    (isThere) => !isThere,
  )
}

test('a target topic deleted during a run is copied again by the one command that the problem names', async () => {
  for (const topic of ['lost', 'found']) await site.create(topic, 2)
  await site.produce('lost', { count: 1000, partitions: [0, 1] })
  await site.produce('found', { count: 1000, partitions: [0, 1] })
  fileOf('d', 'lost, found')
  await using running = await site.godwit('d', 'lost, found', soon)
  await running.untilCopied('lost', { 0: 500, 1: 500 })
  await running.untilCopied('found', { 0: 500, 1: 500 })
  await site.onTarget({ do: 'delete', topic: 'lost' })
  await site.produce('lost', { count: 100, partitions: [0, 1], label: 'later' })
  const { problem } = await running.untilProblem('TOPIC_DELETED', 'lost', 0)
  await running.untilProblem('TOPIC_DELETED', 'lost', 1)
  const command = commandIn(problem?.remedy)
  assert.equal(command, "godwit positions reset mm2.properties --flow 'Ad->Bd' --topic '^lost$' --execute")

  const dry = await asPrinted(command.replace(' --execute', ''))
  assertDone(
    dry,
    /lost +0 +\d+ +0 +copied from offset 0 on into the new target topic$/m,
    /nothing was changed; add --execute/,
  )
  const before = running.pid
  assertDone(await asPrinted(command, '--http', running.address), /the running process continues there/)
  await running.untilCopied('lost', { 0: 550, 1: 550 })
  await site.assertEqual('lost')
  await running.untilCopied('found', await site.produce('found', { count: 100, partitions: [0, 1], label: 'later' }))
  await running.untilCopied('lost', await site.produce('lost', { count: 100, partitions: [0, 1], label: 'last' }))
  await site.assertEqual('lost')
  await site.assertEqual('found')
  const status = await running.until('no problem is left', ({ problems }) => problems.length === 0)
  assert.equal(status.state, 'running')
  assert.equal(running.pid, before)
  assert.equal(await running.stop(), 0)
})

/** Deletes and recreates a source topic during a run. Resolves when every partition reports it. */
async function recreateSource(running: GodwitProcess, topic: string): Promise<string> {
  await site.onSource({ do: 'delete', topic })
  await running.untilProblem('UNKNOWN_TOPIC', topic, 0)
  await site.create(topic, 2)
  await site.produce(topic, { count: 40, partitions: [0, 1], label: 'new' })
  const { problem } = await running.untilProblem('TOPIC_RECREATED', topic, 0)
  await running.untilProblem('TOPIC_RECREATED', topic, 1)
  return commandIn(problem?.remedy)
}

test('a recreated source topic is copied after the old records, or alone once the target topic is deleted', async () => {
  for (const topic of ['behind', 'alone']) {
    await site.create(topic, 2)
    await site.produce(topic, { count: 100, partitions: [0, 1], label: 'old' })
  }
  fileOf('c', 'behind, alone')
  await using running = await site.godwit('c', 'behind, alone', soon)
  await running.untilCopied('behind', { 0: 50, 1: 50 })
  await running.untilCopied('alone', { 0: 50, 1: 50 })

  const stays = await recreateSource(running, 'behind')
  const dry = await asPrinted(stays.replace(' --execute', ''))
  assertDone(
    dry,
    /the new topic behind is copied from offset 0 on; records of the old one stay on the target before them/,
  )
  assertDone(await asPrinted(stays, '--http', running.address))
  await running.untilCopied('behind', { 0: 20, 1: 20 })
  assert.deepEqual(await site.targetEnds('behind'), { 0: 70, 1: 70 })
  assert.equal((await keysOf('behind', 1)).filter((key) => key?.startsWith('new')).length, 20)

  const recreated = await recreateSource(running, 'alone')
  await site.onTarget({ do: 'delete', topic: 'alone' })
  await untilGone('alone')
  assertDone(await asPrinted(recreated, '--http', running.address), /the new topic alone is copied from offset 0 on$/m)
  await running.untilCopied('alone', { 0: 20, 1: 20 })
  await site.assertEqual('alone')
})

async function untilRenamed(running: GodwitProcess) {
  const of = ({ problems }: FlowStatus) => problems.find(({ code }) => code === 'TARGET_RENAMED')
  const status = await running.until('TARGET_RENAMED', (seen) => of(seen) !== undefined)
  return of(status)
}

test('after a change of the replication policy both choices are named, and each works', async () => {
  await site.create('named', 1)
  await site.produce('named', { count: 100, partition: 0 })
  const byDefault = 'replication.policy.class = org.apache.kafka.connect.mirror.DefaultReplicationPolicy'
  await site.copyAll('n', 'named', soon)
  fileOf('n', 'named', byDefault)
  const message =
    'the stored positions of source topic named belong to target topic named, the file now names An.named: the replication policy was changed'
  {
    await using running = await site.godwit('n', 'named', soon, byDefault)
    const problem = await untilRenamed(running)
    assert.equal(problem?.message, message)
    assert.equal(
      inFolder(problem?.remedy),
      "to go on in named, write replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy, and start godwit again; or, to copy everything into An.named, run godwit positions reset mm2.properties --flow 'An->Bn' --topic '^named$' --execute",
    )
    // A manual restart of the connector does not start copying halfway through the log.
    await fetch(`http://${running.address}/connectors/MirrorSourceConnector/restart`, { method: 'POST' })
    await untilRenamed(running)
    await assert.rejects(site.targetEnds('An.named'))
    assert.equal(await running.stop(), 0)
  }
  await site.produce('named', { count: 10, partition: 0, label: 'later' })
  await site.copyAll('n', 'named', soon)
  await site.assertEqual('named')

  await using running = await site.godwit('n', 'named', soon, byDefault)
  const problem = await untilRenamed(running)
  assertDone(await show(), /belongs to target topic named, the file now names An\.named/)
  const done = await asPrinted(commandIn(problem?.remedy), '--http', running.address)
  assertDone(done, /copied from offset 0 on into An\.named; what was copied before stays in named/)
  await running.untilCopied('named', { 0: 110 })
  await site.assertEqual('named', { copy: 'An.named' })
  assert.deepEqual(await site.targetEnds('named'), { 0: 110 })
})
