// `godwit positions show | reset` as an operator uses them: while godwit runs and while it does not, after topics were deleted and
// created again, after the replication policy was changed. Java reads what came of it.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { FlowStatus } from '../../src/model/flow-status.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { readOffsets } from '../harness/offsets-oracle.ts'
import { StateTopics } from '../harness/state-topics.ts'
import { eventually } from '../integration/engine/eventually.ts'
import type { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { Site } from '../integration/engine/site.ts'

let site: Site
let folder = ''
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-positions-'))
  site = await Site.start()
})
after(async () => {
  await site[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const soon = 'TARGET.session.timeout.ms = 6000'

/** Writes the file of a flow where `godwit positions` looks for it. */
function fileOf(alias: string, topics: string, ...lines: readonly string[]): void {
  writeFileSync(join(folder, 'mm2.properties'), site.configuration(alias, topics, soon, ...lines))
}

const show = (...words: string[]) => godwit(['positions', 'show', 'mm2.properties', ...words], { cwd: folder })
const reset = (...words: string[]) => godwit(['positions', 'reset', 'mm2.properties', ...words], { cwd: folder })

/** Runs a command line as a message prints it, in a shell's way: quotes around an argument. */
function asPrinted(line: string, ...more: string[]): Promise<Ended> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  assert.equal(words.shift(), 'godwit')
  return godwit([...words, ...more], { cwd: folder })
}

/** A process runs on a copy of the file of this folder; what it prints names that copy. */
const inFolder = (text: string | undefined) => text?.replace(/\S+\/mm2\.properties/, 'mm2.properties') ?? ''
const commandIn = (remedy: string | undefined) =>
  /godwit positions reset .*? --execute/.exec(inFolder(remedy))?.[0] ?? ''

function assertDone({ code, out, err }: Ended, ...words: RegExp[]): void {
  assert.equal(code, 0, `${out}\n${err}`)
  for (const word of words) assert.match(`${out}\n${err}`, word)
}

function assertRefused({ code, out, err }: Ended, expected: number, ...words: RegExp[]): void {
  assert.equal(code, expected, `${out}\n${err}`)
  for (const word of words) assert.match(err, word)
}

/** Cells of a table below its head. */
const cells = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/))

/** What a Connect worker finds in MM2's offsets topic. */
function mm2Offsets(alias: string, topic: string, ...partitions: number[]): Promise<string[]> {
  const places = partitions.map((partition) => ({
    ...{ connector: 'MirrorSourceConnector', cluster: `A${alias}`, topic, partition },
  }))
  return readOffsets(site.target.bootstrap, `mm2-offsets.A${alias}.internal`, places)
}

const keysOf = async (topic: string, partition = 0) =>
  (await site.read(site.target, topic, partition)).map(({ key }) => key)
const numbered = (label: string, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `${label}-${from + i}`)

