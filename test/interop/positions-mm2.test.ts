// `godwit positions` with a real MirrorMaker 2: it continues at the offset that was set, and nothing is changed while it works.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { NEWEST } from '../harness/kafka-jars.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { Site } from '../integration/engine/site.ts'
import { identity, mm2File } from './mm2-file.ts'

let site: Site
let folder = ''
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-positions-'))
  site = await Site.start({ version: NEWEST }, { version: NEWEST })
})
after(async () => {
  await site[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const keys = async (topic: string) => (await site.read(site.target, topic)).map(({ key }) => key)
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `r-${from + i}`)

test('MM2 continues exactly where positions were reset to; while it works on the flow a reset is refused', async () => {
  await site.create('orders', 1)
  await site.produce('orders', { count: 100, partition: 0, label: 'r' })
  const text = mm2File(
    { A: site.source, B: site.target },
    ...['A->B.enabled = true', 'B->A.enabled = false', 'A->B.topics = orders', identity],
    ...['emit.heartbeats.enabled = false', 'emit.checkpoints.enabled = false'],
  )
  writeFileSync(join(folder, 'mm2.properties'), text)
  {
    await using copying = await GodwitProcess.start(text, '--until', 'in-sync')
    assert.equal(await copying.exit(), 0, copying.lastOutput())
  }
  const reset = (...words: string[]) => godwit(['positions', 'reset', 'mm2.properties', ...words], { cwd: folder })
  const moved = await reset('--to', '60', '--execute')
  assert.equal(moved.code, 0, moved.err)

  await using mm2 = await MirrorMaker.start(text, NEWEST)
  await eventually(
    () => keys('orders'),
    (found) => found.length >= 140,
    90_000,
  )
  const refused = await reset('--to', 'earliest', '--execute')
  assert.equal(refused.code, 75, refused.err)
  assert.match(refused.err, /MirrorMaker 2 is running on this flow \(group A-mm2 on cluster B, from .+\)/)
  assert.match(refused.err, /remedy: stop MirrorMaker 2, run the command again, then start it or godwit/)
  await site.produce('orders', { count: 10, partition: 0, label: 'late' })
  await eventually(
    () => keys('orders'),
    (found) => found.length >= 150,
    60_000,
  )
  await mm2.stop()
  const late = Array.from({ length: 10 }, (_, i) => `late-${i}`)
  assert.deepEqual(await keys('orders'), [...numbered(0, 100), ...numbered(60, 100), ...late])

  // A reset to the log start removes MM2's stored offset.
  const fromStart = await reset('--to', 'earliest', '--execute')
  assert.equal(fromStart.code, 0, fromStart.err)
  await using again = await MirrorMaker.start(text, NEWEST)
  await eventually(
    () => keys('orders'),
    (found) => found.length >= 260,
    90_000,
  )
  await again.stop()
  assert.deepEqual((await keys('orders')).slice(150), [...numbered(0, 100), ...late])
})
