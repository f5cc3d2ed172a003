// A duty's life: when it runs, what it tells, and that neither failure nor stop is mistaken for anything else.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { Fields, Logger } from '../../../src/base/logger.ts'
import { Duty, type DutyParts } from '../../../src/engine/duties/duty.ts'

function scribe() {
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

function dutyOf(parts: Partial<DutyParts>, log = scribe().log) {
  return new Duty({ name: 'groups', intervalMs: 5, perform: () => Promise.resolve('3 groups'), log, ...parts })
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 2000
  while (!isTrue()) {
    assert.ok(Date.now() < deadline, 'it did not happen in time')
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

test('a duty runs again and again until it is stopped, and tells of its last run and the next one', async () => {
  const stop = new AbortController()
  const duty = dutyOf({ firstAfterMs: 0 })
  assert.deepEqual([duty.status().result, duty.status().lastRun, duty.status().nextRun], ['none', 0, 0])
  const running = duty.run(stop.signal)
  await until(() => duty.status().runs >= 3)
  const { result, message, lastRun, nextRun, failures } = duty.status()
  assert.deepEqual([result, message, failures], ['fine', '3 groups', 0])
  assert.ok(lastRun > 0 && nextRun >= lastRun)
  stop.abort()
  await running
  assert.equal(duty.status().nextRun, 0)
})

test('a failure is told once with its remedy, does not end the duty, and its end is told too', async () => {
  const { log, lines } = scribe()
  const stop = new AbortController()
  let runs = 0
  const perform = () => {
    if (++runs > 3) return Promise.resolve('fine again')
    return Promise.reject(new Failure('NOT_AUTHORIZED', 'may not list groups', { remedy: 'grant Describe' }))
  }
  const duty = dutyOf({ firstAfterMs: 0, perform }, log)
  const running = duty.run(stop.signal)
  await until(() => duty.status().result === 'failed')
  const { code, remedy, message } = duty.status()
  assert.deepEqual([code, remedy, message], ['NOT_AUTHORIZED', 'grant Describe', 'may not list groups'])
  await until(() => duty.status().result === 'fine')
  stop.abort()
  await running
  assert.equal(duty.status().failures, 3)
  assert.deepEqual(lines, [
    'warn a duty failed; it is tried again may not list groups',
    'info a duty works again fine again',
  ])
})

test('a run that takes longer than the interval is not overlapped, and once() joins it', async () => {
  let at = 0
  let most = 0
  const perform = async () => {
    most = Math.max(most, ++at)
    await new Promise((resolve) => setTimeout(resolve, 20))
    at--
    return 'done'
  }
  const stop = new AbortController()
  const duty = dutyOf({ firstAfterMs: 0, perform })
  const running = duty.run(stop.signal)
  await until(() => duty.status().state === 'running')
  await Promise.all([duty.once(stop.signal), duty.once(stop.signal)])
  await until(() => duty.status().runs >= 3)
  stop.abort()
  await running
  assert.equal(most, 1)
})

test('a run that a stop cut short is no failure', async () => {
  const { log, lines } = scribe()
  const stop = new AbortController()
  const perform = (signal: AbortSignal) =>
    new Promise<string>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('cut')), { once: true })
    })
  const duty = dutyOf({ firstAfterMs: 0, perform }, log)
  const running = duty.run(stop.signal)
  await until(() => duty.status().state === 'running')
  stop.abort()
  await running
  assert.deepEqual([duty.status().failures, lines], [0, []])
})

test('a duty that does not run by itself runs when it is hurried', async () => {
  const stop = new AbortController()
  const duty = dutyOf({ nextAfterMs: () => Infinity })
  const running = duty.run(stop.signal)
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(duty.status().runs, 0)
  duty.hurry()
  await until(() => duty.status().runs === 1)
  stop.abort()
  await running
})

test('a duty that is hurried while it runs is run again right behind that', async () => {
  const stop = new AbortController()
  const gate = Promise.withResolvers<string>()
  let runs = 0
  const duty = dutyOf({
    intervalMs: 3_600_000,
    firstAfterMs: 0,
    perform: () => (++runs === 1 ? gate.promise : Promise.resolve('')),
  })
  const running = duty.run(stop.signal)
  await until(() => duty.status().state === 'running')
  duty.hurry()
  gate.resolve('')
  await until(() => duty.status().runs === 2)
  stop.abort()
  await running
})

test('a paused duty does not run, however it is asked, and goes on at once when it is resumed', async () => {
  const stop = new AbortController()
  const duty = dutyOf({ firstAfterMs: 0 })
  const running = duty.run(stop.signal)
  await until(() => duty.status().runs >= 1)
  duty.pause()
  await until(() => duty.status().state === 'waiting')
  const { runs, nextRun } = duty.status()
  assert.equal(nextRun, 0)
  duty.hurry()
  await duty.once(stop.signal, true)
  // Ten intervals.
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.equal(duty.status().runs, runs)
  duty.resume()
  await until(() => duty.status().runs > runs)
  duty.pause()
  stop.abort()
  await running
})

test('a duty that is paused before it begins waits for being resumed', async () => {
  const stop = new AbortController()
  const duty = dutyOf({ firstAfterMs: 0 })
  duty.pause()
  const running = duty.run(stop.signal)
  await new Promise((resolve) => setTimeout(resolve, 20))
  assert.equal(duty.status().runs, 0)
  duty.resume()
  await until(() => duty.status().runs > 0)
  stop.abort()
  await running
})
