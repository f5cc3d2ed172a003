// `godwit positions show | reset` during a run and without one. Java checks the result.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { letPass } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { StateTopics } from '../harness/state-topics.ts'
import { assertDone, assertRefused, cells, commandIn, numbered, soon, startPositions } from './positions-trial.ts'

const trial = await startPositions()
after(() => trial.close())
const { site, folder, fileOf, show, reset, asPrinted, mm2Offsets, keysOf } = trial

test('show prints what is stored for each partition, as a table and as JSON; MM2 has the same offset', async () => {
  fileOf('s', 'shown, quiet')
  await site.create('shown', 2)
  await site.create('quiet', 1)
  assertDone(await show(), /quiet +0 .*no position is stored: it is new to the flow/)
  await site.produce('shown', { count: 100, partition: 0 })
  await site.produce('shown', { count: 30, partition: 1 })
  await site.copyAll('s', 'shown, quiet', soon)
  await site.produce('shown', { count: 5, partition: 1, label: 'later' })

  const { out } = await show('--topic', '^shown$')
  const rows = cells(out).map((row) => [...row.slice(0, 7), row[8]?.replace(/^.* ago$/, 'ago')])
  assert.deepEqual(rows, [
    ['shown', '0', '100', '100', '99', '100', '0..0', 'ago'],
    ['shown', '1', '30', '30', '29', '35', '0..0', 'ago'],
  ])
  assert.deepEqual(await mm2Offsets('s', 'shown', 0, 1), ['99', '29'])
  const json = JSON.parse((await show('--output', 'json', '--partition', '1', '--topic', 'shown')).out) as {
    partitions: Record<string, unknown>[]
  }
  assert.equal(json.partitions.length, 1)
  const { position, ...rest } = json.partitions[0] as { position: Record<string, unknown> }
  assert.deepEqual(rest, {
    ...{ topic: 'shown', partition: 1, targetTopic: 'shown', next: 30, beginning: null, mm2Offset: 29 },
    ...{ map: { entries: 1, from: 0, to: 0 }, sourceStart: 0, sourceEnd: 35 },
    ...{ sourceStanding: 'same', targetStanding: 'same', otherTargetTopic: null, note: '' },
  })
  assert.deepEqual([position['sourceNext'], position['targetNext']], [30, 30])
  assertRefused(await show('--topic', 'shwn'), 64, /there is no topic of cluster As .* shwn; did you mean shown\?/)
})

test('without a process on the flow, a reset writes the stores; the next run starts exactly there', async () => {
  await site.create('moved', 1)
  await site.produce('moved', { count: 100, partition: 0, label: 'r' })
  const latest = 'SOURCE.consumer.auto.offset.reset = latest'
  fileOf('m', 'moved', latest)
  await site.copyAll('m', 'moved', soon)
  assert.equal((await keysOf('moved')).length, 100)

  const dry = await reset('--topic', 'moved', '--to', '40')
  assertDone(dry, /60 offsets are copied again: their records are duplicated on the target/, /nothing was changed/)
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['99'])
  assertDone(await reset('--topic', 'moved', '--to', '40', '--execute'), /the next start continues there/)
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['39'])
  assertDone(await show(), /moved +0 +40 +- +39 +100 +- .*copying will start here/)
  await site.copyAll('m', 'moved', soon, latest)
  assert.deepEqual((await keysOf('moved')).slice(100), numbered('r', 40, 100))

  assertDone(await reset('--to', 'earliest', '--execute'))
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['none'])
  await site.copyAll('m', 'moved', soon, latest)
  assert.deepEqual((await keysOf('moved')).slice(160), numbered('r', 0, 100))

  await site.produce('moved', { count: 50, partition: 0, label: 'late' })
  assertDone(await reset('--to', 'latest', '--execute'), /50 offsets are left out: their records are never copied/)
  await site.copyAll('m', 'moved', soon)
  assert.equal((await keysOf('moved')).length, 260)

  // Without a stored position the partition starts by the rules for new partitions.
  assertDone(await reset('--topic', 'moved', '--execute'), /moved +0 +150 +150 +continues at the same offset/)
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['none'])
  assertDone(await show(), /no position is stored: it is new to the flow/)
  await site.copyAll('m', 'moved', soon, latest)
  assert.equal((await keysOf('moved')).length, 260)
  fileOf('m', 'moved')
  assertDone(await reset('--execute'), /moved +0 +150 +0 +150 offsets are copied again/)
  await site.copyAll('m', 'moved', soon)
  assert.equal((await keysOf('moved')).length, 410)
})

