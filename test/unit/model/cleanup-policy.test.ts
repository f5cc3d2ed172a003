// cleanup.policy is a set: order and blanks do not matter.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanupConflict, deletesRecords, isCompacted, isOnlyCompacted } from '../../../src/model/cleanup-policy.ts'

test('neither the order of the policies nor blanks matter', () => {
  for (const value of ['compact,delete', 'delete,compact', ' delete , compact ']) {
    assert.deepEqual([isCompacted(value), deletesRecords(value), isOnlyCompacted(value)], [true, true, false], value)
    for (const other of ['compact,delete', 'delete,compact']) assert.equal(cleanupConflict(value, other), undefined)
  }
})

test('a policy of only compact is distinguished from delete and from a policy with both', () => {
  assert.deepEqual(['compact', ' compact', 'compact,compact'].map(isOnlyCompacted), [true, true, true])
  assert.deepEqual(['delete', '', 'compact,delete', 'compacted'].map(isOnlyCompacted), [false, false, false, false])
  assert.deepEqual([isCompacted(undefined), deletesRecords(null)], [false, false])
})

test('a target topic that keeps less than its source, or never compacts, is a conflict', () => {
  assert.match(cleanupConflict('delete', 'compact') ?? '', /^only the last record of each key/)
  assert.match(cleanupConflict('delete', 'compact,delete') ?? '', /^only the last record of each key/)
  assert.match(cleanupConflict('compact', 'delete,compact') ?? '', /would delete records with time/)
  assert.match(cleanupConflict('compact,delete', 'delete') ?? '', /never compact/)
  assert.equal(cleanupConflict('compact,delete', 'compact'), undefined)
})
