import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arrivalOf } from '../../../src/worker/arrival.ts'
import { completeness, flowStatus } from './scripted-flow.ts'

test('a flow that has failed is stuck, one that is in sync has arrived, all others are waited for', () => {
  assert.equal(arrivalOf(flowStatus({ state: 'failed' })), 'stuck')
  assert.equal(arrivalOf(flowStatus({ inSync: true })), 'in-sync')
  for (const state of ['starting', 'standby', 'running', 'draining'] as const) {
    assert.equal(arrivalOf(flowStatus({ state })), 'pending')
  }
})

test('a flow is stuck only once nothing is missing but what waits for a person', () => {
  assert.equal(arrivalOf(flowStatus({ completeness: completeness() })), 'pending')
  assert.equal(arrivalOf(flowStatus({ completeness: completeness({ isStuck: true }) })), 'stuck')
})

test('a flow of which nothing is known now is waited for', () => {
  assert.equal(arrivalOf(flowStatus({ completeness: completeness({ verdict: 'unknown' }) })), 'pending')
})

test('a flow that selects no topic, or only emits heartbeats, has nothing that could arrive', () => {
  assert.equal(arrivalOf(flowStatus({ completeness: completeness({ verdict: 'nothing-selected' }) })), 'nothing')
  assert.equal(arrivalOf(flowStatus({ heartbeatsOnly: true })), 'nothing')
})
