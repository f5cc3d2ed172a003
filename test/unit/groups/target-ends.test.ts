// Committed offsets beyond the end of their log, and when log ends are requested.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { TargetEnds } from '../../../src/groups/target-ends.ts'
import type { Admin } from '../../../src/kafka/admin.ts'
import { isBeyondEnd } from '../../../src/kafka/groups.ts'

/** A target with these log end offsets at the time of the request. */
function targetWith(ends: Record<string, number>) {
  const asked: string[][] = []
  const admin: Pick<Admin, 'listOffsets'> = {
    listOffsets: (places) => {
      const keys = places.map(({ topic, partition }) => `${topic}-${partition}`)
      asked.push(keys)
      const found = keys.map((key) => {
        const offset = ends[key]
        return [key, offset === undefined ? new Failure('UNKNOWN_TOPIC', 'gone') : { offset }] as const
      })
      return Promise.resolve(new Map(found) as Awaited<ReturnType<Admin['listOffsets']>>)
    },
  }
  return { asked, ends: new TargetEnds(admin) }
}

const place = (offset: number, partition = 0) => ({ topic: 'orders', partition, offset })

test('an offset is beyond the end if it is greater, and never if the end is unknown', () => {
  assert.deepEqual(
    [isBeyondEnd(41, 40), isBeyondEnd(40, 40), isBeyondEnd(0, 0), isBeyondEnd(1, 0), isBeyondEnd(41, undefined)],
    [true, false, false, true, false],
  )
})

test('log ends are requested once, and again if a group may have read beyond them', async () => {
  const logs = { 'orders-0': 40 }
  const { asked, ends } = targetWith(logs)
  await ends.look([place(30), place(40)])
  await ends.look([place(12), place(40)])
  assert.deepEqual(asked, [['orders-0']])
  logs['orders-0'] = 45
  await ends.look([place(44)])
  assert.deepEqual(asked, [['orders-0'], ['orders-0']])
  assert.equal(ends.isBeyond(place(44)), false)
  await ends.look([place(5000)])
  assert.equal(ends.isBeyond(place(5000)), true)
  assert.equal(ends.of('orders', 0), 45)
})

test('a partition with an unknown end is not judged', async () => {
  const { ends } = targetWith({})
  await ends.look([place(5000, 3)])
  assert.equal(ends.isBeyond(place(5000, 3)), false)
  assert.equal(ends.of('orders', 3), undefined)
})
