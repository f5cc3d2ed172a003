// Clusters that have lost records: on the source before they were copied, on the target afterwards. The printed remedies are
// followed, and copying continues.
import assert from 'node:assert/strict'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { writeOffsets } from '../../harness/offsets-oracle.ts'
import { Site } from '../../integration/engine/site.ts'
import { commandsIn, linesIn, remedyOf, Trial, untilNoProblem } from './trial.ts'

const soon = 'TARGET.session.timeout.ms = 6000'

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

test('OFFSET_OUT_OF_RANGE: with the command copying continues at once, with the line after a restart', async () => {
  await site.create('gap', 2)
  await site.produce('gap', { count: 100, partitions: [0, 1] })
  await site.copyAll('gap', 'gap')
  await site.produce('gap', { count: 100, partitions: [0, 1], label: 'later' })
  for (const partition of [0, 1]) await site.onSource({ do: 'trim', topic: 'gap', partition, before: 75 })
  using trial = new Trial(site.configuration('gap', 'gap', 'godwit.on.gap = stop', soon))
  {
    await using godwit = await trial.start()
    const [first, second] = [
      remedyOf((await godwit.untilProblem('OFFSET_OUT_OF_RANGE', 'gap', 0)).problem),
      remedyOf((await godwit.untilProblem('OFFSET_OUT_OF_RANGE', 'gap', 1)).problem),
    ]
    await trial.type(commandsIn(first), godwit)
    await godwit.untilCopied('gap', { 0: 100 })
    trial.write(linesIn(second))
    assert.equal(await godwit.stop(), 0)
  }
  await using godwit = await trial.start()
  await godwit.untilCopied('gap', { 0: 100, 1: 100 })
  await untilNoProblem(godwit)
  assert.deepEqual(await site.targetEnds('gap'), { 0: 75, 1: 75 })
})

test('OFFSET_OUT_OF_RANGE: with auto.offset.reset = none the printed line sets a start position', async () => {
  await site.create('none', 1)
  const ends = await site.produce('none', { count: 10, partition: 0 })
  using trial = new Trial(site.configuration('none', 'none', 'SOURCE.consumer.auto.offset.reset = none'))
  {
    await using godwit = await trial.start()
    trial.write(linesIn(remedyOf((await godwit.untilProblem('OFFSET_OUT_OF_RANGE', 'none', 0)).problem)))
    assert.equal(await godwit.stop(), 0)
  }
  await using godwit = await trial.start()
  await godwit.untilCopied('none', ends)
  await untilNoProblem(godwit)
  await site.assertEqual('none')
})

test('SOURCE_TRUNCATED: one command copies everything from the log start, the other only new records', async () => {
  for (const topic of ['all', 'new']) {
    await site.create(topic, 1)
    await site.produce(topic, { count: 10, partition: 0 })
    // MirrorMaker 2 has stored an offset beyond the end of this topic.
    await site.onTarget({ do: 'create', topic, configs: {} })
    const place = { connector: 'MirrorSourceConnector', cluster: 'Ashort', topic, partition: 0, offset: 499 }
    await writeOffsets(site.target.bootstrap, 'mm2-offsets.Ashort.internal', [place])
  }
  using trial = new Trial(site.configuration('short', 'all, new', soon))
  await using godwit = await trial.start()
  const [all = ''] = commandsIn(remedyOf((await godwit.untilProblem('SOURCE_TRUNCATED', 'all', 0)).problem))
  const [, latest = ''] = commandsIn(remedyOf((await godwit.untilProblem('SOURCE_TRUNCATED', 'new', 0)).problem))
  await trial.type([all, latest], godwit)
  await godwit.untilCopied('all', { 0: 10 })
  await godwit.untilCopied('new', await site.produce('new', { count: 5, partition: 0, label: 'later' }))
  await untilNoProblem(godwit)
  assert.deepEqual([await site.targetEnds('all'), await site.targetEnds('new')], [{ 0: 10 }, { 0: 5 }])
})

