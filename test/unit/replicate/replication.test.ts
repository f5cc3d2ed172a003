// How failed partitions are handled, with scripted recovery and topology. Nothing is sent.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { silentLogger } from '../../../src/base/logger.ts'
import { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import type { Recovered } from '../../../src/replicate/recovery.ts'
import { Replication, type ReplicationParts } from '../../../src/replicate/replication.ts'
import { eventually } from '../../harness/eventually.ts'

const anchor = { sourceNext: 0, targetNext: 0, sequence: 0 }
const limits = { maxMessageBytes: 1_000_000, targetAppendTime: false, recodeTo: undefined, limitsRead: 0 }
const copyOf = (topic: string) =>
  new PartitionCopy({ topic, targetTopic: topic, sourceId: '', targetId: '', ...limits }, 0)

/** Every partition has a leader that cannot be reached. */
const topology = {
  current: undefined,
  asked: 0,
  leaderOf: () => {
    topology.asked++
    return { broker: { id: 1, host: '127.0.0.1', port: 1 }, epoch: 0 }
  },
  refresh: () => Promise.resolve(),
}

const unreachable = {
  ...{ alias: 'A', bootstrapServers: ['127.0.0.1:1'], clientId: 'test', protocol: 'PLAINTEXT' },
  ...{ connectTimeoutMs: 1000, requestTimeoutMs: 1000 },
}

function replicationWith(recover: (copies: readonly PartitionCopy[]) => readonly Recovered[]): Replication {
  const observer = new Proxy({}, { get: () => () => {} })
  const fetch = { maxBytes: 1024, maxPartitionBytes: 1024, minBytes: 1, maxWaitMs: 10 }
  const names = {
    name: 'A->B',
    source: 'A',
    target: 'B',
    onDoubt: 'stop',
    onGap: 'stop',
    isolation: 'read_uncommitted',
  }
  const produce = { maxRequestBytes: 1024, maxInFlight: 1, lingerMs: 0, requestTimeoutMs: 1000 }
  const settings = { ...names, fetch, produce, memoryBytes: 1 << 20 }
  return new Replication({
    ...{
      settings,
      sourceCluster: unreachable,
      targetCluster: unreachable,
      source: topology,
      target: topology,
      log: silentLogger,
    },
    ...{
      recovery: {
        recover: async function* (copies: readonly PartitionCopy[]) {
          yield* recover(copies)
        },
      },
      observer,
      halt: () => {},
    },
  } as unknown as ReplicationParts)
}

test('a partition that fails again while others of its round are being recovered is retried', async () => {
  const [first, second] = [copyOf('first'), copyOf('second')]
  const rounds: string[][] = []
  const replication = replicationWith((copies) => {
    rounds.push(copies.map(({ shared }) => shared.topic))
    for (const copy of copies) {
      const sure = { sequence: 0, targetNext: 0 }
      copy.begin(anchor, sure)
      if (copy === first && rounds.length === 1)
        replication.quarantine(first, new Failure('REFUSED_BY_TARGET', 'the target refuses a batch'))
    }
    return copies.map((copy) => ({ copy }))
  })
  try {
    replication.adopt([first, second])
    await eventually(
      () => rounds.slice(1),
      (later) => later.some((round) => round.includes('first')),
    )
    assert.deepEqual(rounds[0], ['first', 'second'])
  } finally {
    await replication.close()
  }
})

test('a partition whose start position is being stored is not copied because of a leader change', async () => {
  const copy = copyOf('fresh')
  const before: number[] = []
  const replication = replicationWith(() => {
    copy.begin(anchor, { sequence: 0, targetNext: 0 })
    const asked = topology.asked
    replication.reroute()
    before.push(topology.asked - asked)
    return [{ copy }]
  })
  try {
    replication.adopt([copy])
    await eventually(
      () => before,
      (rounds) => rounds.length > 0,
    )
    assert.equal(before[0], 0, 'its leader was looked up too early')
    const asked = topology.asked
    // After the start position is stored, leaders are looked up.
    await eventually(
      () => {
        replication.reroute()
        return Promise.resolve(topology.asked)
      },
      (now) => now > asked,
    )
  } finally {
    await replication.close()
  }
})
