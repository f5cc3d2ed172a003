// Invalid committed offsets: -1 on the source, or beyond the end of the log on the target. Every output reports them, and every
// printed remedy is executed by a shell.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { encodeCheckpoint } from '../../src/mirror/checkpoint.ts'
import type { Report } from '../../src/verify/report.ts'
import { eventually } from '../harness/eventually.ts'
import { type Ended, godwit } from '../harness/godwit.ts'
import { RawGroups } from '../harness/raw-groups.ts'
import { StateTopics } from '../harness/state-topics.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

const [site, groups] = await Promise.all([Site.start(), JavaServer.start('Groups.java')])
const [source, target] = [new RawGroups(site.source.bootstrap), new RawGroups(site.target.bootstrap)]
const folder = mkdtempSync(join(tmpdir(), 'godwit-groups-repair-'))
after(async () => {
  await Promise.all([source, target, site].map((one) => one[Symbol.asyncDispose]()))
  await groups.close()
  rmSync(folder, { recursive: true, force: true })
})

type Rows = { readonly partitions: readonly Record<string, unknown>[] }

const synced = ['sync.group.offsets.enabled = true', 'sync.group.offsets.interval.seconds = 1', 'groups = .*']
const often = [...synced, 'emit.checkpoints.interval.seconds = 1', 'refresh.groups.interval.seconds = 1']
const file = join(folder, "the operator's mm2.properties")
writeFileSync(file, site.configuration('g', 'orders', ...often))

const groupsOf = (command: string, ...words: string[]): Promise<Ended> => godwit(['groups', command, file, ...words])
const json = async (ended: Promise<Ended>): Promise<Rows> => JSON.parse((await ended).out) as Rows
const onTarget = async (group: string): Promise<Record<string, number>> =>
  Object.fromEntries((await target.committed(group)).map((one) => [`${one.topic}-${one.partition}`, one.offset]))

/** The cells of a table's rows. */
const cells = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .slice(2)
    .map((line) => line.trim().split(/ {2,}/))

/** The commands in a message. */
const remediesIn = (said: string) => [...said.matchAll(/: (godwit .*)$/gm)].map(([, command = '']) => command)

