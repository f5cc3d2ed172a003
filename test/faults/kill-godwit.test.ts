// kill -9 of godwit, again and again, at moments nobody has chosen, while records keep coming: nothing missing, nothing twice.
import { after, test } from 'node:test'
import { type Age, progress, Scene, someMoment } from './scene.ts'

/** The figure; fewer for a quick look. */
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
