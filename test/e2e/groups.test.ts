// `godwit groups describe | translate | sync | reset` between two real clusters, as an operator uses them while no godwit runs: what
// they print, what they write, and how they refuse.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Ended, godwit } from '../harness/godwit.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

const [site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
const folder = mkdtempSync(join(tmpdir(), 'godwit-groups-'))
after(async () => {
  await Promise.all([site[Symbol.asyncDispose](), groups.close()])
  rmSync(folder, { recursive: true, force: true })
})

type Offsets = Record<string, number>
type Rows = { readonly partitions: readonly Record<string, unknown>[] }

const onSource = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.source.bootstrap, ...request })
const onTarget = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.target.bootstrap, ...request })
const onTargetHas = (group: string) => onTarget<Offsets>({ do: 'committed', group })

function written(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

/** One second apart from a time that stays. */
const epoch = Date.now() - 3_600_000
const topics = 'orders, turns, refunds'
const committedOnly = 'SOURCE.consumer.isolation.level = read_committed'
await site.create('orders', 2)
await site.create('turns', 1)
await site.create('refunds', 1)
await site.create('private', 1)
await site.produce('orders', { count: 400, partitions: [0, 1], time: epoch, step: 1000 })
for (let i = 0; i < 4; i++) {
  await site.onSource({ do: 'begin', id: 'tx' })
  await site.onSource({ do: 'send', id: 'tx', topic: 'turns', partition: 0, count: 10, label: `t${i}` })
  await site.onSource({ do: 'end', id: 'tx', how: i % 2 === 1 ? 'abort' : 'commit' })
}
await onSource({ do: 'commit', group: 'billing', offsets: { 'orders-0': 60, 'orders-1': 80, 'private-0': 0 } })
await onSource({ do: 'commit', group: 'shipping', offsets: { 'orders-0': 200, 'turns-0': 11 } })
await onSource({ do: 'commit', group: 'idle', offsets: { 'orders-0': 200, 'orders-1': 200 } })
await site.copyAll('g', topics, committedOnly)
const file = written('mm2.properties', site.configuration('g', topics, committedOnly))

const groupsOf = (command: string, ...words: string[]): Promise<Ended> => godwit(['groups', command, file, ...words])

async function json<T>(ended: Promise<Ended>): Promise<T> {
  const { out, err, code } = await ended
  assert.ok(out.startsWith('{') || out.startsWith('['), `${code}: ${err}`)
  return JSON.parse(out) as T
}

/** Cells of the lines of a table below its head. */
const cells = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/ {2,}/))

function assertRefused({ code, out, err }: Ended, expected: number, ...words: RegExp[]): void {
  assert.equal(code, expected, err)
  assert.equal(out, '')
  for (const word of words) assert.match(err, word)
}

/** Target offset of the first visible record at or behind each source offset, by their values. */
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

