// A periodic task: when it runs, what it reports, and how failures and stops are distinguished.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { Fields, Logger } from '../../../src/base/logger.ts'
import type { PeriodicTaskStatus } from '../../../src/model/flow-status.ts'
import { PeriodicTask, type PeriodicTaskParts } from '../../../src/tasks/periodic-task.ts'
import { eventually, letPass, stays } from '../../harness/eventually.ts'

function recordingLogger() {
  const lines: string[] = []
  const write = (level: string) => (message: string, fields?: Fields) => {
    lines.push(`${level} ${message} ${String(fields?.['reason'] ?? fields?.['result'] ?? '')}`)
  }
  const log: Logger = {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: () => {},
    child: () => log,
  } as unknown as Logger
  return { log, lines }
}

function taskOf(parts: Partial<PeriodicTaskParts>, log = recordingLogger().log) {
  return new PeriodicTask({ name: 'groups', intervalMs: 5, perform: () => Promise.resolve('3 groups'), log, ...parts })
}

const until = (task: PeriodicTask, isRight: (status: PeriodicTaskStatus) => boolean) =>
  eventually(() => task.status(), isRight, 2000)

/** Checks that there is no other run for several intervals. */
const runsNoMore = (task: PeriodicTask, runs: number) =>
  stays(
    () => task.status().runs,
    (now) => now === runs,
    50,
  )

test('a periodic task runs repeatedly until it is stopped, and reports its last and its next run', async () => {
  const stop = new AbortController()
  const task = taskOf({ firstAfterMs: 0 })
  assert.deepEqual([task.status().result, task.status().lastRun, task.status().nextRun], ['none', 0, 0])
  const running = task.run(stop.signal)
  await until(task, ({ runs }) => runs >= 3)
  const { result, message, lastRun, nextRun, failures } = task.status()
  assert.deepEqual([result, message, failures], ['fine', '3 groups', 0])
  assert.ok(lastRun > 0 && nextRun >= lastRun)
  stop.abort()
  await running
  assert.equal(task.status().nextRun, 0)
})

test('a failure is reported once with its remedy, does not end the periodic task, and recovery is reported', async () => {
  const { log, lines } = recordingLogger()
  const stop = new AbortController()
  let runs = 0
  const perform = () => {
    if (++runs > 3) return Promise.resolve('fine again')
    return Promise.reject(new Failure('NOT_AUTHORIZED', 'may not list groups', { remedy: 'grant Describe' }))
  }
  const task = taskOf({ firstAfterMs: 0, perform }, log)
  const running = task.run(stop.signal)
  await until(task, ({ result }) => result === 'failed')
  const { code, remedy, message } = task.status()
  assert.deepEqual([code, remedy, message], ['NOT_AUTHORIZED', 'grant Describe', 'may not list groups'])
  await until(task, ({ result }) => result === 'fine')
  stop.abort()
  await running
  assert.equal(task.status().failures, 3)
  assert.deepEqual(lines, [
    'warn a periodic task failed; godwit retries it may not list groups',
    'info a periodic task works again fine again',
  ])
})

test('a run that takes longer than the interval does not overlap, and once() joins it', async () => {
  let at = 0
  let most = 0
  const perform = async () => {
    most = Math.max(most, ++at)
    // Four intervals: a run longer than an interval is part of the test.
    await letPass(20)
    at--
    return 'done'
  }
  const stop = new AbortController()
  const task = taskOf({ firstAfterMs: 0, perform })
  const running = task.run(stop.signal)
  await until(task, ({ state }) => state === 'running')
  await Promise.all([task.once(stop.signal), task.once(stop.signal)])
  await until(task, ({ runs }) => runs >= 3)
  stop.abort()
  await running
  assert.equal(most, 1)
})

test('a run that was cut short by a stop is not a failure', async () => {
  const { log, lines } = recordingLogger()
  const stop = new AbortController()
  const perform = (signal: AbortSignal) =>
    new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('cut')), { once: true })
    })
  const task = taskOf({ firstAfterMs: 0, perform }, log)
  const running = task.run(stop.signal)
  await until(task, ({ state }) => state === 'running')
  stop.abort()
  await running
  assert.deepEqual([task.status().failures, lines], [0, []])
})

test('a periodic task without an interval runs when requested', async () => {
  const stop = new AbortController()
  const task = taskOf({ nextAfterMs: () => Infinity })
  const running = task.run(stop.signal)
  await runsNoMore(task, 0)
  task.runNow()
  await until(task, ({ runs }) => runs === 1)
  stop.abort()
  await running
})

test('a periodic task that is requested during a run runs again directly after it', async () => {
  const stop = new AbortController()
  const gate = Promise.withResolvers<string>()
  let runs = 0
  const task = taskOf({
    intervalMs: 3_600_000,
    firstAfterMs: 0,
    perform: () => (++runs === 1 ? gate.promise : Promise.resolve('')),
  })
  const running = task.run(stop.signal)
  await until(task, ({ state }) => state === 'running')
  task.runNow()
  gate.resolve('')
  await until(task, ({ runs }) => runs === 2)
  stop.abort()
  await running
})

test('a paused periodic task does not run, even if requested, and runs at once when resumed', async () => {
  const stop = new AbortController()
  const task = taskOf({ firstAfterMs: 0 })
  const running = task.run(stop.signal)
  await until(task, ({ runs }) => runs >= 1)
  task.pause()
  await until(task, ({ state }) => state === 'waiting')
  const { runs, nextRun } = task.status()
  assert.equal(nextRun, 0)
  task.runNow()
  await task.once(stop.signal, true)
  await runsNoMore(task, runs)
  task.resume()
  await until(task, (now) => now.runs > runs)
  task.pause()
  stop.abort()
  await running
})

test('a periodic task that is paused before its start waits until it is resumed', async () => {
  const stop = new AbortController()
  const task = taskOf({ firstAfterMs: 0 })
  task.pause()
  const running = task.run(stop.signal)
  await runsNoMore(task, 0)
  task.resume()
  await until(task, ({ runs }) => runs > 0)
  stop.abort()
  await running
})
