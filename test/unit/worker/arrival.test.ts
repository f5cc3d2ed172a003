import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalOf } from '../../../src/worker/arrival.ts'
import { completeness, flowStatus } from './scripted-flow.ts'

test('a failed flow is stuck, a flow in sync has arrived, and all others are waited for', () => {
  assert.equal(arrivalOf(flowStatus({ state: 'failed' })), 'stuck')
  assert.equal(arrivalOf(flowStatus({ inSync: true })), 'in-sync')
  for (const state of ['starting', 'standby', 'running', 'draining'] as const) {
    assert.equal(arrivalOf(flowStatus({ state })), 'pending')
  }
})

test('a flow is stuck only if everything that is missing waits for a user', () => {
  assert.equal(arrivalOf(flowStatus({ completeness: completeness() })), 'pending')
  assert.equal(arrivalOf(flowStatus({ completeness: completeness({ isStuck: true }) })), 'stuck')
})

test('a flow with an unknown state is waited for', () => {
  assert.equal(arrivalOf(flowStatus({ completeness: completeness({ verdict: 'unknown' }) })), 'pending')
})

test('a flow that selects no topic, or only emits heartbeats, has nothing to copy', () => {
  assert.equal(arrivalOf(flowStatus({ completeness: completeness({ verdict: 'nothing-selected' }) })), 'nothing')
  assert.equal(arrivalOf(flowStatus({ heartbeatsOnly: true })), 'nothing')
})
