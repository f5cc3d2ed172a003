import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { type Logger, silentLogger } from '../../../src/base/logger.ts'
import { drainDeadlineMs, Worker } from '../../../src/worker/worker.ts'
import { completeness, ScriptedFlow } from './scripted-flow.ts'

const never = new AbortController().signal
const drained = [`drain ${drainDeadlineMs}`, 'close']

function started(...flows: ScriptedFlow[]): Worker {
  const worker = new Worker(flows, silentLogger)
  worker.start()
  return worker
}

test('a signal drains every flow and ends with 0, even if nothing was in sync', async () => {
  const flows = [new ScriptedFlow(), new ScriptedFlow({ flow: 'b->c' })]
  const stop = new AbortController()
  const ended = started(...flows).run('stopped', stop.signal)
  stop.abort()
  assert.equal(await ended, 0)
  for (const flow of flows) assert.deepEqual(flow.calls, ['start', ...drained])
})

test('a signal before the flows were started ends the run at once', async () => {
  assert.equal(await started(new ScriptedFlow()).run('stopped', AbortSignal.abort()), 0)
})

test('a failed flow does not stop another, and the run continues', async () => {
  const [bad, good] = [new ScriptedFlow(), new ScriptedFlow({ flow: 'b->c' })]
  const stop = new AbortController()
  const worker = started(bad, good)
  const ended = worker.run('stopped', stop.signal)
  bad.fail(new Failure('AUTHENTICATION_FAILED', 'old refuses the password'))
  await new Promise(setImmediate)
  assert.deepEqual(good.calls, ['start'])
  assert.equal(worker.live().ok, true)
  stop.abort()
  assert.equal(await ended, 0)
  assert.deepEqual(good.calls, ['start', ...drained])
  assert.deepEqual(bad.calls, ['start', 'close'])
})

test('when all flows have failed permanently the run ends with the exit code of the first failure', async () => {
  const flows = [new ScriptedFlow(), new ScriptedFlow({ flow: 'b->c' })]
  const ended = started(...flows).run('stopped', never)
  flows[0]?.fail(new Failure('TLS_FAILED', 'no certificate'))
  flows[1]?.fail(new Failure('STATE_UNREADABLE', 'unreadable'))
  assert.equal(await ended, 77)
})

test('an unexpected error ends a flow as INTERNAL, exit code 70', async () => {
  const flow = new ScriptedFlow()
  const ended = started(flow).run('stopped', never)
  flow.fail(new TypeError('x is undefined'))
  assert.equal(await ended, 70)
})

test('an internal error is logged with its stack; an expected failure is logged by the flow itself', async () => {
  const said: string[] = []
  const log: Logger = { ...silentLogger, error: (...entry) => void said.push(JSON.stringify(entry)) }
  const flows = [new ScriptedFlow(), new ScriptedFlow({ flow: 'b->c' })]
  const ended = new Worker(flows, log).run('stopped', never)
  flows[0]?.fail(new Failure('NOT_AUTHORIZED', 'may not write'))
  flows[1]?.fail(new TypeError('x is undefined'))
  assert.equal(await ended, 77)
  assert.equal(said.length, 1)
  assert.match(said[0] ?? '', /bug in godwit.*TypeError: x is undefined\\n +at /)
})

test('until in-sync: the run drains and ends with 0 once every flow is in sync, not before', async () => {
  const flows = [new ScriptedFlow({ inSync: true }), new ScriptedFlow({ flow: 'b->c', state: 'starting' })]
  let code: number | undefined
  const ended = started(...flows)
    .run('in-sync', never)
    .then((given) => {
      code = given
    })
  await new Promise(setImmediate)
  assert.equal(code, undefined)
  flows[1]?.becomes({ state: 'running', inSync: true })
  await ended
  assert.equal(code, 0)
  for (const flow of flows) assert.deepEqual(flow.calls, ['start', ...drained])
})

test('until in-sync: before it ends the sources are listed once more', async () => {
  const flow = new ScriptedFlow({ inSync: true })
  flow.check = () => {
    flow.checks++
    if (flow.checks === 1) flow.becomes({ inSync: false })
    return Promise.resolve()
  }
  const stop = new AbortController()
  const ended = started(flow).run('in-sync', stop.signal)
  await new Promise(setImmediate)
  stop.abort()
  assert.equal(await ended, 2)
  assert.equal(flow.checks, 1)
})

test('until in-sync: a problem that needs the user ends the run with its code once all else is copied', async () => {
  const problems = [{ code: 'TOO_LARGE', message: 'a record is too large', since: 0 }]
  const flow = new ScriptedFlow({ completeness: completeness(), problems })
  let code: number | undefined
  const ended = started(flow)
    .run('in-sync', never)
    .then((given) => {
      code = given
    })
  await new Promise(setImmediate)
  assert.equal(code, undefined)
  flow.becomes({ completeness: completeness({ isStuck: true }) })
  await ended
  assert.equal(code, 70)
})

test('until in-sync: flows that select no topic end the run with 4, even with one in sync', async () => {
  const nothing = { completeness: completeness({ verdict: 'nothing-selected' }) } as const
  assert.equal(await started(new ScriptedFlow(nothing)).run('in-sync', never), 4)
  const beside = [new ScriptedFlow({ inSync: true }), new ScriptedFlow({ flow: 'b->c', ...nothing })]
  assert.equal(await started(...beside).run('in-sync', never), 4)
  const heartbeats = [new ScriptedFlow({ inSync: true }), new ScriptedFlow({ flow: 'b->c', heartbeatsOnly: true })]
  assert.equal(await started(...heartbeats).run('in-sync', never), 0)
})

test('until in-sync: a failed flow ends the run with its code once the other is in sync', async () => {
  const [bad, good] = [new ScriptedFlow(), new ScriptedFlow({ flow: 'b->c' })]
  const ended = started(bad, good).run('in-sync', never)
  bad.fail(new Failure('AUTHENTICATION_FAILED', 'old refuses the password'))
  good.becomes({ inSync: true })
  assert.equal(await ended, 77)
  assert.deepEqual(good.calls, ['start', ...drained])
})

test('until in-sync: a flow that stands by is waited for', async () => {
  const flow = new ScriptedFlow({ state: 'standby' })
  const stop = new AbortController()
  let isOver = false
  const ended = started(flow)
    .run('in-sync', stop.signal)
    .finally(() => {
      isOver = true
    })
  await new Promise(setImmediate)
  assert.equal(isOver, false)
  stop.abort()
  assert.equal(await ended, 2)
})

test('a flow that cannot be drained is closed and gives a non-zero exit code', async () => {
  const flow = new ScriptedFlow()
  flow.drainError = new Failure('REQUEST_TIMED_OUT', 'target does not answer')
  const stop = new AbortController()
  const ended = started(flow).run('stopped', stop.signal)
  stop.abort()
  assert.equal(await ended, 69)
  assert.deepEqual(flow.calls, ['start', ...drained])
})

test('a flow that hangs is abandoned after its deadline', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [hanging, good] = [new ScriptedFlow(), new ScriptedFlow({ flow: 'b->c' })]
  hanging.drain = () => new Promise(() => {})
  const drained = started(hanging, good).drain(1_000)
  t.mock.timers.tick(3_999)
  await new Promise(setImmediate)
  assert.deepEqual(good.calls, ['start', 'drain 1000', 'close'])
  t.mock.timers.tick(1)
  assert.equal(await drained, false)
})
