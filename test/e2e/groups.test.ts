// `godwit groups describe | translate | sync` between two real clusters while no godwit runs: their output, what they write, and
// what they refuse.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { godwit } from '../harness/godwit.ts'
import { assertRefused, cells, committedOnly, epoch, json, type Rows, startGroups, topics } from './groups-trial.ts'

const trial = await startGroups()
after(() => trial.close())
const { site, file, written, onSource, onTarget, committedOnTarget, groupsOf } = trial

/** The target offset of the first visible record at or after each source offset, found by comparing values. */
async function placesOf(topic: string, offsets: readonly number[]): Promise<number[]> {
  const [source, target] = await Promise.all([
    site.read(site.source, topic, 0, 'read_committed'),
    site.read(site.target, topic, 0),
  ])
  const end = (target.at(-1)?.offset ?? -1) + 1
  return offsets.map((offset) => {
    const first = source.find((one) => one.offset >= offset)
    return target.find(({ value }) => value === first?.value)?.offset ?? end
  })
}

test("describe shows both sides: lag on the source, the translated offset, and the target's offset", async () => {
  await onTarget({ do: 'commit', group: 'shipping', offsets: { 'orders-0': 150 } })
  const { out, code } = await groupsOf('describe')
  assert.equal(code, 0)
  assert.deepEqual(cells(out), [
    ['billing', 'orders', '0', '60', '140', '60', '-', 'nothing committed on the target'],
    ['billing', 'orders', '1', '80', '120', '80', '-', 'nothing committed on the target'],
    ['billing', 'private', '0', '0', '0', '-', '-', 'the flow does not copy its topic'],
    ['idle', 'orders', '0', '200', '0', '200', '-', 'nothing committed on the target'],
    ['idle', 'orders', '1', '200', '0', '200', '-', 'nothing committed on the target'],
    ['shipping', 'orders', '0', '200', '0', '200', '150', '50 behind on the target'],
    ['shipping', 'turns', '0', '11', '33', '10', '-', 'nothing committed on the target'],
  ])
  const { partitions } = await json<Rows>(groupsOf('describe', '--group', 'shipping', '--output', 'json'))
  assert.equal(partitions.length, 2)
  const { checkpoint, ...row } = partitions[0] ?? {}
  assert.ok(checkpoint)
  assert.deepEqual(row, {
    ...{ group: 'shipping', topic: 'orders', partition: 0, targetTopic: 'orders', committed: 200, sourceEnd: 200 },
    ...{ lag: 0, translated: 200, how: 'noted', note: '', targetCommitted: 150, standing: 'behind' },
  })
})

test("describe of one cluster prints the table of Kafka's tool, or everything as JSON", async () => {
  const { out, err, code } = await groupsOf('describe', '--cluster', 'Bg', '--group', 'shipping')
  assert.equal(code, 0)
  assert.match(
    out,
    /^\nGROUP +TOPIC +PARTITION {2}CURRENT-OFFSET {2}LOG-END-OFFSET {2}LAG .*\nshipping +orders +0 +150 +200 +50 /,
  )
  assert.match(err, /Consumer group 'shipping' has no active members\./)
  const found = await json<{ cluster: string; groups: { group: string; state: string; offsets: object[] }[] }>(
    groupsOf('describe', '--cluster', 'Ag', '--all-groups', '--output', 'json'),
  )
  assert.equal(found.cluster, 'Ag')
  assert.deepEqual(
    found.groups.map(({ group, state, offsets }) => [group, state, offsets.length]),
    [
      ['billing', 'Empty', 3],
      ['idle', 'Empty', 2],
      ['shipping', 'Empty', 2],
    ],
  )
})

test('describe shows state and members of both sides one after the other', async () => {
  const { out } = await groupsOf('describe', '--state', '--group', 'shipping')
  assert.match(out, /^Ag:\n\nGROUP +COORDINATOR[\s\S]*\nshipping [\s\S]*\nBg:\n\nGROUP +COORDINATOR[\s\S]*\nshipping /)
})

