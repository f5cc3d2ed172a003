import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Logger, silentLogger } from '../../../src/base/logger.ts'
import { ProgressLog } from '../../../src/worker/progress.ts'
import { flowStatus } from './scripted-flow.ts'

test('a flow with progress is reported with its rate since the last report; one without is not', () => {
  const said: unknown[] = []
  const log: Logger = { ...silentLogger, info: (_message, fields) => void said.push(fields) }
  const progress = new ProgressLog(log)
  const idle = flowStatus({ flow: 'b->c', records: 3 })
  progress.report([flowStatus({ records: 100, lag: 900 }), idle], 1_000)
  progress.report([flowStatus({ records: 700, bytes: 7, lag: 300 }), idle], 31_000)
  assert.deepEqual(said, [
    {
      flow: 'old->new',
      records: 700,
      bytes: 7,
      records_per_second: 20,
      lag: 300,
      missing_partitions: undefined,
      open_transactions: undefined,
      problems: undefined,
    },
  ])
})

test('a flow whose lag grows while nothing is copied is reported', () => {
  let told = 0
  const progress = new ProgressLog({ ...silentLogger, info: () => void told++ })
  progress.report([flowStatus({ lag: 1 })], 1_000)
  progress.report([flowStatus({ lag: 2 })], 2_000)
  assert.equal(told, 1)
})
