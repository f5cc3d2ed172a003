import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveness, readiness } from '../../../src/worker/health.ts'
import { completeness, flowStatus } from './scripted-flow.ts'

const known = { completeness: completeness() }

test('a process is ready when every flow runs or stands by', () => {
  assert.deepEqual(readiness([flowStatus(known), flowStatus({ state: 'standby' })]), { ok: true, reasons: [] })
})

test('a flow whose clusters do not answer, or that selects nothing, is not ready', () => {
  assert.deepEqual(readiness([flowStatus()]).reasons, ['flow old->new: its source has not been listed yet'])
  for (const verdict of ['unknown', 'nothing-selected'] as const) {
    const flow = flowStatus({ completeness: completeness({ verdict, reasons: ['because'] }) })
    assert.deepEqual(readiness([flow]), { ok: false, reasons: ['flow old->new: because'] })
  }
})

test('a process that is not ready reports which flow is the cause, and why', () => {
  const problem = { code: 'BROKER_UNREACHABLE', message: 'no broker of old answers', since: 0 }
  const flows = [flowStatus(known), flowStatus({ flow: 'b->c', state: 'starting', problems: [problem] })]
  assert.deepEqual(readiness(flows), { ok: false, reasons: ['flow b->c is starting: no broker of old answers'] })
  const failed = flowStatus({ state: 'failed', reason: 'wrong password' })
  assert.deepEqual(readiness([failed]).reasons, ['flow old->new is failed: wrong password'])
  assert.equal(readiness([]).ok, false)
})

test('a process is live until all of its flows have failed permanently', () => {
  assert.equal(liveness([flowStatus(), flowStatus({ state: 'failed' })]).ok, true)
  assert.equal(liveness([flowStatus({ state: 'failed' })]).ok, false)
  assert.equal(liveness([]).ok, true)
})