/** Executes a command with a shell. */
async function type(command: string): Promise<Ended> {
  const bin = join(import.meta.dirname, '../../bin')
  const child = spawn('bash', ['-c', command], { env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` } })
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { out, err, code: code as number }
}

const beyond = (offset: number) =>
  `its committed offset ${offset} on the target is beyond the end of the log, 40: a consumer that starts there is out of range`

before(async () => {
  await site.create('orders', 2)
  await site.produce('orders', { count: 80, partitions: [0, 1] })
  await site.copyAll('g', 'orders')
})

test('a committed offset of -1 on the source is not translated, synced or written as a checkpoint', async () => {
  await source.commit('negative', { 'orders-0': -1, 'orders-1': 12 })
  const why = 'the group has committed -1, which is not an offset: its consumers start according to auto.offset.reset'
  const translated = await groupsOf('translate', '--group', 'negative')
  assert.equal(translated.code, 0, translated.err)
  assert.deepEqual(cells(translated.out), [
    ['negative', 'orders', 'orders', '0', '-', '-', '-', '-', why],
    ['negative', 'orders', 'orders', '1', '12', '28', '12', '-'],
  ])
  assert.deepEqual(cells((await groupsOf('describe', '--group', 'negative')).out), [
    ['negative', 'orders', '0', '-', '-', '-', '-', why],
    ['negative', 'orders', '1', '12', '28', '12', '-', 'nothing committed on the target'],
  ])
  const dry = await groupsOf('sync', '--group', 'negative')
  assert.deepEqual(cells(dry.out), [
    ['negative', 'orders', '0', '-', '-', '-', 'none', why],
    ['negative', 'orders', '1', '12', '12', '-', 'to write'],
  ])
  assert.equal((await groupsOf('sync', '--group', 'negative', '--execute')).code, 0)
  assert.deepEqual(await onTarget('negative'), { 'orders-1': 12 })
  const reset = await groupsOf('reset', '--cluster', 'Bg', '--group', 'negative', '--to-translated')
  assert.equal(reset.code, 0, reset.err)
  assert.match(reset.out, /\nnegative +orders +1 +12\n$/)
  assert.match(reset.err, /orders-0 is left out: the group has committed -1/)
})

test('a group with an offset before the start of copying is reported to lack the records in between', async () => {
  await site.create('late', 1)
  await site.produce('late', { count: 5, partition: 0 })
  await source.commit('slow', { 'late-0': 2 })
  const text = site.configuration('l', 'late', 'SOURCE.consumer.auto.offset.reset = latest')
  await using run = await GodwitProcess.start(text)
  await run.until('copying starts at the log end', ({ topics }) =>
    topics.some(({ partitions }) => partitions[0]?.position === 5),
  )
  await site.produce('late', { count: 3, partition: 0 })
  await run.untilCopied('late', { 0: 3 })
  assert.equal(await run.stop(), 0)
  const late = join(folder, 'late.properties')
  writeFileSync(late, text)
  const note = 'copying began at source offset 5: earlier records, which the group has not read, are not on the target'
  const { out } = await godwit(['groups', 'describe', late, '--group', 'slow'])
  assert.ok(out.includes(`nothing committed on the target; ${note}`), out)
  const translated = await godwit(['groups', 'translate', late, '--group', 'slow'])
  assert.deepEqual(
    cells(translated.out).map((row) => row.at(-1)),
    [note],
  )
})

test('for a committed offset of -1 a running flow reports and writes nothing, like MirrorMaker 2', async () => {
  await source.commit('negative', { 'orders-0': -1, 'orders-1': 20 })
  await using flow = await site.godwit('g', 'orders', ...often)
  const status = await flow.until('the group is synced', (seen) =>
    (seen.groups ?? []).some(({ group, partitions }) => group === 'negative' && partitions[0]?.targetCommitted === 20),
  )
  const own = status.groups?.find(({ group }) => group === 'negative')
  assert.deepEqual(
    own?.partitions.map(({ partition, result }) => [partition, result]),
    [[1, 'synced']],
  )
  const question = { on: site.target.bootstrap, do: 'remote', ask: 'checkpoints', topic: 'Ag.checkpoints.internal' }
  const checkpoints = await eventually(
    () => groups.ask<string[]>(question),
    (all) => all.some((one) => /consumerGroupId=negative/.test(one)),
  )
  const ofGroup = checkpoints.filter((one) => /consumerGroupId=negative/.test(one))
  assert.ok(
    ofGroup.every((one) => /topicPartition=orders-1/.test(one)),
    ofGroup.join('\n'),
  )
  assert.deepEqual(await onTarget('negative'), { 'orders-1': 20 })
})

test('an offset of -1 on the target counts as none and is overwritten', async () => {
  await source.commit('back', { 'orders-0': 9 })
  await target.commit('back', { 'orders-0': -1 })
  const [row] = (await json(groupsOf('describe', '--group', 'back', '--output', 'json'))).partitions
  assert.deepEqual([row?.['standing'], row?.['targetCommitted']], ['missing', undefined])
  assert.equal((await groupsOf('sync', '--group', 'back', '--execute')).code, 0)
  assert.deepEqual(await onTarget('back'), { 'orders-0': 9 })
})

const lost = "it's lost"

test('describe, translate and sync report an offset beyond the end of the target log; the remedy fixes it', async () => {
  await source.commit(lost, { 'orders-0': 30, 'orders-1': 40 })
  for (const words of [
    ['describe', '--group', lost],
    ['translate', '--group', lost],
    ['describe', '--group', lost, '--output', 'json'],
    ['describe', '--cluster', 'Bg', '--group', lost],
  ]) {
    await target.commit(lost, { 'orders-0': 5000, 'orders-1': 40 })
    const [command = '', ...rest] = words
    const { out, err } = await groupsOf(command, ...rest)
    if (command === 'translate' || rest.length === 2) assert.ok(out.includes(beyond(5000)), out)
    assert.match(
      err,
      /1 group has an offset beyond the end of a log on cluster Bg\n {2}remedy: set to the translated offset: /,
    )
    const [remedy = '', ...more] = remediesIn(err)
    assert.deepEqual(more, [])
    const repaired = await type(remedy)
    assert.equal(repaired.code, 0, `${remedy}\n${repaired.err}`)
    assert.deepEqual(await onTarget(lost), { 'orders-0': 30, 'orders-1': 40 }, words.join(' '))
    const again = await groupsOf(command, ...rest)
    assert.deepEqual(remediesIn(again.err), [])
  }
})

test('sync moves a group back only from an offset beyond the end of the log', async () => {
  await target.commit(lost, { 'orders-0': 5000, 'orders-1': 40 })
  await source.commit(lost, { 'orders-0': 30, 'orders-1': 10 })
  const dry = await groupsOf('sync', '--group', lost)
  assert.deepEqual(cells(dry.out), [
    [lost, 'orders', '0', '30', '30', '5000', 'to write', beyond(5000)],
    [lost, 'orders', '1', '10', '10', '40', 'kept', 'it is ahead on the target: 40 instead of 10'],
  ])
  assert.deepEqual(await onTarget(lost), { 'orders-0': 5000, 'orders-1': 40 })
  assert.equal((await groupsOf('sync', '--group', lost, '--execute')).code, 0)
  assert.deepEqual(await onTarget(lost), { 'orders-0': 30, 'orders-1': 40 })
})

test('an offset beyond the end that cannot be translated is set to the start by the printed remedy', async () => {
  await source.commit('unplaced', { 'orders-0': -1 })
  await target.commit('unplaced', { 'orders-0': 41, 'orders-1': 77 })
  for (const words of [['describe'], ['translate'], ['sync'], ['describe', '--cluster', 'Bg']]) {
    await target.commit('unplaced', { 'orders-0': 41 })
    const [command = '', ...rest] = words
    const { err } = await groupsOf(command, ...rest, '--group', 'unplaced')
    assert.match(
      err,
      /group unplaced has an offset beyond the end of a log on cluster Bg, and its translated offset is not known/,
    )
    const [remedy = ''] = remediesIn(err)
    const repaired = await type(remedy)
    assert.equal(repaired.code, 0, `${remedy}\n${repaired.err}`)
    assert.equal((await onTarget('unplaced'))['orders-0'], 0)
  }
  assert.equal((await onTarget('unplaced'))['orders-1'], 0, 'the table of one cluster names every partition')
})

test('a running flow reports a group beyond the log end as a problem, and its remedy works during the run', async () => {
  await source.commit(lost, { 'orders-0': 30, 'orders-1': 40 })
  await target.commit(lost, { 'orders-0': 5000, 'orders-1': 40 })
  await using flow = await site.godwit('g', 'orders', ...often)
  const status = await flow.until('the problem is reported', ({ problems }) => problems.length > 0)
  const [problem] = status.problems
  assert.equal(problem?.code, 'OFFSET_OUT_OF_RANGE')
  assert.ok(problem?.message.includes(`group ${lost}, orders-0: ${beyond(5000)}`), problem?.message)
  const partitions = status.groups?.find(({ group }) => group === lost)?.partitions
  assert.deepEqual(
    partitions?.map(({ result, targetCommitted }) => [result, targetCommitted]),
    [
      ['beyond', 5000],
      ['synced', 40],
    ],
  )
  assert.deepEqual(await onTarget(lost), { 'orders-0': 5000, 'orders-1': 40 })
  const [remedy = ''] = remediesIn(problem?.remedy ?? '')
  const repaired = await type(remedy.replace(' FILE ', ` '${file.replaceAll("'", "'\\''")}' `))
  assert.equal(repaired.code, 0, `${remedy}\n${repaired.err}`)
  await flow.until('the problem is gone', ({ problems }) => problems.length === 0)
  assert.deepEqual(await onTarget(lost), { 'orders-0': 30, 'orders-1': 40 })
})

test('verify reports a group beyond the log end as different, with the remedy', async () => {
  const verified = async () => {
    const { out, err, code } = await godwit(['verify', file, '--depth', 'counts', '--output', 'json'])
    assert.notEqual(out, '', err)
    return { code, section: (JSON.parse(out) as Report).around.find(({ what }) => what === 'groups') }
  }
  assert.deepEqual((await verified()).section?.differences, [])
  await target.commit(lost, { 'orders-0': 5000 })
  const { code, section } = await verified()
  assert.equal(code, 1)
  assert.equal(section?.verdict, 'different')
  assert.deepEqual(section.differences, [
    `group ${lost}, orders-0: ${beyond(5000)} (godwit groups sync FILE --flow 'Ag->Bg' --group 'it'\\''s lost' --execute)`,
  ])
  assert.equal((await groupsOf('sync', '--group', lost, '--execute')).code, 0)
  assert.deepEqual((await verified()).section?.differences, [])
})

