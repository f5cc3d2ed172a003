// The whole data path between two scripted clusters while things break at random. GODWIT_SEED plays one scene again, GODWIT_SCENES
// sets how many there are.
import { test } from 'node:test'
import { Scene } from './random-scene.ts'

const fixed = process.env['GODWIT_SEED']
const scenes = Number(process.env['GODWIT_SCENES'] ?? 160)
/** They wait for the most part. */
const AT_ONCE = 70

async function play(seed: number): Promise<void> {
  try {
    await new Scene(seed).run()
  } catch (error) {
    throw new Error(`scene GODWIT_SEED=${seed}: ${error instanceof Error ? error.message : error}`, { cause: error })
  }
}

test('whatever breaks, the target holds every visible record of the source once, in order', async () => {
  const first = fixed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(fixed)
  const seeds = Array.from({ length: fixed === undefined ? scenes : 1 }, (_, i) => first + i)
  const next = seeds.values()
  const failed: unknown[] = []
  const worker = async () => {
    for (const seed of next) await play(seed).catch((error: unknown) => failed.push(error))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  if (failed.length > 0) throw new AggregateError(failed, failed.map(String).join('\n'))
})