test('an offset outside the log is refused, a time means the next record, and one partition can be reset', async () => {
  await site.create('timed', 2)
  const time = Date.parse('2026-01-01T00:00:00Z')
  await site.produce('timed', { count: 200, partitions: [0, 1], time, step: 1000 })
  fileOf('t', 'timed')
  await site.copyAll('t', 'timed', soon)
  const far = await reset('--to', '101', '--execute')
  assertRefused(far, 64, /offset 101 is outside the log on cluster At of timed-0 \(0 to 100\), timed-1 \(0 to 100\)/)
  assertRefused(await reset('--to', 'yesterday'), 64, /--to yesterday is neither an offset nor a time/)
  assertRefused(await reset('--partition', '7'), 64, /timed has no such partition\s+remedy: there are 0, 1/)
  assertDone(
    await reset('--partition', '1', '--to', '2026-01-01T00:01:40Z', '--execute'),
    /timed +1 +100 +50 +50 offsets/,
  )
  assert.deepEqual(await mm2Offsets('t', 'timed', 0, 1), ['99', '49'])
  await site.copyAll('t', 'timed', soon)
  assert.deepEqual(await site.targetEnds('timed'), { 0: 100, 1: 150 })
})

test('an unreachable process that works on the flow is named, and nothing is changed', async () => {
  await site.create('held', 1)
  await site.produce('held', { count: 10, partition: 0 })
  fileOf('h', 'held')
  await using running = await site.godwit('h', 'held', soon)
  await running.untilCopied('held', { 0: 10 })
  await running.until('the position is written', ({ work }) => work !== undefined)
  const refused = await reset('--execute', '--http', '127.0.0.1:1')
  assertRefused(
    refused,
    75,
    /process \d+ on \S+ .*runs flow Ah->Bh, and the request to 127\.0\.0\.1:1 failed/,
    /--http HOST:PORT/,
  )
  assert.match(refused.err, new RegExp(`process ${running.pid} on `))
  await running.untilCopied('held', await site.produce('held', { count: 10, partition: 0 }))
  await site.assertEqual('held')
  const status = await running.status()
  assert.equal(status?.state, 'running')
})

test('a paused flow stays paused over a reset, and continues at the new position after a resume', async () => {
  await site.create('paused', 1)
  await site.produce('paused', { count: 100, partition: 0, label: 'r' })
  fileOf('p', 'paused')
  await using running = await site.godwit('p', 'paused', soon)
  await running.untilCopied('paused', { 0: 100 })
  const connector = `http://${running.address}/connectors/MirrorSourceConnector`
  await fetch(`${connector}/pause`, { method: 'PUT' })
  await running.until('the connector is halted', ({ halted }) => halted?.MirrorSourceConnector === 'paused')
  assertDone(await reset('--to', '90', '--execute', '--http', running.address))
  const status = await running.status()
  assert.equal(status?.halted?.MirrorSourceConnector, 'paused')
  assert.deepEqual(await site.targetEnds('paused'), { 0: 100 })
  await fetch(`${connector}/resume`, { method: 'PUT' })
  await running.untilCopied('paused', { 0: 100 })
  assert.deepEqual((await keysOf('paused')).slice(100), numbered('r', 90, 100))
})

