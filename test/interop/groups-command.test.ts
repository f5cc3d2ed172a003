// `godwit groups describe`, `groups reset` and `offsets` compared with Kafka's own tools on the same cluster: the same bytes, and
// the same committed offsets afterwards. The rows of a reset are sorted first, because Kafka's tool prints them in hash order.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { RawGroups } from '../harness/raw-groups.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

const [site, groups, tools] = await Promise.all([
  Site.start({ version: NEWEST }, { version: NEWEST }),
  JavaServer.start('Groups.java'),
  JavaServer.start('KafkaTools.java', NEWEST),
])
const raw = new RawGroups(site.source.bootstrap)
const folder = mkdtempSync(join(tmpdir(), 'godwit-groups-'))
const file = join(folder, 'mm2.properties')
writeFileSync(file, site.configuration('g', 'orders'))
after(async () => {
  await Promise.all([raw[Symbol.asyncDispose](), site[Symbol.asyncDispose](), groups.close(), tools.close()])
  rmSync(folder, { recursive: true, force: true })
})

const long = 'a-topic-whose-name-is-far-longer-than-any-column-would-like'
const odd = 'group "odd", with a comma'
/** Timestamp of the first record; later records follow at intervals of one second (ms since the epoch). */
const epoch = Date.UTC(2026, 0, 1)

const onSource = <T>(request: Record<string, unknown>) => groups.ask<T>({ on: site.source.bootstrap, ...request })
const committed = (group: string) => onSource<Record<string, number>>({ do: 'committed', group })

interface Printed {
  readonly out: string
  readonly err: string
  readonly code: number
}

const kafka = (tool: 'groups' | 'offsets', ...args: string[]) =>
  tools.ask<Printed>({ tool, args: ['--bootstrap-server', site.source.bootstrap, ...args] })

const ours = (...words: string[]): Promise<Ended> =>
  godwit([
    ...words.slice(0, words[0] === 'offsets' ? 1 : 2),
    file,
    '--cluster',
    'Ag',
    ...words.slice(words[0] === 'offsets' ? 1 : 2),
  ])

/** godwit's `--group a b` is `--group a --group b` of Kafka's tool. */
const named = (option: string, names: readonly string[]) => names.flatMap((name) => [option, name])

// The default retention would delete records from January.
const forever = { 'retention.ms': '-1' }
await site.create('orders', 3, forever)
await site.create(long, 2, forever)
await site.create('empty', 1)
await site.produce('orders', { count: 300, partitions: [0, 1, 2], time: epoch, step: 1000 })
await site.produce(long, { count: 40, partitions: [0, 1], time: epoch, step: 60_000 })
await site.onSource({ do: 'trim', topic: 'orders', partition: 2, before: 20 })
await onSource({ do: 'commit', group: 'partly', offsets: { 'orders-0': 10, 'orders-2': 99 } })
await onSource({
  do: 'commit',
  group: 'wide-group-with-a-long-name',
  offsets: { [`${long}-0`]: 5, [`${long}-1`]: 0, 'orders-1': 50, 'empty-0': 0 },
})
await onSource({ do: 'commit', group: odd, offsets: { 'orders-0': 3, [`${long}-1`]: 7 } })
// Java's clients refuse these offsets. Clients in other languages commit them.
await raw.commit('negative', { 'orders-0': 5, 'orders-1': -1, 'orders-2': -1001 })
await raw.commit('nothing-but-negative', { 'orders-0': -1 })
const joined: readonly (readonly [id: string, request: Record<string, unknown>])[] = [
  ['one', { group: 'classic', client: 'first', topics: ['orders', long] }],
  ['two', { group: 'classic', client: 'second-client-with-a-long-name', topics: ['orders'] }],
  ['three', { group: 'modern', client: 'third', protocol: 'consumer', topics: ['orders'] }],
  ['four', { group: 'static', client: 'fourth', instance: 'pod-0', topics: ['empty', 'orders'] }],
]
for (const [id, request] of joined) await onSource({ do: 'join', id, ...request })
await onSource({ do: 'commit', group: 'left', offsets: { 'orders-0': 1 } })