test('a checkpoint beyond the log end, as MirrorMaker 2 wrote it, is replaced by the correct one', async () => {
  await source.commit('old-checkpoint', { 'orders-0': 33 })
  const wrong = { group: 'old-checkpoint', topic: 'orders', partition: 0, upstreamOffset: 33, metadata: '' }
  await using state = new StateTopics(site.target)
  const log = state.log('Ag.checkpoints.internal')
  await log.append([{ partition: 0, timestamp: Date.now(), ...encodeCheckpoint({ ...wrong, downstreamOffset: 4993 }) }])
  const { out } = await godwit(['verify', file, '--depth', 'counts', '--output', 'json'])
  const notes = (JSON.parse(out) as Report).around.flatMap((section) => section.notes)
  const place = 'group old-checkpoint, orders-0'
  assert.ok(
    notes.includes(`${place}: its checkpoint is 4993, beyond the end of the log; a running flow replaces it`),
    out,
  )
  await using flow = await GodwitProcess.start(site.configuration('g', 'orders', ...often))
  await flow.untilTask('checkpoints', ({ result }) => result === 'fine')
  const question = { on: site.target.bootstrap, do: 'remote', ask: 'checkpoints', topic: 'Ag.checkpoints.internal' }
  const all = await groups.ask<string[]>(question)
  const last = all.filter((one) => /consumerGroupId=old-checkpoint/.test(one)).at(-1)
  assert.match(last ?? '', /upstreamOffset=33, downstreamOffset=33/)
})

