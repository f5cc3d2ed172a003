// Brokers stop, by kill -9 and by clean shutdown, while godwit copies: no record is missing or duplicated, and the order is kept.
import { after, test } from 'node:test'
import { type Age, ages, progress, Scene } from './scene.ts'

const scene = await Scene.start()
after(() => scene[Symbol.asyncDispose]())

for (const age of Object.keys(ages) as Age[]) {
  for (const side of ['source', 'target'] as const) {
    for (const end of ['kill9', 'stop'] as const) {
      test(`the ${side} broker stops by ${end} and restarts, ${age} records`, async () => {
        const topic = `${side}-${end}-${age}`.toLowerCase()
        const loading = await scene.load(topic, age, 2000)
        await using godwit = await scene.run(topic)
        await progress(godwit, 2000)
        await scene[side][end]()
        await scene[side].start()
        await progress(godwit, 2000)
        await scene.conclude(topic, loading, godwit)
      })
    }
  }
}
