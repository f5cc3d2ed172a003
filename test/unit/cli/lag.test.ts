import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCli } from '../../../src/cli/cli.ts'
import { lagCommand } from '../../../src/cli/commands/lag.ts'
import { isWithin, lagLines, lagRows } from '../../../src/cli/status/lag.ts'
import { everything, filterOf } from '../../../src/cli/status/selection.ts'
import { captured, flow, partition } from './scripted.ts'

const anything = { records: undefined, seconds: undefined }
const topic = (name: string, ...partitions: ReturnType<typeof partition>[]) => ({
  topic: name,
  targetTopic: name,
  partitions,
})
const copying = flow({
  topics: [
    topic('orders', partition({ lag: 10, lagMs: 2500 }), partition({ partition: 1, lag: 5, lagMs: 4000 })),
    topic('payments', partition({ lag: 0, lagMs: 0 })),
  ],
})

test('the lag of a topic is the sum over its partitions, its age that of the oldest record', () => {
  assert.deepEqual(lagLines(lagRows([copying], everything, anything)), [
    'fine     old->new  orders    lag=15 seconds=4',
    'fine     old->new  payments  lag=0 seconds=0',
  ])
})

test('a topic is above a limit of records or of seconds; a lag equal to the limit is fine', () => {
  const results = (records?: number, seconds?: number) =>
    lagRows([copying], everything, { records, seconds }).map(({ result }) => result)
  assert.deepEqual(results(15), ['fine', 'fine'])
  assert.deepEqual(results(14), ['above', 'fine'])
  assert.deepEqual(results(undefined, 4), ['fine', 'fine'])
  assert.deepEqual(results(undefined, 3.9), ['above', 'fine'])
  assert.deepEqual(results(1000, 1), ['above', 'fine'])
})

test('an unknown lag is within no limit', () => {
  const starting = flow({ state: 'starting', reason: 'no broker of old answers', topics: [] })
  const waiting = flow({ topics: [topic('orders', partition(), partition({ partition: 1, position: -1, lag: 0 }))] })
  const zero = { records: 0, seconds: undefined }
  const empty = flow({ topics: [topic('audit', partition({ position: -1, lag: 0 }))] })
  const rows = lagRows([starting, flow({ state: 'standby' }), empty], everything, zero)
  assert.deepEqual(lagLines(rows), [
    'unknown  old->new  -      lag=? starting: no broker of old answers',
    'unknown  old->new  -      lag=? standby',
    'unknown  old->new  audit  lag=0 1 of 1 partition not started yet',
  ])
  assert.equal(isWithin(rows), false)
  assert.deepEqual(lagLines(lagRows([waiting], everything, zero)), [
    'above    old->new  orders  lag=10 1 of 2 partitions not started yet',
  ])
  assert.equal(isWithin(lagRows([copying], everything, anything)), true)
})

test('flows that intentionally copy nothing have no lag, and a filter leaves topics out', () => {
  assert.deepEqual(lagRows([flow({ heartbeatsOnly: true })], everything, anything), [])
  assert.deepEqual(
    lagRows([copying], filterOf('^pay'), anything).map((row) => row.topic),
    ['payments'],
  )
})

const refused: [string[], RegExp][] = [
  [['--fail-above', 'x'], /--fail-above must be a number of at least 0, not 'x'/],
  [['--fail-above', ' '], /--fail-above must be a number of at least 0, not ' '/],
  [['--seconds', '-1'], /--seconds must be a number of at least 0, not '-1'/],
  [['--seconds=-1'], /--seconds must be a number of at least 0, not '-1'/],
  [['--topic', '['], /'\[' is not a regular expression/],
  [['a', 'b'], /'b' is an unexpected argument/],
  [['a', '--seconds', '5'], /--seconds needs a running godwit[\s\S]*remedy: omit FILE, or omit --seconds/],
]
for (const [words, message] of refused) {
  test(`'godwit lag ${words.join(' ')}' is refused with exit code 64`, async () => {
    const { around, out, err } = captured()
    assert.equal(await runCli([lagCommand], ['lag', ...words], '1', around), 64)
    assert.deepEqual(out, [])
    assert.match(err.join(''), message)
  })
}