test('describe --watch runs until it is stopped, and then exits with 0', async () => {
  const child = spawn(join(import.meta.dirname, '../../bin/godwit'), ['groups', 'describe', file, '--watch'])
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  assert.match(String(first), /GROUP +TOPIC/)
  assert.equal(child.exitCode, null)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('an unknown group, cluster or flow is answered with the nearest name and all existing names', async () => {
  assertRefused(
    await groupsOf('describe', '--group', 'biling'),
    64,
    /no group on cluster Ag: biling; did you mean billing\?/,
    /billing, idle, shipping/,
  )
  assertRefused(
    await groupsOf('describe', '--cluster', 'Ahg'),
    64,
    /no cluster Ahg; did you mean Ag\?/,
    /there are Ag, Bg/,
  )
  assertRefused(await groupsOf('describe', '--flow', 'origin->Bg'), 64, /no flow origin->Bg/, /Ag->Bg/)
  assertRefused(await groupsOf('translate', '--group', 'nobody'), 64, /no group on cluster Ag: nobody/)
  assertRefused(await groupsOf('sync', '--group', 'shiping'), 64, /did you mean shipping\?/)
  assertRefused(await groupsOf('describe', '--members', '--state'), 64, /--members and --state exclude each other/)
  assertRefused(await groupsOf('describe', '--group', 'idle', '--all-groups'), 64, /exclude each other/)
})

test('translate returns each offset exactly, with the checkpoint, despite transactions on the source', async () => {
  const offsets = [0, 10, 11, 15, 22, 44]
  const places = await placesOf('turns', offsets)
  for (const [at, offset] of offsets.entries()) {
    const one = groupsOf(
      'translate',
      '--topic',
      'turns',
      '--partition',
      '0',
      '--offset',
      `${offset}`,
      '--output',
      'json',
    )
    assert.equal((await json<Rows>(one)).partitions[0]?.['translated'], places[at], `offset ${offset}`)
  }
  const { out, code } = await groupsOf('translate', '--group', 'shipping')
  assert.equal(code, 0)
  assert.deepEqual(cells(out), [
    ['shipping', 'orders', 'orders', '0', '200', '0', '200', '200 -> 200'],
    ['shipping', 'turns', 'turns', '0', '11', '33', '10', '11 -> 10'],
  ])
})

test('translate refuses incomplete arguments', async () => {
  assertRefused(await groupsOf('translate'), 64, /no groups are given/, /--group GROUP/)
  assertRefused(await groupsOf('translate', '--offset', '3'), 64, /--topic TOPIC --partition P --offset N/)
  assertRefused(
    await groupsOf('translate', '--topic', 'orders', '--partition', 'x', '--offset', '3'),
    64,
    /--partition must be a number/,
  )
  assertRefused(
    await groupsOf('translate', '--topic', 'order', '--partition', '0', '--offset', '3'),
    64,
    /no topic on cluster Ag: order; did you mean orders\?/,
  )
})

test('sync prints what it would write, and writes it only with --execute; it never moves a group back', async () => {
  await onTarget({ do: 'commit', group: 'idle', offsets: { 'orders-0': 200, 'orders-1': 150 } })
  await onSource({ do: 'commit', group: 'idle', offsets: { 'orders-0': 100, 'orders-1': 200 } })
  const dry = await groupsOf('sync', '--group', 'idle', 'billing')
  assert.equal(dry.code, 0)
  assert.match(dry.err, /nothing was changed; add --execute/)
  assert.deepEqual(cells(dry.out), [
    ['billing', 'orders', '0', '60', '60', '-', 'to write'],
    ['billing', 'orders', '1', '80', '80', '-', 'to write'],
    ['billing', 'private', '0', '0', '-', '-', 'outside', 'the flow does not copy its topic'],
    ['idle', 'orders', '0', '100', '100', '200', 'kept', 'it is ahead on the target: 200 instead of 100'],
    ['idle', 'orders', '1', '200', '200', '150', 'to write'],
  ])
  assert.deepEqual(await committedOnTarget('idle'), { 'orders-0': 200, 'orders-1': 150 })
  const done = await json<Rows & { executed: boolean }>(
    groupsOf('sync', '--group', 'idle', '--execute', '--output', 'json'),
  )
  assert.equal(done.executed, true)
  assert.deepEqual(
    done.partitions.map(({ result, before }) => [result, before]),
    [
      ['kept', 200],
      ['written', 150],
    ],
  )
  assert.deepEqual(await committedOnTarget('idle'), { 'orders-0': 200, 'orders-1': 200 })
})

test('sync and reset do not change a group with active members, and name the members', async () => {
  await onTarget({ do: 'join', id: 'm', group: 'billing', client: 'invoice-printer', topics: ['orders'] })
  try {
    const synced = await groupsOf('sync', '--group', 'billing', '--execute')
    assert.equal(synced.code, 1)
    assert.match(synced.out, /active +active on the target: client invoice-printer on host /)
    const reset = await groupsOf(
      'reset',
      '--cluster',
      'Bg',
      '--group',
      'billing',
      '--topic',
      'orders',
      '--to-earliest',
      '--execute',
    )
    assert.equal(reset.code, 1)
    assert.match(
      reset.out,
      /\nError: Assignments can only be reset if the group 'billing' is inactive, but the current state is \w+\.\n/,
    )
    assert.match(reset.err, /stop invoice-printer on /)
    assert.deepEqual(await committedOnTarget('billing'), {})
  } finally {
    await onTarget({ do: 'leave', id: 'm' })
  }
})

test('records copied after the last stored position are found by comparing both logs', async () => {
  // Equal records on both sides, as after a kill of godwit before it stores its position.
  const same = { topic: 'refunds', count: 50, partitions: [0], time: epoch, step: 10, label: 'same' }
  await Promise.all([site.onSource({ do: 'produce', ...same }), site.onTarget({ do: 'produce', ...same })])
  await onSource({ do: 'commit', group: 'newest', offsets: { 'refunds-0': 20 } })
  const { partitions } = await json<Rows>(groupsOf('translate', '--group', 'newest', '--output', 'json'))
  assert.deepEqual([partitions[0]?.['translated'], partitions[0]?.['how']], [20, 'compared'])
  const offsets = await json<Rows>(godwit(['offsets', file, '--topic', 'refunds', '--output', 'json']))
  assert.deepEqual(offsets.partitions[0]?.['copied'], { upstream: 50, downstream: 50, by: 'logs' })
})

test('without godwit state both logs are compared; under another alias its checkpoints are mentioned', async () => {
  const offsets = [5, 11, 15, 44]
  const places = await placesOf('turns', offsets)
  const renamed = written('renamed.properties', site.configuration('-cluster', topics, committedOnly))
  for (const [at, offset] of offsets.entries()) {
    const words = ['--topic', 'turns', '--partition', '0', '--offset', `${offset}`, '--output', 'json']
    const { partitions } = await json<Rows>(godwit(['groups', 'translate', renamed, ...words]))
    assert.equal(partitions[0]?.['translated'], places[at], `offset ${offset}`)
    assert.equal(partitions[0]?.['how'], 'compared')
  }
  const { out, code } = await godwit(['groups', 'translate', renamed, '--group', 'shipping'])
  assert.equal(code, 0)
  assert.match(out, /no checkpoints of A-cluster on B-cluster, but of Ag/)
  await site.produce('orders', { count: 4, partitions: [0], label: 'late' })
  await onSource({ do: 'commit', group: 'ahead', offsets: { 'orders-0': 203 } })
  const ahead = await json<Rows>(godwit(['groups', 'translate', renamed, '--group', 'ahead', '--output', 'json']))
  assert.deepEqual([ahead.partitions[0]?.['how'], ahead.partitions[0]?.['translated']], ['ahead', 200])
  const state = (await site.onTarget<string[]>({ do: 'topics' })).filter((name) => name.includes('-cluster'))
  assert.deepEqual(state, [], 'the command creates no topics')
})
