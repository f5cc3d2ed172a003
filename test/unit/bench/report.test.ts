// Medians, verdicts, tables and the page of the benchmark.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Figures, medians, type WorkloadResult } from '../../../bench/figures.ts'
import { judge } from '../../../bench/report/bars.ts'
import { cellsOf } from '../../../bench/report/cells.ts'
import { drawPage } from '../../../bench/report/results.ts'
import { plainTable } from '../../../bench/report/table.ts'

const machine = { cpu: 'Some CPU', cores: 2, memoryGb: 24, node: '24.0.0', kafka: '4.3.1', logs: 'on disk' } as const

function result(workload: string, figures: Record<string, Figures>, problem?: string): WorkloadResult {
  const entries = Object.entries(figures).map(([contestant, of]) => ({ contestant, figures: of }))
  if (problem) entries.push({ contestant: 'broken', figures: {}, ...{ problem } })
  return {
    workload,
    title: `Title of ${workload}`,
    data: '8 records',
    date: '2026-11-21T10:00:00Z',
    rounds: 3,
    entries,
  }
}

test('a median uses only the rounds that have the figure', () => {
  const rounds = [{ mbPerSecond: 30, ackP50: 1 }, { mbPerSecond: 10 }, { mbPerSecond: 20, ackP50: 2 }]
  assert.deepEqual(medians(rounds), { mbPerSecond: 20, ackP50: 1.5 })
  assert.deepEqual(medians([]), {})
})

test('a goal compared with a rival is met at exactly its limit', () => {
  const rival = { mbPerSecond: 200, cpuPerGb: 2 }
  const met = judge([result('large-batches', { godwit: { mbPerSecond: 200, cpuPerGb: 1.2 }, 'Go copier': rival })])
  assert.deepEqual(
    met.map((v) => [v.measured, v.met]),
    [
      ['1.00', true],
      ['0.60', true],
    ],
  )
  const missed = judge([result('large-batches', { godwit: { mbPerSecond: 190, cpuPerGb: 1.3 }, 'Go copier': rival })])
  assert.deepEqual(
    missed.map((v) => v.met),
    [false, false],
  )
})

test('a goal is left out, not met, if the rival was not measured', () => {
  assert.deepEqual(judge([result('batches-16k', { godwit: { mbPerSecond: 500 } })]), [])
})

test('memory, first record, latency and start time have their own goals', () => {
  const verdicts = judge([
    result('zstd', { godwit: { peakRssMb: 201, firstRecordSeconds: 1.9 } }),
    result('latency', { godwit: { ackP50: 4.9, ackP99: 25.1 } }),
    result('start-2000', { godwit: { allCopyingSeconds: 9, idleCpuPercent: 5.5 } }),
  ])
  assert.deepEqual(
    verdicts.map((v) => v.met),
    [false, true, true, false, true, false],
  )
})

test('cells show the ratio to godwit, and only columns with a figure are shown', () => {
  const { head, rows } = cellsOf(
    result('lz4', { godwit: { mbPerSecond: 300 }, rival: { mbPerSecond: 150, share: 0.5 }, other: {} }),
  )
  assert.deepEqual(head, ['', 'MB/s'])
  assert.deepEqual(rows, [
    ['godwit', '300'],
    ['rival (50 % copied in time)', '150 (x0.50)'],
    ['other', '-'],
  ])
})

test('plain tables align the first column left and figures right', () => {
  assert.equal(plainTable(['', 'MB/s'], [['godwit', '1,234']]), '         MB/s\n------  -----\ngodwit  1,234')
})

test('the page shows what was measured, on which machine, and what failed', () => {
  const page = drawPage({ machine, results: [result('zstd', { godwit: { peakRssMb: 300 } }, 'it ended\nin tears')] })
  assert.match(page, /2 cores \(Some CPU\) and 24 GB .*Apache Kafka 4\.3\.1/)
  assert.match(page, /\| zstd \| peak RSS at most 200 MB \| 300 \| \*\*not met\*\* \|/)
  assert.match(page, /## Title of zstd\n\n`zstd`, 2026-11-21, median of 3 rounds\. On the source: 8 records\./)
  assert.match(page, /- broken: it ended$/m)
})