test('show tells what is stored of each partition, as a table and for programs; MM2 has the same place', async () => {
  fileOf('s', 'shown, quiet')
  await site.create('shown', 2)
  await site.create('quiet', 1)
  assertDone(await show(), /quiet +0 .*nothing is stored: it is new to the flow/)
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

test('a target topic that somebody deleted and created again is copied again by the command, too', async () => {
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

test('a target topic that was deleted while godwit runs is copied again by the one command that the problem names', async () => {
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
  assertDone(await asPrinted(command, '--http', running.address), /the process that works on the flow goes on there/)
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

/** A topic of the source is deleted and created again under a running godwit; resolves once every partition says so. */
async function recreateSource(running: GodwitProcess, topic: string): Promise<string> {
  await site.onSource({ do: 'delete', topic })
  await running.untilProblem('UNKNOWN_TOPIC', topic, 0)
  await site.create(topic, 2)
  await site.produce(topic, { count: 40, partitions: [0, 1], label: 'new' })
  const { problem } = await running.untilProblem('TOPIC_RECREATED', topic, 0)
  await running.untilProblem('TOPIC_RECREATED', topic, 1)
  return commandIn(problem?.remedy)
}

test('a source topic that was created again is copied behind the records of the old one, or alone when the target topic is deleted first', async () => {
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

  const anew = await recreateSource(running, 'alone')
  await site.onTarget({ do: 'delete', topic: 'alone' })
  await untilGone('alone')
  assertDone(await asPrinted(anew, '--http', running.address), /the new topic alone is copied from offset 0 on$/m)
  await running.untilCopied('alone', { 0: 20, 1: 20 })
  await site.assertEqual('alone')
})

test('while nobody works on the flow the stores are changed from here: the next start begins exactly there, whatever auto.offset.reset says', async () => {
  await site.create('moved', 1)
  await site.produce('moved', { count: 100, partition: 0, label: 'r' })
  const latest = 'SOURCE.consumer.auto.offset.reset = latest'
  fileOf('m', 'moved', latest)
  await site.copyAll('m', 'moved', soon)
  assert.equal((await keysOf('moved')).length, 100)

  const dry = await reset('--topic', 'moved', '--to', '40')
  assertDone(dry, /60 offsets are copied again: their records are duplicated on the target/, /nothing was changed/)
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['99'])
  assertDone(await reset('--topic', 'moved', '--to', '40', '--execute'), /the next start goes on there/)
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['39'])
  assertDone(await show(), /moved +0 +40 +- +39 +100 +- .*copying is to begin here/)
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

  // Forgotten: as a new partition, by the start rules.
  assertDone(await reset('--topic', 'moved', '--execute'), /moved +0 +150 +150 +continues at the same offset/)
  assert.deepEqual(await mm2Offsets('m', 'moved', 0), ['none'])
  assertDone(await show(), /nothing is stored: it is new to the flow/)
  await site.copyAll('m', 'moved', soon, latest)
  assert.equal((await keysOf('moved')).length, 260)
  fileOf('m', 'moved')
  assertDone(await reset('--execute'), /moved +0 +150 +0 +150 offsets are copied again/)
  await site.copyAll('m', 'moved', soon)
  assert.equal((await keysOf('moved')).length, 410)
})

test('an offset outside the log is refused, a time is the first record from then on, single partitions are moved', async () => {
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

test('a process that works on the flow and cannot be reached is named, and nothing is changed', async () => {
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
    /process \d+ on \S+ .*works on flow Ah->Bh, and cannot be asked at 127\.0\.0\.1:1/,
    /--http HOST:PORT/,
  )
  assert.match(refused.err, new RegExp(`process ${running.pid} on `))
  await running.untilCopied('held', await site.produce('held', { count: 10, partition: 0 }))
  await site.assertEqual('held')
  const status = await running.status()
  assert.equal(status?.state, 'running')
})

test('a paused flow stays paused over a reset, and goes on at the new place when it is resumed', async () => {
  await site.create('paused', 1)
  await site.produce('paused', { count: 100, partition: 0, label: 'r' })
  fileOf('p', 'paused')
  await using running = await site.godwit('p', 'paused', soon)
  await running.untilCopied('paused', { 0: 100 })
  const connector = `http://${running.address}/connectors/MirrorSourceConnector`
  await fetch(`${connector}/pause`, { method: 'PUT' })
  await running.until('it stands still', ({ halted }) => halted?.MirrorSourceConnector === 'paused')
  assertDone(await reset('--to', '90', '--execute', '--http', running.address))
  const status = await running.status()
  assert.equal(status?.halted?.MirrorSourceConnector, 'paused')
  assert.deepEqual(await site.targetEnds('paused'), { 0: 100 })
  await fetch(`${connector}/resume`, { method: 'PUT' })
  await running.untilCopied('paused', { 0: 100 })
  assert.deepEqual((await keysOf('paused')).slice(100), numbered('r', 90, 100))
})

test('a godwit that is started while positions are reset begins at the new place', async () => {
  await site.create('raced', 1)
  await site.produce('raced', { count: 10, partition: 0, label: 'r' })
  fileOf('r', 'raced')
  await site.copyAll('r', 'raced', soon)
  let expected = 10
  for (let round = 0; round < 4; round++) {
    const resetting = reset('--to', '7', '--execute')
    await new Promise((resolve) => setTimeout(resolve, round * 400))
    await using running = await site.godwit('r', 'raced', soon)
    const ended = await resetting
    if (ended.code === 75) {
      // It began before the command could: that is told, and the command is run again.
      assertDone(await reset('--to', '7', '--execute', '--http', running.address))
    } else assertDone(ended)
    expected += 3
    await running.until('all of it is copied', ({ topics }) => topics[0]?.partitions[0]?.position === 10)
    assert.equal(await running.stop(), 0)
    assert.deepEqual(await site.targetEnds('raced'), { 0: expected })
  }
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
    // Trying again by hand does not begin in the middle.
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

test('a record of the positions topic that cannot be read ends the flow, and the command that it names takes it away', async () => {
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
  assertDone(await show(), /is no position of godwit/)
  assertDone(await asPrinted(command.replace(' --execute', ' --to 10 --execute')))
  await site.produce('garbled', { count: 10, partition: 0, label: 'later' })
  await site.copyAll('g', 'garbled', soon)
  await site.assertEqual('garbled')
})

test("offsets are altered and reset through Connect's REST on a stopped connector, and copying goes on there", async () => {
  await site.create('rested', 2)
  await site.produce('rested', { count: 200, partitions: [0, 1], label: 'r' })
  fileOf('c2', 'rested')
  await using running = await site.godwit('c2', 'rested', soon)
  await running.untilCopied('rested', { 0: 100, 1: 100 })
  const connector = `http://${running.address}/connectors/MirrorSourceConnector`
  const stop = async () => {
    await fetch(`${connector}/stop`, { method: 'PUT' })
    await running.until('it stands still', ({ halted }) => halted?.MirrorSourceConnector === 'stopped')
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
