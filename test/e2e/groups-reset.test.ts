// `godwit groups reset` between two real clusters while no godwit runs: its output, what it writes, and what it refuses.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { godwit } from '../harness/godwit.ts'
import { assertRefused, epoch, json, type Offsets, startGroups } from './groups-trial.ts'

const trial = await startGroups()
after(() => trial.close())
const { folder, file, written, onSource, onTarget, committedOnTarget, groupsOf } = trial

test('reset writes the exact translated offset, and nothing without --execute', async () => {
  const words = ['--cluster', 'Bg', '--group', 'billing', '--to-translated']
  const dry = await groupsOf('reset', ...words)
  assert.equal(dry.code, 0)
  assert.match(dry.err, /private-0 is left out: the flow does not copy its topic/)
  assert.match(dry.err, /nothing was changed; add --execute/)
  assert.deepEqual(await committedOnTarget('billing'), {})
  const done = await groupsOf('reset', ...words, '--execute')
  assert.equal(done.code, 0, done.err)
  assert.deepEqual(await committedOnTarget('billing'), { 'orders-0': 60, 'orders-1': 80 })
})

test('reset suggests the time at which nothing is skipped, and says why', async () => {
  const words = ['--cluster', 'Bg', '--group', 'fresh', '--all-topics', '--to-datetime', 'suggest']
  await onSource({ do: 'commit', group: 'fresh', offsets: { 'orders-0': 60, 'orders-1': 80 } })
  const { out, err, code } = await groupsOf('reset', ...words)
  assert.equal(code, 0, err)
  // Records of orders-0 are 2 s apart: record 60 has the timestamp of second 120.
  assert.match(err, new RegExp(`--to-datetime ${new Date(epoch + 120_000).toISOString()} skips nothing`))
  assert.match(err, /at offset 60 of orders-0 on cluster Ag/)
  assert.match(err, /--all-topics selects the 3 topics that the flow copies/)
  assert.match(out, /\nfresh +orders +0 +60\nfresh +orders +1 +60\n/)
  const { groups: found } = await json<{ groups: { suggestion: { again: number; at: string }; result: string }[] }>(
    groupsOf('reset', ...words, '--output', 'json'),
  )
  assert.deepEqual([found[0]?.result, found[0]?.suggestion.again], ['planned', 20])
})

test('--topics-from uses the topics that the group has on the source', async () => {
  const words = ['--cluster', 'Bg', '--group', 'fresh', '--topics-from', 'Ag', '--to-earliest', '--export']
  const { out, code } = await groupsOf('reset', ...words)
  assert.equal(code, 0)
  assert.equal(out, 'orders,0,0\norders,1,0\n\n')
})

test('reset with a plan from a file writes its offsets on either cluster', async () => {
  const plan = written('plan.csv', 'orders,0,7\norders,1,5000\n')
  const done = await groupsOf('reset', '--cluster', 'Ag', '--group', 'planned', '--from-file', plan, '--execute')
  assert.equal(done.code, 0, done.err)
  assert.match(done.err, /5000 is beyond the end of orders-1: 200 is used/)
  assert.deepEqual(await onSource<Offsets>({ do: 'committed', group: 'planned' }), { 'orders-0': 7, 'orders-1': 200 })
})

test('reset refuses ambiguous input and prints what to type', async () => {
  const reset = (...words: string[]) => groupsOf('reset', '--cluster', 'Bg', ...words)
  await onTarget({ do: 'commit', group: 'shipping', offsets: { 'orders-0': 150 } })
  const group = ['--group', 'billing']
  assertRefused(await groupsOf('reset', ...group, '--to-latest'), 64, /add --cluster, one of Ag, Bg/)
  assertRefused(await groupsOf('reset', '--cluster', 'Cg', ...group, '--to-latest'), 64, /no cluster Cg/)
  assertRefused(await reset('--to-latest', '--all-topics'), 64, /no groups are given/)
  assertRefused(await reset(...group, '--all-topics'), 64, /no scenario is given/, /--to-datetime, --by-duration/)
  assertRefused(await reset(...group, '--all-topics', '--to-latest', '--to-earliest'), 64, /exclude each other/)
  assertRefused(await reset(...group, '--to-latest'), 64, /no topics are given/, /--topics-from/)
  assertRefused(await reset(...group, '--to-latest', '--topic', 'ordres'), 64, /did you mean orders\?/)
  assertRefused(await reset(...group, '--to-latest', '--topic', 'orders:0,9'), 69, /no partition 9, only 2/)
  assertRefused(await reset(...group, '--to-latest', '--topic', 'orders', '--all-topics'), 64, /exclude each other/)
  assertRefused(
    await reset(...group, '--all-topics', '--to-datetime', 'yesterday'),
    64,
    /not a valid time/,
    /YYYY-MM-DDTHH/,
  )
  assertRefused(
    await reset(...group, '--all-topics', '--by-duration', '3 days'),
    64,
    /not a valid duration/,
    /PnDTnHnMnS/,
  )
  assertRefused(await reset(...group, '--all-topics', '--to-offset', 'many'), 64, /must be a whole number/)
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
  assert.match(unknown.err, /has no group shopping: --execute creates it; did you mean shipping\?/)
})

test('the command that a refusal prints works', async () => {
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
      /use --to-earliest with --topic TOPIC instead of --to-translated/,
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
