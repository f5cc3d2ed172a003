// The whole data path between two scripted clusters with random faults. The scenes are always the same, but not the timing of
// their requests. GODWIT_SEED repeats one scene; GODWIT_SCENES runs this many new ones.
import { test } from 'node:test'
import { Scene } from './random-scene.ts'

const fixed = process.env['GODWIT_SEED']
const wanted = process.env['GODWIT_SCENES']
const scenes = fixed === undefined ? Number(wanted ?? 160) : 1
/** Scenes mostly wait, so many run at the same time. */
const AT_ONCE = 70

async function play(seed: number): Promise<void> {
  try {
    await new Scene(seed).run()
  } catch (error) {
    throw new Error(`scene GODWIT_SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

test('whatever fails, the target has every visible record of the source once, in order', async () => {
  const first = wanted === undefined || fixed !== undefined ? Number(fixed ?? 1) : Math.floor(Math.random() * 2 ** 31)
  const seeds = Array.from({ length: scenes }, (_, i) => first + i)
  const next = seeds.values()
  const failed: unknown[] = []
  const worker = async () => {
    for (const seed of next) await play(seed).catch((error: unknown) => failed.push(error))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('\n'))
})