/** Waits until the group is stable, so that two tools run one after the other see the same. */
async function untilStable(group: string): Promise<void> {
  await eventually(
    () => kafka('groups', '--describe', '--group', group, '--state'),
    ({ out }) => / Stable /.test(out),
    60_000,
  )
}

test("describe prints the bytes of Kafka's tool, for groups of every state and an offset of -1", async () => {
  for (const group of ['classic', 'modern', 'static']) await untilStable(group)
  const others = ['partly', 'wide-group-with-a-long-name', odd, 'negative', 'nothing-but-negative']
  for (const group of ['classic', 'modern', 'static', ...others]) {
    for (const what of ['--offsets', '--members', '--state']) {
      for (const more of [[], ['--verbose']]) {
        const theirs = await kafka('groups', '--describe', '--group', group, what, ...more)
        const mine = await ours('groups', 'describe', '--group', group, what, ...more)
        assert.deepEqual(
          { out: mine.out, err: mine.err },
          { out: theirs.out, err: theirs.err },
          `${group} ${what} ${more}`,
        )
        assert.equal(mine.code, 0)
      }
    }
  }
})

test("describe prints the bytes of Kafka's tool for all groups at once", async () => {
  for (const what of ['--offsets', '--members', '--state']) {
    const theirs = await kafka('groups', '--describe', '--all-groups', what)
    const mine = await ours('groups', 'describe', '--all-groups', what)
    assert.equal(mine.out, theirs.out, what)
    assert.equal(mine.err, theirs.err, what)
  }
})

const plan = join(folder, 'plan.csv')
writeFileSync(plan, `orders,0,4\norders,1,1000\n${long},1,2\n`)
const groupsPlan = join(folder, 'groups.csv')
writeFileSync(groupsPlan, `partly,orders,0,4\n"${odd.replaceAll('"', '""')}",${long},1,2\n`)

/** The groups, and the arguments for both tools. */
const scenarios: readonly (readonly [groups: readonly string[], ...words: string[]])[] = [
  [['partly'], '--all-topics', '--to-earliest'],
  [['partly'], '--all-topics', '--to-latest'],
  [['partly'], '--topic', 'orders', '--to-current'],
  [['partly'], '--topic', 'orders:0,2', '--shift-by', '-5'],
  [['partly'], '--topic', 'orders:0,2', '--shift-by', '3'],
  [['partly'], '--all-topics', '--shift-by', '-1000'],
  [['partly'], '--topic', 'orders', '--to-offset', '42'],
  [['partly'], '--topic', 'orders', '--to-offset', '100000'],
  [['partly'], '--topic', 'orders', '--to-datetime', '2026-01-01T00:01:00.000'],
  [['partly'], '--topic', 'orders', '--to-datetime', '2026-01-01T02:01:00.500+02:00'],
  [['partly'], '--topic', 'orders', '--to-datetime', '2026-01-01T01:01:00.000+01'],
  [['partly'], '--topic', 'orders', '--to-datetime', '2025-12-31T17:01:00.000-0700'],
  [['partly'], '--topic', 'orders', '--to-datetime', '2026-01-01T05:31:00.000+0530'],
  [['wide-group-with-a-long-name'], '--all-topics', '--to-datetime', '2030-01-01T00:00:00.000Z'],
  [['wide-group-with-a-long-name'], '--all-topics', '--by-duration', 'P3650D'],
  [['wide-group-with-a-long-name'], '--all-topics', '--by-duration', 'PT0S'],
  [['partly'], '--from-file', plan],
  [['partly', odd], '--from-file', groupsPlan],
  [['partly', 'wide-group-with-a-long-name', odd], '--all-topics', '--to-earliest'],
  [['negative'], '--all-topics', '--to-earliest'],
  [['negative'], '--topic', 'orders', '--to-latest'],
  [['negative'], '--all-topics', '--to-offset', '7'],
  [['nothing-but-negative'], '--all-topics', '--to-latest'],
  [['nobody-yet'], '--topic', 'orders', '--to-earliest'],
  [['nobody-yet'], '--all-topics', '--to-earliest'],
  [['classic'], '--topic', 'orders', '--to-earliest'],
  [['classic', 'partly'], '--topic', 'orders', '--to-latest'],
]

