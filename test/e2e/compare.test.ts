// The comparison that the demo uses: a copy with one fault per partition, and every fault must be reported.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { differences, isPartitionComparison, type PartitionComparison } from '../../demo/compare.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { runJava } from '../harness/java.ts'

const compareJava = join(import.meta.dirname, '../../demo/java/Compare.java')
const flaws = join(import.meta.dirname, 'java/Flawed.java')

let cluster: TestCluster
before(async () => {
  cluster = await startCluster({ name: 'flawed' })
  const written = await runJava(flaws, [cluster.bootstrap])
  assert.equal(written.code, 0, written.stderr)
})
after(() => cluster.destroy())

async function compare(...topics: string[]): Promise<{ code: number | null; partitions: PartitionComparison[] }> {
  const args = [cluster.bootstrap, cluster.bootstrap, '--prefix', 'copy.', ...topics]
  const { code, stdout, stderr } = await runJava(compareJava, args)
  assert.equal(stderr, '')
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  return { code, partitions: lines.filter(isPartitionComparison) }
}

/** The expected result for each partition that Flawed.java writes: ten records with one fault at the fifth. */
const expected: ReadonlyArray<readonly [flaw: string, counts: Partial<PartitionComparison>, first?: RegExp]> = [
  ['no flaw', { equal: 10, target: 10 }],
  ['a record missing', { equal: 9, target: 9, missing: 1 }, /^the target lacks offset 4 \(key 'key 4'/],
  ['a record too many', { equal: 10, target: 11, extra: 1 }, /^the target has offset 4 \(key 'key 44'/],
  ['another value', { equal: 9, target: 10, different: 1 }, /^value differs: source offset 4/],
  ['another header value', { equal: 9, target: 10, different: 1 }, /^header 0 differs/],
  ['another order of headers', { equal: 9, target: 10, different: 1 }, /^header 0 differs/],
  ['another timestamp', { equal: 9, target: 10, different: 1 }, /^timestamp differs/],
  ['two records swapped', { equal: 9, target: 10, moved: 1 }, /offset 4 \(key 'key 5'/],
  ['an empty value for null', { equal: 9, target: 10, different: 1 }, /^value differs: .+ null value, .+ 0 bytes/],
  ['the last record missing', { equal: 9, target: 9, missing: 1 }, /^the target lacks offset 9/],
  ['a record doubled', { equal: 10, target: 11, extra: 1 }, /^the target has offset 4 \(key 'key 3'/],
]

test('every fault of a copy is found, with its kind and its place', async () => {
  const { code, partitions } = await compare('flawed')
  assert.equal(code, 1)
  assert.equal(partitions.length, expected.length)
  for (const [i, [flaw, counts, first]] of expected.entries()) {
    const { first: sentence, ...found } = partitions[i] ?? {}
    const none = { missing: 0, extra: 0, different: 0, moved: 0 }
    assert.deepEqual(found, { topic: 'flawed', partition: i, source: 10, ...none, ...counts }, flaw)
    if (first) assert.match(sentence ?? '', first, flaw)
    else assert.equal(sentence, undefined)
  }
  assert.equal(differences(partitions).length, expected.length - 1)
})

test('a topic or partition that the target lacks is a difference even when it is empty', async () => {
  const { code, partitions } = await compare('absent', 'narrow')
  assert.equal(code, 1)
  assert.deepEqual(
    differences(partitions),
    ['absent-0', 'narrow-1'].map((partition) => `${partition}: the target has no such partition`),
  )
})

test('an equal copy gives exit code 0', async () => {
  assert.equal((await compare('twin')).code, 0)
})

test('without a list of topics all of both sides are compared, except internal ones of Kafka and MM2', async () => {
  const { partitions } = await compare()
  // With a prefix, target topics are source topics too, and have no copies themselves.
  const topics = new Set(partitions.map(({ topic }) => topic))
  assert.deepEqual([...topics].toSorted(), [
    'absent',
    'copy.flawed',
    'copy.narrow',
    'copy.twin',
    'flawed',
    'narrow',
    'twin',
  ])
})
