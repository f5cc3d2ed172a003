import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupLines, taskLines } from '../../../src/cli/output/tasks-text.ts'
import type { FlowStatus, GroupStatus, PeriodicTaskStatus } from '../../../src/model/flow-status.ts'

const flow = (parts: Partial<FlowStatus>) => ({ periodicTasks: [], ...parts }) as unknown as FlowStatus

const task = (parts: Partial<PeriodicTaskStatus>): PeriodicTaskStatus => ({
  ...{ task: 'checkpoints', intervalMs: 60_000, state: 'waiting', runs: 1, failures: 0, lastRun: 100_000, tookMs: 5 },
  ...{ nextRun: 160_000, result: 'fine', message: '3 checkpoints written, 2 groups' },
  ...parts,
})

test('each periodic task shows its last run, its next run and its result', () => {
  const periodicTasks = [
    task({}),
    task({ task: 'groups', state: 'running', lastRun: 0, result: 'none', message: '' }),
    task({ task: 'topic-acls', result: 'failed', message: 'may not alter', nextRun: 0 }),
  ]
  assert.deepEqual(taskLines(flow({ periodicTasks }), 130_000), [
    '  PERIODIC TASK  LAST RUN  NEXT     RESULT',
    '  checkpoints    30s ago   in 30s   3 checkpoints written, 2 groups',
    '  groups         -         running',
    '  topic-acls     30s ago   -        FAILED: may not alter',
  ])
  assert.deepEqual(taskLines(flow({}), 0), [])
})

test('groups with problems come first, with the reason', () => {
  const group = (name: string, ...results: [string, string?][]): GroupStatus => ({
    ...{ group: name, sourceState: 'Empty', targetState: 'Empty', protocol: 'classic' },
    partitions: results.map(([result, reason], partition) => ({
      ...{ topic: 't', targetTopic: 't', partition, upstream: 5, downstream: 5, targetCommitted: 5, lag: 1000, result },
      ...(reason !== undefined && { reason }),
    })),
  })
  const groups = [
    group('calm', ['synced'], ['synced']),
    group('busy', ['active', 'active on the target: client till on host 10.0.0.7']),
    group('mixed', ['synced'], ['untranslated', 'its partition is not being copied yet']),
  ]
  assert.deepEqual(groupLines(flow({ groups })), [
    '  GROUP  PARTITIONS    LAG  ON TARGET',
    '  mixed           2  2,000  1 synced, 1 untranslated: its partition is not being copied yet',
    '  busy            1  1,000  active on the target: client till on host 10.0.0.7',
    '  calm            2  2,000  synced',
  ])
  const many = groupLines(flow({ groups: Array.from({ length: 30 }, (_, i) => group(`g${i}`, ['synced'])) }))
  assert.equal(many.length, 22)
  assert.match(many.at(-1) ?? '', /10 groups more/)
})
