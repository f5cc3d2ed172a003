// The result of the demo: equal only if everything is equal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allEqual, comparisonTable, differences, type PartitionComparison, verdict } from '../../../demo/compare.ts'
import { count, duration, size } from '../../../demo/table.ts'

const good: PartitionComparison = {
  topic: 'orders',
  partition: 0,
  source: 1200,
  target: 1200,
  equal: 1200,
  missing: 0,
  extra: 0,
  different: 0,
  moved: 0,
}
const empty = { ...good, topic: 'promotions', source: 0, target: 0, equal: 0 }

test('equal partitions and empty ones are equal', () => {
  assert.equal(allEqual([good, { ...good, partition: 1 }, empty]), true)
  assert.match(verdict([good, empty]), /^EQUAL: all 1,200 records in 2 partitions of 2 topics/)
})

test('a comparison of nothing is not equal', () => {
  assert.equal(allEqual([]), false)
  assert.equal(allEqual([empty]), false)
})

for (const fault of ['missing', 'extra', 'different', 'moved'] as const) {
  test(`a record ${fault} makes it unequal and is reported`, () => {
    const bad = { ...good, partition: 1, [fault]: 1, first: 'the target lacks offset 4' }
    assert.equal(allEqual([good, bad]), false)
    assert.match(verdict([good, bad]), /^NOT EQUAL: 1 of 2 partitions of 1 topics differ/)
    assert.deepEqual(differences([good, bad]), ['orders-1: the target lacks offset 4'])
  })
}

test('counts that do not add up are unequal even without a named fault', () => {
  assert.equal(allEqual([{ ...good, target: 1199 }]), false)
  assert.equal(allEqual([{ ...good, equal: 1199 }]), false)
})

test('the table has a row per topic with sums', () => {
  const lines = comparisonTable([good, { ...good, partition: 1, moved: 2 }, empty])
  assert.deepEqual(
    lines.map((line) => line.replaceAll(/ +/g, ' ')),
    [
      'topic partitions records equal missing extra different order',
      lines[1]?.replaceAll(/ +/g, ' '),
      'orders 2 2,400 2,400 0 0 0 2 moved',
      'promotions 1 0 0 0 0 0 kept',
    ],
  )
})

test('numbers, sizes and times have separators and units', () => {
  assert.deepEqual(
    [count(1234567), size(812), size(4200), size(31e6), size(2.5e9)],
    ['1,234,567', '812 B', '4.2 KB', '31.0 MB', '2.50 GB'],
  )
  assert.deepEqual([duration(400), duration(12_400), duration(185_000)], ['0.4 s', '12 s', '3 min 5 s'])
})
