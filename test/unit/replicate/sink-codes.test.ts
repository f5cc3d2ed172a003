// Every error code of Kafka in a produce answer: what the port hears, and that nothing else happens.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wireErrors } from '../../../src/kafka/wire-errors.ts'
import { enqueue, soon } from './data-path-parts.ts'
import { SinkWorld } from './sink-world.ts'
import { SourceLog } from './source-log.ts'

const codes = [...Object.keys(wireErrors).map(Number), 4711]
const log = () => new SourceLog().add({ kind: 'plain', records: 2, size: 40_000 })

test('an error of a partition is reported with its code, and it sends again once it is recovered', async () => {
  assert.ok(codes.length > 130)
  const left = [...codes]
  await using world = await SinkWorld.start((batches) => {
    const error = left.shift()
    return error === undefined
      ? undefined
      : { partitions: batches.map(({ topic, partition }) => ({ topic, partition, error, message: 'because' })) }
  })
  const copy = world.add()
  for (const [index, code] of [...codes, 0].entries()) {
    enqueue(copy, log().batches)
    world.sinks.offer(copy)
    await soon(() => world.heard.length > index, `the answer ${code}`)
    if (code === 0) break
    assert.deepEqual(world.heard.at(-1), ['refused', 0, code])
    assert.deepEqual([copy.position.next, copy.position.mayBeAhead, copy.queue.lost.length], [0, true, 1])
    copy.position.confirm()
    world.recover(copy)
  }
  assert.deepEqual(world.heard.at(-1), ['acknowledged', 0, 2])
  assert.equal(world.broker.connections, 1, 'an error code ends no connection')
})

test('one partition that is refused keeps no other of the request', async () => {
  await using world = await SinkWorld.start((batches) => ({
    partitions: world.append(batches).map((one) => (one.partition === 2 ? { ...one, error: 6 } : one)),
  }))
  const copies = [0, 2, 4].map((i) => world.add(i))
  for (const copy of copies) enqueue(copy, new SourceLog().add({ kind: 'plain', records: 2 }).batches)
  for (const copy of copies) world.sinks.offer(copy)
  await soon(() => world.heard.length === 3, 'all three')
  assert.deepEqual(
    world.heard.toSorted((a, b) => a[1] - b[1]),
    [
      ['acknowledged', 0, 2],
      ['refused', 2, 6],
      ['acknowledged', 4, 2],
    ],
  )
})

test('a partition that an answer leaves out is looked at again, the others are acknowledged', async () => {
  await using world = await SinkWorld.start((batches) => ({
    partitions: world.append(batches).filter(({ partition }) => partition !== 2),
  }))
  const copies = [0, 2, 4].map((i) => world.add(i))
  for (const copy of copies) enqueue(copy, new SourceLog().add({ kind: 'plain', records: 2 }).batches)
  for (const copy of copies) world.sinks.offer(copy)
  await soon(() => world.heard.length === 3, 'all three')
  assert.deepEqual(
    world.heard.map(([what, partition]) => [what, partition]),
    [
      ['acknowledged', 0],
      ['acknowledged', 4],
      ['lost', 2],
    ],
  )
})

test('what was in flight behind a refused batch is in doubt, and its answers are not heard', async () => {
  let requests = 0
  await using world = await SinkWorld.start((batches) => ({
    partitions: world.append(batches).map((one) => (++requests === 2 ? { ...one, error: 19 } : one)),
  }))
  const copy = world.add()
  const batches = Array.from({ length: 5 }, () => ({ kind: 'plain', records: 2, size: 40_000 }) as const)
  enqueue(copy, new SourceLog().add(...batches).batches)
  world.sinks.offer(copy)
  await world.hears('refused')
  await soon(() => world.sinks.of(copy)?.idle === true, 'the other answers')
  assert.deepEqual(world.heard, [
    ['acknowledged', 0, 2],
    ['refused', 0, 19],
  ])
  assert.equal(copy.position.next, 2)
  assert.equal(copy.queue.lost[0]?.next, 4)
})
