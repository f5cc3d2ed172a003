// The demo as a new user runs it: a complete migration between real clusters and its result; afterwards nothing is left behind.
// Each run has its own temporary folder and its own marker in the environment, by which its processes are found.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DemoRun } from './demo-run.ts'

/** The rows of the comparison: topic -> its cells. */
function comparisonOf(out: string): Map<string, string[]> {
  const lines = out.slice(out.search(/^topic +partitions +records +equal/m)).split('\n')
  const rows = lines.slice(2, lines.indexOf('')).map((line) => line.split(/ {2,}/))
  return new Map(rows.map(([topic = '', ...cells]) => [topic, cells]))
}

/** Partitions by topic, as the guide describes. */
const expectedTopics = {
  customers: 3,
  deliveries: 2,
  'driver-pings': 2,
  'kitchen-log': 2,
  'menu-photos': 2,
  'night-menu': 2,
  'order-events': 4,
  'orders-2019': 3,
  payments: 3,
  'pizza-orders': 6,
  promotions: 2,
  receipts: 2,
}

test('the demo migrates live clusters, finds every record equal, and leaves nothing behind', async (t) => {
  const run = new DemoRun(t, [])
  assert.equal(await run.exitCode(), 0, run.out + run.errors)
  assert.match(run.out, /in sync, [\d.]+ s after godwit was started/)
  assert.match(run.out, /^pizza-orders: 6 partitions, [\d,]+ records, .+ records\/s, .+\/s, lag [\d,]+, ETA /m)
  assert.match(run.out, /ended with exit code 0/)
  const rows = comparisonOf(run.out)
  assert.deepEqual([...rows.keys()].toSorted(), Object.keys(expectedTopics).toSorted())
  for (const [topic, partitions] of Object.entries(expectedTopics)) {
    const [count, records, equal, ...rest] = rows.get(topic) ?? []
    assert.deepEqual([count, equal, ...rest], [String(partitions), records, '0', '0', '0', 'kept'], topic)
    assert.equal(records === '0', topic === 'promotions', `${topic} has ${records} records`)
  }
  assert.match(run.out, /EQUAL: all [\d,]+ records in 33 partitions of 12 topics are the same/)
  assert.equal(run.errors, '')
  await run.assertNothingLeft()
})

for (const [moment, line] of [
  ['the clusters start', /starting the old cluster/],
  ['the old cluster is filled', /pizza-orders +6 partitions/],
  ['godwit copies', /godwit run /],
] as const) {
  test(`Ctrl-C while ${moment} stops everything and leaves nothing behind`, async (t) => {
    const run = new DemoRun(t, [])
    await run.prints(line)
    run.interrupt()
    assert.equal(await run.exitCode(), 130, run.out + run.errors)
    assert.match(run.out, /interrupted: stopping everything/)
    assert.equal(run.errors, '')
    await run.assertNothingLeft()
  })
}

test('a godwit that fails to start is reported with its last output', async (t) => {
  const run = new DemoRun(t, ['--godwit', '/bin/false'])
  assert.equal(await run.exitCode(), 1)
  assert.match(run.errors, /The demo stopped: godwit ended by itself with 1/)
  await run.assertNothingLeft()
})

test('a missing JDK is reported with its remedy, without a stack trace', async (t) => {
  const run = new DemoRun(t, [], { PATH: '', JAVA_HOME: '' })
  assert.equal(await run.exitCode(), 1)
  assert.match(run.errors, /The demo stopped: A Java Development Kit 17 or newer is needed; .+ Install one/)
  assert.doesNotMatch(run.errors, /^\s+at /m)
  await run.assertNothingLeft()
})

test('an unknown option is refused with the usage', async (t) => {
  const run = new DemoRun(t, ['--kep'])
  assert.equal(await run.exitCode(), 64)
  assert.match(run.errors, /'--kep'[\s\S]+--keep +leave both clusters up/)
})