test('a godwit that is started while positions are reset starts at the new position', async () => {
  await site.create('raced', 1)
  await site.produce('raced', { count: 10, partition: 0, label: 'r' })
  fileOf('r', 'raced')
  await site.copyAll('r', 'raced', soon)
  let expected = 10
  for (let round = 0; round < 4; round++) {
    const resetting = reset('--to', '7', '--execute')
    // In each round it starts at another moment of the command.
    await letPass(round * 400)
    await using running = await site.godwit('r', 'raced', soon)
    const ended = await resetting
    if (ended.code === 75) {
      // It started before the command could take the flow. The command reports that, and is run again.
      assertDone(await reset('--to', '7', '--execute', '--http', running.address))
    } else assertDone(ended)
    expected += 3
    await running.until('all of it is copied', ({ topics }) => topics[0]?.partitions[0]?.position === 10)
    assert.equal(await running.stop(), 0)
    assert.deepEqual(await site.targetEnds('raced'), { 0: expected })
  }
})

test('an unreadable record of the positions topic ends the flow, and the named command deletes it', async () => {
  await site.create('garbled', 1)
  await site.produce('garbled', { count: 10, partition: 0 })
  fileOf('g', 'garbled')
  await site.copyAll('g', 'garbled', soon)
  const topic = 'mm2-godwit-positions.Ag.internal'
  {
    await using state = new StateTopics(site.target)
    const junk = (key: string) => ({ key: Buffer.from(key), value: Buffer.from('junk'), partition: 0 })
    await state.log(topic).append([junk('["garbled",0]')])
  }
  const failed = await godwit(['run', 'mm2.properties', '--http', 'off', '--until', 'in-sync'], { cwd: folder })
  assert.equal(failed.code, 70)
  const command = commandIn(failed.err)
  assert.equal(command, "godwit positions reset mm2.properties --topic '^garbled$' --partition 0 --execute")
  assertDone(await show(), /is not a godwit position/)
  assertDone(await asPrinted(command.replace(' --execute', ' --to 10 --execute')))
  await site.produce('garbled', { count: 10, partition: 0, label: 'later' })
  await site.copyAll('g', 'garbled', soon)
  await site.assertEqual('garbled')
})

test('copying continues at offsets that were altered or reset over REST on a stopped connector', async () => {
  await site.create('rested', 2)
  await site.produce('rested', { count: 200, partitions: [0, 1], label: 'r' })
  fileOf('c2', 'rested')
  await using running = await site.godwit('c2', 'rested', soon)
  await running.untilCopied('rested', { 0: 100, 1: 100 })
  const connector = `http://${running.address}/connectors/MirrorSourceConnector`
  const stop = async () => {
    await fetch(`${connector}/stop`, { method: 'PUT' })
    await running.until('the connector is halted', ({ halted }) => halted?.MirrorSourceConnector === 'stopped')
  }
  await stop()
  const partition = { cluster: 'Ac2', partition: 1, topic: 'rested' }
  const body = JSON.stringify({ offsets: [{ partition, offset: { offset: 89 } }] })
  const headers = { 'content-type': 'application/json' }
  const altered = await fetch(`${connector}/offsets`, { method: 'PATCH', body, headers })
  assert.deepEqual(
    [altered.status, await altered.json()],
    [200, { message: 'The offsets for this connector have been altered successfully' }],
  )
  assert.deepEqual(await mm2Offsets('c2', 'rested', 0, 1), ['99', '89'])
  await fetch(`${connector}/resume`, { method: 'PUT' })
  await running.untilCopied('rested', { 0: 100, 1: 100 })
  assert.deepEqual(await site.targetEnds('rested'), { 0: 100, 1: 110 })

  await stop()
  assert.equal((await fetch(`${connector}/offsets`, { method: 'DELETE' })).status, 200)
  await fetch(`${connector}/resume`, { method: 'PUT' })
  await running.untilCopied('rested', { 0: 100, 1: 100 })
  assert.deepEqual(await site.targetEnds('rested'), { 0: 200, 1: 210 })
})
