// Names and selection of topics compared case by case with the classes of Kafka 4.2 (needs a JDK, no broker).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { newReplicationPolicy } from '../../src/mirror/replication-policy.ts'
import { shouldReplicate } from '../../src/mirror/topic-selection.ts'
import { runJava } from '../harness/java.ts'

interface Case {
  readonly kind: 'default' | 'identity'
  readonly separator: string
  readonly internalSeparatorEnabled: boolean
  readonly source: string
  readonly target: string
  readonly include: string
  readonly exclude: string
  readonly heartbeats: boolean
  readonly topic: string
}

const edgeTopics = [
  ...['a', 'a.', 'a..', '.a', 'a..b', '..', '.', '..a', 'a.b.', '', 'heartbeats', 'A.heartbeats', 'a.b.heartbeats'],
  ...[
    'my-heartbeats',
    'us-west.heartbeats',
    'us_heartbeats',
    '__consumer_offsets',
    '.hidden',
    'x.internal',
    'x-internal',
  ],
  ...['x_internal', '_schemas', 'mm2-offsets.A.internal', 'mm2-offsets_A_internal', 'mm2internal', 'mm2.internal'],
  ...['A.checkpoints.internal', 'A_checkpoints_internal', 'checkpoints.internal', 'checkpointsinternal', 'mm2-orders'],
  ...[
    'A.topic1',
    'B.topic1',
    'A.B.topic1',
    'B.A.topic1',
    'A.B.A.topic1',
    'B.heartbeats',
    'A.B.heartbeats',
    'us.west.t',
  ],
  ...['B_topic1', 'A_B_topic1', 'B-topic1', 'B->topic1', 'billing.internal', 'A.billing.internal'],
]
const topic = fc.oneof(
  fc.constantFrom(...edgeTopics),
  fc
    .array(fc.constantFrom('.', '_', '-', '..', 'A', 'B', 'heartbeats', 'internal', 'mm2', 'checkpoints', 'x'), {
      minLength: 1,
      maxLength: 7,
    })
    .map((pieces) => pieces.join('')),
)
const someCase: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom('default', 'identity'),
  separator: fc.constantFrom('.', '_', '-', '', '..', '. ', '$', '->', '\\E'),
  internalSeparatorEnabled: fc.boolean(),
  source: fc.constantFrom('A', 'us.west', '', 'a'),
  target: fc.constantFrom('B', 'A', '', 'x'),
  include: fc.constantFrom('.*', 'x.*', 'A.*,B.*'),
  exclude: fc.constantFrom('', '.*x', 'A,heartbeats'),
  heartbeats: fc.boolean(),
  topic,
})

test('names, recognition and selection of topics equal those of Kafka 4.2', async () => {
  const plain = {
    include: '.*',
    exclude: '',
    heartbeats: true,
    internalSeparatorEnabled: true,
    source: 'A',
    target: 'B',
  }
  const kinds = ['default', 'identity'] as const
  const tables = kinds.flatMap((kind) =>
    ['.', '_', ''].flatMap((separator) => edgeTopics.map((name) => ({ ...plain, kind, separator, topic: name }))),
  )
  const cases: Case[] = [...tables, ...fc.sample(someCase, { numRuns: 5000, seed: 42 })]
  const java = await askJava(cases)
  assert.equal(java.length, cases.length)
  for (const [i, one] of cases.entries()) assert.deepEqual(ours(one), java[i]?.split('\t'), JSON.stringify(one))
  assert.ok(
    new Set(java.map((line) => line.split('\t').at(-1))).size === 2,
    'expected both selected and excluded topics',
  )
})

async function askJava(cases: readonly Case[]): Promise<string[]> {
  const lines = cases.map((c) => {
    const lists = [c.include, c.exclude, c.heartbeats]
    return [c.kind, c.separator, c.internalSeparatorEnabled, c.source, c.target, ...lists, c.topic].join('\t')
  })
  const stdin = `${lines.join('\n')}\n`
  const run = await runJava('PolicyOracle.java', [], { version: '4.2.0', heapMb: 128, stdin, logLevel: 'off' })
  assert.equal(run.code, 0, run.stderr)
  return run.stdout.trimEnd().split('\n')
}

function ours(one: Case): string[] {
  const internalSeparator = one.internalSeparatorEnabled ? one.separator : '.'
  const policy = newReplicationPolicy({ kind: one.kind, separator: one.separator, internalSeparator }, one.source)
  const topics = { include: patterns(one.include), exclude: patterns(one.exclude) }
  const flow = { targetAlias: one.target, topics, heartbeatsReplicationEnabled: one.heartbeats }
  return [
    policy.formatRemoteTopic(one.source, one.topic),
    policy.topicSource(one.topic) ?? '<null>',
    policy.upstreamTopic(one.topic) ?? '<null>',
    policy.originalTopic(one.topic),
    String(policy.isHeartbeatsTopic(one.topic)),
    String(policy.isCheckpointsTopic(one.topic)),
    String(policy.isMM2InternalTopic(one.topic)),
    String(policy.isInternalTopic(one.topic)),
    policy.offsetSyncsTopic(one.target),
    policy.checkpointsTopic(one.source),
    String(shouldReplicate(one.topic, flow, policy).replicate),
  ]
}

function patterns(list: string): RegExp[] {
  const items = list.split(',').filter((item) => item !== '')
  return items.map((item) => new RegExp(item))
}