test('TARGET_TRUNCATED: after the target lost its log, everything is copied again, or only new records', async () => {
  for (const topic of ['again', 'without']) await site.create(topic, 1)
  for (const topic of ['again', 'without']) await site.produce(topic, { count: 50, partition: 0 })
  using trial = new Trial(site.configuration('lost', 'again, without', soon))
  {
    await using godwit = await trial.start('--until', 'in-sync')
    assert.equal(await godwit.exit(), 0, godwit.lastOutput())
  }
  await site.target.stop()
  for (const topic of ['again', 'without']) loseLog(`${topic}-0`)
  await site.target.start()
  await using godwit = await trial.start()
  const again = remedyOf((await godwit.untilProblem('TARGET_TRUNCATED', 'again', 0)).problem)
  const without = remedyOf((await godwit.untilProblem('TARGET_TRUNCATED', 'without', 0)).problem)
  const [, deleted = ''] = /to copy everything again delete target topic (\S+) and run/.exec(again) ?? []
  await site.onTarget({ do: 'delete', topic: deleted })
  await trial.type([commandsIn(again)[0] ?? '', commandsIn(without)[1] ?? ''], godwit)
  await godwit.untilCopied('again', { 0: 50 })
  await site.assertEqual('again')
  await godwit.untilCopied('without', await site.produce('without', { count: 5, partition: 0, label: 'later' }))
  await untilNoProblem(godwit)
  assert.deepEqual(await site.targetEnds('without'), { 0: 5 })
})

/** As after a disk was replaced: the partition exists, but its records are gone. The broker must be stopped. */
function loseLog(partition: string): void {
  const folder = join(site.target.broker.folder, 'log', partition)
  for (const name of readdirSync(folder)) if (/^\d{20}\./.test(name)) rmSync(join(folder, name))
}

/** Sends ten records to each of two partitions in one transaction. Its marker takes an offset without a record. */
async function sendAsOne(topic: string, label: string): Promise<void> {
  await site.onSource({ do: 'begin', id: topic })
  for (const partition of [0, 1]) await site.onSource({ do: 'send', id: topic, topic, partition, count: 10, label })
  await site.onSource({ do: 'end', id: topic, how: 'commit' })
}

test('DUPLICATES_POSSIBLE: the line continues at the log start, the command at the chosen offset', async () => {
  await site.create('doubt', 2)
  await sendAsOne('doubt', 'first')
  using trial = new Trial(
    site.configuration('doubt', 'doubt', soon, 'godwit.on.doubt = stop', 'offset.flush.interval.ms = 600000'),
  )
  {
    await using godwit = await trial.start('--until', 'in-sync')
    assert.equal(await godwit.exit(), 0, godwit.lastOutput())
  }
  {
    await using godwit = await trial.start()
    await sendAsOne('doubt', 'more')
    await godwit.untilCopied('doubt', await site.ends('doubt'))
    await godwit.kill9()
  }
  const ends = await site.ends('doubt')
  for (const partition of [0, 1])
    await site.onSource({ do: 'trim', topic: 'doubt', partition, before: ends[String(partition)] })
  {
    await using godwit = await trial.start()
    const first = remedyOf((await godwit.untilProblem('DUPLICATES_POSSIBLE', 'doubt', 0)).problem)
    const second = remedyOf((await godwit.untilProblem('DUPLICATES_POSSIBLE', 'doubt', 1)).problem)
    await trial.type(commandsIn(first), godwit)
    const later = await site.produce('doubt', { count: 10, partition: 0, label: 'later' })
    await godwit.untilCopied('doubt', { 0: later['0'] ?? 0 })
    trial.write(linesIn(second))
    assert.equal(await godwit.stop(), 0)
  }
  await using godwit = await trial.start()
  await godwit.untilCopied('doubt', await site.produce('doubt', { count: 10, partition: 1, label: 'later' }))
  await untilNoProblem(godwit)
})