/** Sorts the lines of a reset, see the comment at the top. */
const sorted = (text: string) => text.split('\n').sort()

test("reset plans what Kafka's tool plans, as a table and as CSV, for every scenario", async () => {
  for (const [names, ...words] of scenarios) {
    for (const more of [[], ['--export']]) {
      const theirs = await kafka(
        'groups',
        '--reset-offsets',
        '--dry-run',
        ...named('--group', names),
        ...words,
        ...more,
      )
      const mine = await ours('groups', 'reset', '--dry-run', '--group', ...names, ...words, ...more)
      assert.deepEqual(sorted(mine.out), sorted(theirs.out), `${names} ${words.join(' ')} ${more}`)
    }
  }
})

test("a reset from a committed offset of -1 is refused as by Kafka's tool, with a remedy", async () => {
  for (const words of [['--to-current'], ['--shift-by', '1']]) {
    const theirs = await kafka(
      'groups',
      '--reset-offsets',
      '--dry-run',
      '--group',
      'negative',
      '--all-topics',
      ...words,
    )
    assert.match(theirs.out + theirs.err, /orders-1/)
    assert.doesNotMatch(theirs.out, /NEW-OFFSET/)
    const mine = await ours('groups', 'reset', '--group', 'negative', '--all-topics', ...words)
    assert.deepEqual([mine.code, mine.out], [64, ''])
    assert.match(
      mine.err,
      /orders-1 (has no current offset|cannot be shifted): the group has (committed -1|no committed)/,
    )
    const followed = await ours('groups', 'reset', '--group', 'negative', '--topic', 'orders:0', ...words)
    assert.equal(followed.code, 0, followed.err)
  }
})

test('each tool reads the plan that the other has exported', async () => {
  const exported = await ours('groups', 'reset', '--group', 'partly', odd, '--all-topics', '--to-current', '--export')
  const back = join(folder, 'back.csv')
  writeFileSync(back, exported.out)
  const words = ['--from-file', back, '--export']
  const theirs = await kafka('groups', '--reset-offsets', '--dry-run', ...named('--group', ['partly', odd]), ...words)
  assert.deepEqual(sorted(theirs.out), sorted(exported.out))
  writeFileSync(back, theirs.out)
  const again = await ours('groups', 'reset', '--group', 'partly', odd, ...words)
  assert.deepEqual(sorted(again.out), sorted(exported.out))
})

test("reset --execute commits the same offsets as Kafka's tool", async () => {
  const begin = async (group: string) => {
    await onSource({ do: 'commit', group, offsets: { 'orders-0': 30, 'orders-1': 31, [`${long}-0`]: 6 } })
  }
  for (const [, ...words] of scenarios.slice(0, 15)) {
    await Promise.all([begin('by-kafka'), begin('by-godwit')])
    const theirs = await kafka('groups', '--reset-offsets', '--execute', '--group', 'by-kafka', ...words)
    const mine = await ours('groups', 'reset', '--execute', '--group', 'by-godwit', ...words)
    if (mine.code === 64) {
      // Kafka's tool refuses this too: a shift without a committed offset.
      assert.equal(theirs.code, 1, words.join(' '))
      continue
    }
    assert.equal(mine.code, 0, mine.err)
    assert.deepEqual(await committed('by-godwit'), await committed('by-kafka'), words.join(' '))
  }
})

test('offsets prints the bytes of kafka-get-offsets.sh', async () => {
  for (const more of [
    [],
    ['--topic', 'orders'],
    ['--topic', 'o.*|e.*'],
    ['--topic', 'orders', '--time', 'earliest'],
    ['--topic', 'orders', '--time', '-2'],
    ['--topic', 'orders', '--time', 'max-timestamp'],
    ['--topic', 'orders', '--time', String(epoch + 60_500)],
    ['--topic', 'orders', '--time', String(epoch + 1e12)],
    ['--exclude-internal-topics'],
  ]) {
    const theirs = await kafka('offsets', ...more)
    const mine = await ours('offsets', ...more)
    assert.equal(mine.out, theirs.out, more.join(' '))
    assert.equal(mine.code, 0, mine.err)
  }
})
