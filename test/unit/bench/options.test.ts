// The command line of the benchmark.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseOptions } from '../../../bench/options.ts'
import { workloads } from '../../../bench/workloads.ts'

test('without options every workload runs once, without rivals', () => {
  const options = parseOptions([])
  assert.deepEqual(
    options.workloads,
    workloads.map(({ name }) => name),
  )
  assert.deepEqual(options.rivals, [])
  assert.equal(options.repeat, 1)
  assert.equal(options.mb, undefined)
})

test('names may be given in one list or in several options', () => {
  const words = ['--rival', 'mm2', '--workload', 'lz4', 'zstd', '--rival=go', '--mb', '50', '--quick', '--repeat=3']
  assert.deepEqual(parseOptions(words), {
    workloads: ['lz4', 'zstd'],
    rivals: ['mm2', 'go'],
    quick: true,
    mb: 50,
    repeat: 3,
    help: false,
  })
})

test('an unknown option, name or number is refused and named', () => {
  assert.throws(() => parseOptions(['--fast']), /no option --fast/)
  assert.throws(() => parseOptions(['--rival', 'mm3']), /--rival knows mm2, mm2-default, go, not 'mm3'/)
  assert.throws(() => parseOptions(['--workload']), /--workload needs a name/)
  assert.throws(() => parseOptions(['--mb', 'lots']), /--mb needs a whole number above 0, not 'lots'/)
  assert.throws(() => parseOptions(['--repeat']), /--repeat needs a whole number/)
})
