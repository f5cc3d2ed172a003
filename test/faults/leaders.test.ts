// Leaders move in a target cluster of three brokers while godwit copies: no record is missing or duplicated, and the order is
// kept.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { describeTopics, moveLeader } from '../harness/operate.ts'
import { type Age, ages, progress, Scene } from './scene.ts'

const scene = await Scene.start({ heapMb: 256 }, { brokers: 3, heapMb: 256 })
after(() => scene[Symbol.asyncDispose]())

for (const age of Object.keys(ages) as Age[]) {
  test(`leaders of target partitions move repeatedly, ${age} records`, async () => {
    const topic = `moved-${age}`
    const copy = `src.${topic}`
    const loading = await scene.load(topic, age, 2000)
    await using godwit = await scene.run(topic)
    await progress(godwit, 1000)
    for (let round = 0; round < 3; round++) {
      for (const partition of [0, 1, 2, 3])
        await moveLeader(scene.target, copy, partition, ((round + partition) % 3) + 1)
      await progress(godwit, 1000)
    }
    const [described] = await describeTopics(scene.target, [copy])
    assert.ok(described)
    await scene.conclude(topic, loading, godwit)
  })

  test(`one of three target brokers stops by kill -9 and restarts, ${age} records`, async () => {
    const topic = `one-of-three-${age}`
    const loading = await scene.load(topic, age, 2000)
    await using godwit = await scene.run(topic)
    await progress(godwit, 1000)
    await scene.target.brokers[1]?.kill9()
    await progress(godwit, 3000)
    await scene.target.start()
    await progress(godwit, 1000)
    await scene.conclude(topic, loading, godwit)
  })
}
