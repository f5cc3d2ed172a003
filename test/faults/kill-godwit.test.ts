// Repeated kill -9 of godwit at random moments while records are produced: no record is missing or duplicated.
import { after, test } from 'node:test'
import { type Age, progress, Scene, someMoment } from './scene.ts'

/** 20 kills; fewer for a quick run. */
const kills = Number(process.env['GODWIT_KILLS'] ?? 20)

const scene = await Scene.start()
after(() => scene[Symbol.asyncDispose]())

for (const age of ['fresh', 'old'] as const satisfies readonly Age[]) {
  test(`${kills} kills -9 of godwit lose and duplicate nothing, ${age} records`, async () => {
    const topic = `killed-${age}`
    const loading = await scene.load(topic, age)
    for (let kill = 0; kill < kills; kill++) {
      await using godwit = await scene.run(topic)
      await progress(godwit, 1)
      await someMoment(1500)
      await godwit.kill9()
    }
    await using godwit = await scene.run(topic)
    await scene.conclude(topic, loading, godwit)
  })
}
