// Connections are cut within requests and answers on both sides: no record is missing or duplicated.
import { after, test } from 'node:test'
import { type Age, ages, progress, Scene } from './scene.ts'

const PRODUCE = 0
const FETCH = 1
const scene = await Scene.start({ proxied: true }, { proxied: true })
after(() => scene[Symbol.asyncDispose]())

for (const age of Object.keys(ages) as Age[]) {
  test(`Produce requests are cut before, within and after their bytes, ${age} records`, async () => {
    const topic = `produce-cut-${age}`
    const loading = await scene.load(topic, age)
    await using godwit = await scene.run(topic)
    await progress(godwit, 1000)
    for (let round = 0; round < 3; round++) {
      for (const point of ['before', 'middle', 'answered'] as const) {
        await scene.target.proxy.cutAtRequest(PRODUCE, point)
        await progress(godwit, 500)
      }
    }
    await scene.conclude(topic, loading, godwit)
  })

  test(`all connections of one side are cut at once, ${age} records`, async () => {
    const topic = `all-cut-${age}`
    const loading = await scene.load(topic, age)
    await using godwit = await scene.run(topic)
    for (let round = 0; round < 5; round++) {
      await progress(godwit, 500)
      scene.target.proxy.cut()
      await progress(godwit, 500)
      scene.source.proxy.cut()
    }
    await scene.source.proxy.cutAtRequest(FETCH, 'answered')
    await progress(godwit, 500)
    await scene.conclude(topic, loading, godwit)
  })
}