test('describe shows both sides: lag on the source, the translated offset, and what the target has', async () => {
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

test('describe of one cluster is the table of Kafka’s tool, or all of it as JSON', async () => {
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

test('describe --watch goes on until it is stopped, and then ends well', async () => {
  const child = spawn(join(import.meta.dirname, '../../bin/godwit'), ['groups', 'describe', file, '--watch'])
  const [first] = (await once(child.stdout, 'data')) as [Buffer]
  assert.match(String(first), /GROUP +TOPIC/)
  assert.equal(child.exitCode, null)
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'close'), [0, null])
})

test('a group, cluster or flow that does not exist is answered with the nearest and all there are', async () => {
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

test('translate tells each offset to the record, beside the checkpoint, whatever transactions left on the source', async () => {
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

test('translate refuses half a question', async () => {
  assertRefused(await groupsOf('translate'), 64, /which groups is not said/, /--group GROUP/)
  assertRefused(await groupsOf('translate', '--offset', '3'), 64, /--topic TOPIC --partition P --offset N/)
  assertRefused(
    await groupsOf('translate', '--topic', 'orders', '--partition', 'x', '--offset', '3'),
    64,
    /--partition is a number/,
  )
  assertRefused(
    await groupsOf('translate', '--topic', 'order', '--partition', '0', '--offset', '3'),
    64,
    /no topic on cluster Ag: order; did you mean orders\?/,
  )
})

test('sync says what it would write, and writes it only when told to; it never moves a group back', async () => {
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
  assert.deepEqual(await onTargetHas('idle'), { 'orders-0': 200, 'orders-1': 150 })
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
  assert.deepEqual(await onTargetHas('idle'), { 'orders-0': 200, 'orders-1': 200 })
})

test('sync and reset leave a group alone that somebody is in, and say who', async () => {
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
    assert.deepEqual(await onTargetHas('billing'), {})
  } finally {
    await onTarget({ do: 'leave', id: 'm' })
  }
})

test('reset writes to the very record where the group stands on the source, and as a dry run nothing', async () => {
  const words = ['--cluster', 'Bg', '--group', 'billing', '--to-translated']
  const dry = await groupsOf('reset', ...words)
  assert.equal(dry.code, 0)
  assert.match(dry.err, /private-0 is left out: the flow does not copy its topic/)
  assert.match(dry.err, /nothing was changed; add --execute/)
  assert.deepEqual(await onTargetHas('billing'), {})
  const done = await groupsOf('reset', ...words, '--execute')
  assert.equal(done.code, 0, done.err)
  assert.deepEqual(await onTargetHas('billing'), { 'orders-0': 60, 'orders-1': 80 })
})

test('reset suggests the time at which nothing is skipped, and says why', async () => {
  const words = ['--cluster', 'Bg', '--group', 'fresh', '--all-topics', '--to-datetime', 'suggest']
  await onSource({ do: 'commit', group: 'fresh', offsets: { 'orders-0': 60, 'orders-1': 80 } })
  const { out, err, code } = await groupsOf('reset', ...words)
  assert.equal(code, 0, err)
  // Records of orders-0 are 2 s apart: the 60th of it is of the 120th second.
  assert.match(err, new RegExp(`--to-datetime ${new Date(epoch + 120_000).toISOString()} skips nothing`))
  assert.match(err, /at offset 60 of orders-0 of cluster Ag/)
  assert.match(err, /--all-topics means the 3 topics that the flow copies/)
  assert.match(out, /\nfresh +orders +0 +60\nfresh +orders +1 +60\n/)
  const { groups: found } = await json<{ groups: { suggestion: { again: number; at: string }; result: string }[] }>(
    groupsOf('reset', ...words, '--output', 'json'),
  )
  assert.deepEqual([found[0]?.result, found[0]?.suggestion.again], ['planned', 20])
})

test('reset takes the topics that the group has on the source', async () => {
  const words = ['--cluster', 'Bg', '--group', 'fresh', '--topics-from', 'Ag', '--to-earliest', '--export']
  const { out, code } = await groupsOf('reset', ...words)
  assert.equal(code, 0)
  assert.equal(out, 'orders,0,0\norders,1,0\n\n')
})

test('reset by a plan from a file writes that, on either cluster', async () => {
  const plan = written('plan.csv', 'orders,0,7\norders,1,5000\n')
  const done = await groupsOf('reset', '--cluster', 'Ag', '--group', 'planned', '--from-file', plan, '--execute')
  assert.equal(done.code, 0, done.err)
  assert.match(done.err, /5000 is beyond the end of orders-1: 200 is used/)
  assert.deepEqual(await onSource<Offsets>({ do: 'committed', group: 'planned' }), { 'orders-0': 7, 'orders-1': 200 })
})

test('reset refuses what is not said clearly, with what to type', async () => {
  const reset = (...words: string[]) => groupsOf('reset', '--cluster', 'Bg', ...words)
  const group = ['--group', 'billing']
  assertRefused(await groupsOf('reset', ...group, '--to-latest'), 64, /add --cluster, one of Ag, Bg/)
  assertRefused(await groupsOf('reset', '--cluster', 'Cg', ...group, '--to-latest'), 64, /no cluster Cg/)
  assertRefused(await reset('--to-latest', '--all-topics'), 64, /which groups is not said/)
  assertRefused(await reset(...group, '--all-topics'), 64, /where to is not said/, /--to-datetime, --by-duration/)
  assertRefused(await reset(...group, '--all-topics', '--to-latest', '--to-earliest'), 64, /exclude each other/)
  assertRefused(await reset(...group, '--to-latest'), 64, /which topics is not said/, /--topics-from/)
  assertRefused(await reset(...group, '--to-latest', '--topic', 'ordres'), 64, /did you mean orders\?/)
  assertRefused(await reset(...group, '--to-latest', '--topic', 'orders:0,9'), 69, /no partition 9, only 2/)
  assertRefused(await reset(...group, '--to-latest', '--topic', 'orders', '--all-topics'), 64, /exclude each other/)
  assertRefused(await reset(...group, '--all-topics', '--to-datetime', 'yesterday'), 64, /no time/, /YYYY-MM-DDTHH/)
  assertRefused(
    await reset(...group, '--all-topics', '--by-duration', '3 days'),
    64,
    /not a valid duration/,
    /PnDTnHnMnS/,
  )
  assertRefused(await reset(...group, '--all-topics', '--to-offset', 'many'), 64, /wants a whole number/)
  assertRefused(await reset(...group, '--topic', 'refunds', '--shift-by', '-1'), 64, /refunds-0 cannot be shifted/)
  assertRefused(await reset(...group, '--from-file', join(folder, 'none.csv')), 78, /cannot be read/)
  assertRefused(
    await reset(...group, '--from-file', written('bad.csv', 'orders,0,1\norders,one,2\n')),
    78,
    /bad\.csv:2: /,
  )
  assertRefused(
    await reset(...group, '--to-latest', '--all-topics', '--dry-run', '--execute'),
    64,
    /exclude each other/,
  )
  assertRefused(await reset(...group, '--topics-from', 'Xg', '--to-latest'), 64, /no flow to Bg from Xg/, /Ag/)
  const unknown = await reset('--group', 'shopping', '--topic', 'orders', '--to-latest')
  assert.match(unknown.err, /has no group shopping: it comes to be with --execute; did you mean shipping\?/)
})

test('what a refusal tells to type works when it is typed', async () => {
  await onSource({ do: 'commit', group: 'private-only', offsets: { 'private-0': 0 } })
  const reset = ['groups', 'reset', file, '--cluster', 'Bg']
  const billing = [...reset, '--group', 'billing']
  const refunds = [...billing, '--topic', 'refunds']
  const plan = (name: string, text: string) => [...billing, '--from-file', written(name, text)]
  const outside = [...reset, '--group', 'private-only']
  const translate = ['groups', 'translate', file]
  const offsets = ['offsets', file, '--cluster', 'Ag']
  const scenarios = ['to-offset=3', 'to-earliest', 'to-latest', 'to-current', 'by-duration=P1D', 'to-translated']
  const dated = '2026-03-01T08:00:00.000Z'
  const stories: readonly (readonly [refused: string[], remedy: RegExp, ...typed: string[][]])[] = [
    [
      ['groups', 'reset', file, '--group', 'billing', '--all-topics', '--to-latest'],
      /add --cluster, one of Ag, Bg/,
      ...['Ag', 'Bg'].map((alias) => [
        ...reset.slice(0, 4),
        alias,
        '--group',
        'billing',
        '--all-topics',
        '--to-latest',
      ]),
    ],
    [
      [...reset, '--topic', 'orders', '--to-latest'],
      /add --group GROUP \.\.\., or --all-groups/,
      [...reset, '--all-groups', '--topic', 'orders', '--to-latest'],
      [...billing, '--topic', 'orders', '--to-latest'],
    ],
    [
      [...billing, '--topic', 'orders'],
      /add one of --to-datetime, --by-duration, /,
      ...scenarios.map((name) => [...billing, '--topic', 'orders', `--${name}`]),
    ],
    [
      [...billing, '--to-latest'],
      /add --topic TOPIC \.\.\., --all-topics, or --topics-from ALIAS/,
      ...[['--topic', 'orders'], ['--all-topics'], ['--topics-from', 'Ag']].map((more) => [
        ...[...billing, '--to-latest'],
        ...more,
      ]),
    ],
    [
      [...billing, '--to-latest', '--topic', 'orders:0,9'],
      /see godwit topics FILE --cluster Bg/,
      ['topics', file, '--cluster', 'Bg'],
      [...billing, '--to-latest', '--topic', 'orders:0,1'],
    ],
    [
      [...refunds, '--to-datetime', 'yesterday'],
      new RegExp(`with milliseconds and a zone .*, e.g. ${dated}`),
      ...[dated, '2026-03-01T08:00:00.000+02:00', '2026-03-01T08:00:00.000'].map((time) => [
        ...[...refunds, '--to-datetime', time],
      ]),
    ],
    [
      [...refunds, '--by-duration', 'a day'],
      /P1D for a day, PT2H30M for two and a half hours, PT0.5S/,
      ...['P1D', 'PT2H30M', 'PT0.5S'].map((time) => [...refunds, '--by-duration', time]),
    ],
    [
      [...refunds, '--shift-by', '-1'],
      /leave it out with --topic, or use --to-offset, --to-earliest or --to-datetime for it/,
      [...billing, '--topic', 'orders', '--shift-by', '-1'],
      ...[['--to-offset', '0'], ['--to-earliest'], ['--to-datetime', dated]].map((more) => [...refunds, ...more]),
    ],
    [
      plan('odd.csv', 'orders;0;1\n'),
      /write GROUP,TOPIC,PARTITION,OFFSET on each line, or TOPIC,PARTITION,OFFSET with exactly one --group/,
      plan('long.csv', 'billing,orders,0,1\n'),
      plan('short.csv', 'orders,0,1\n'),
    ],
    [
      [...outside, '--all-topics', '--to-datetime', 'suggest'],
      /give a time, or use --to-earliest/,
      [...outside, '--all-topics', '--to-datetime', dated],
      [...outside, '--all-topics', '--to-earliest'],
    ],
    [
      [...outside, '--to-translated'],
      /use --to-earliest with --topic TOPIC in place of --to-translated/,
      [...outside, '--topic', 'orders', '--to-earliest'],
    ],
    [
      [...translate, '--topic', 'orders', '--offset', '3'],
      /give --topic TOPIC --partition P --offset N/,
      [...translate, '--topic', 'orders', '--partition', '0', '--offset', '3'],
    ],
    [
      [...offsets, '--time', 'noon'],
      /give latest, earliest, max-timestamp, or a time in ms since 1970/,
      ...['latest', 'earliest', 'max-timestamp', String(epoch)].map((time) => [...offsets, '--time', time]),
    ],
  ]
  for (const [refused, remedy, ...typed] of stories) {
    const { code, err } = await godwit(refused)
    assert.notEqual(code, 0, refused.join(' '))
    assert.match(err, remedy)
    for (const words of typed) {
      const followed = await godwit(words)
      assert.equal(followed.code, 0, `${words.join(' ')}\n${followed.err}`)
    }
  }
})

test('what was copied since the position was written is found by comparing both logs', async () => {
  // The same records on both sides, as a godwit copies them that is killed before it writes its position.
  const same = { topic: 'refunds', count: 50, partitions: [0], time: epoch, step: 10, label: 'same' }
  await Promise.all([site.onSource({ do: 'produce', ...same }), site.onTarget({ do: 'produce', ...same })])
  await onSource({ do: 'commit', group: 'newest', offsets: { 'refunds-0': 20 } })
  const { partitions } = await json<Rows>(groupsOf('translate', '--group', 'newest', '--output', 'json'))
  assert.deepEqual([partitions[0]?.['translated'], partitions[0]?.['how']], [20, 'compared'])
  const offsets = await json<Rows>(godwit(['offsets', file, '--topic', 'refunds', '--output', 'json']))
  assert.deepEqual(offsets.partitions[0]?.['copied'], { upstream: 50, downstream: 50, by: 'logs' })
})

test('without a state of godwit, offsets are found by comparing both logs; under another alias checkpoints are pointed at', async () => {
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
  assert.deepEqual(state, [], 'looking makes no topics')
})