test('translated offsets have no leader epoch, because epochs of the source mean nothing on the target', async () => {
  const read = { on: site.source.bootstrap, do: 'read', topics: ['orders'] }
  for (const group of ['epochs-flow', 'epochs-sync', 'epochs-reset']) await groups.ask({ ...read, group })
  const epochs = async (from: RawGroups, group: string) => (await from.committed(group)).map((one) => one.leaderEpoch)
  assert.deepEqual(await epochs(source, 'epochs-sync'), [0, 0])
  assert.equal((await groupsOf('sync', '--group', 'epochs-sync', '--execute')).code, 0)
  assert.deepEqual(await epochs(target, 'epochs-sync'), [-1, -1])
  const reset = await groupsOf('reset', '--cluster', 'Bg', '--group', 'epochs-reset', '--to-translated', '--execute')
  assert.equal(reset.code, 0, reset.err)
  assert.deepEqual(await epochs(target, 'epochs-reset'), [-1, -1])
  await using _ = await site.godwit('g', 'orders', ...often)
  await eventually(
    () => epochs(target, 'epochs-flow'),
    (found) => found.length === 2,
  )
  assert.deepEqual(await epochs(target, 'epochs-flow'), [-1, -1])
})

test('empty, very long and control-character group names are exact in JSON and safe for terminals', async () => {
  const odd = ['', 'g'.repeat(5000), 'line\nend', '\u001b[31mred', 'tab\tbed', "quo'te", '$(touch x)', '--all-groups']
  for (const group of odd) await source.commit(group, { 'orders-0': 8 })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for control characters
  const unsafe = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/
  const shown = async (...words: string[]) => {
    const { out, err } = await groupsOf(words[0] ?? '', ...words.slice(1))
    assert.doesNotMatch(out + err, unsafe, words.slice(0, 1).join())
    return (await json(groupsOf(words[0] ?? '', ...words.slice(1), '--output', 'json'))) as Rows & {
      groups: { group: string }[]
    }
  }
  const has = (found: readonly Record<string, unknown>[]) =>
    odd.filter((name) => !found.some(({ group }) => group === name))
  assert.deepEqual(has((await shown('describe', '--all-groups')).partitions), [])
  assert.deepEqual(has((await shown('describe', '--cluster', 'Ag')).groups), [])
  assert.deepEqual(has((await shown('translate', '--all-groups')).partitions), [])
  assert.deepEqual(has((await shown('sync', '--all-groups')).partitions), [])
  const reset = ['reset', '--cluster', 'Ag', '--all-groups', '--topic', 'orders:0']
  assert.deepEqual(has((await shown(...reset, '--to-latest')).groups), [])
  for (const group of odd) {
    const named = await json(groupsOf('translate', `--group=${group}`, '--output', 'json'))
    assert.deepEqual(
      named.partitions.map((row) => [row['group'], row['translated']]),
      [[group, 8]],
    )
  }
  const exported = await groupsOf(...(reset as [string]), '--to-offset', '3', '--export')
  const plan = join(folder, 'odd.csv')
  writeFileSync(plan, exported.out)
  const back = await groupsOf('reset', '--cluster', 'Ag', '--all-groups', '--from-file', plan, '--execute')
  assert.equal(back.code, 0, back.err)
  for (const group of odd)
    assert.deepEqual(
      (await source.committed(group)).map(({ offset }) => offset),
      [3],
    )
  assert.equal((await groupsOf('sync', ...odd.map((group) => `--group=${group}`), '--execute')).code, 0)
  for (const group of odd) assert.deepEqual(await onTarget(group), { 'orders-0': 3 })
  for (const group of odd) {
    await target.commit(group, { 'orders-0': 5000 })
    const [remedy = ''] = remediesIn((await groupsOf('describe', `--group=${group}`)).err)
    const repaired = await type(remedy)
    assert.equal(repaired.code, 0, `${remedy}\n${repaired.err}`)
    assert.deepEqual(await onTarget(group), { 'orders-0': 3 })
  }
})
