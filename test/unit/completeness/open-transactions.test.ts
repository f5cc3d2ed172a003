// What is reported of open transactions if brokers answer only in part.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { abortCommand, openTransactions } from '../../../src/completeness/open-transactions.ts'
import type { Admin, ListedOffset } from '../../../src/kafka/admin.ts'

/** Offsets by `topic-partition`, [last stable offset, high watermark], in the order in which they are requested. */
function adminWith(
  offsets: Record<string, [number, number] | Failure>,
  producers: Awaited<ReturnType<Admin['describeProducers']>>,
) {
  const asked: string[] = []
  const admin: Pick<Admin, 'listOffsets' | 'describeProducers'> = {
    listOffsets: (places, isolation) => {
      asked.push(isolation)
      const answers = new Map<string, ListedOffset | Failure>()
      for (const { topic, partition } of places) {
        const found = offsets[`${topic}-${partition}`]
        if (!found) continue
        const offset = found instanceof Failure ? found : found[isolation === 'read_committed' ? 0 : 1]
        answers.set(
          `${topic}-${partition}`,
          offset instanceof Failure ? offset : { offset, timestamp: -1, leaderEpoch: 0 },
        )
      }
      return Promise.resolve(answers)
    },
    describeProducers: (places) => {
      asked.push(places.map(({ topic, partition }) => `${topic}-${partition}`).join())
      return Promise.resolve(producers)
    },
  }
  return { admin, asked }
}

const state = (producerId: bigint, currentTransactionStart: number) => ({
  ...{ producerId, epoch: 2, lastSequence: 5, lastTimestamp: 1000, coordinatorEpoch: 0, currentTransactionStart },
})
const place = (partition: number) => ({ topic: 'orders', partition })

test('a partition without open transactions is left out, a blocked one names its oldest transaction first', async () => {
  const producers = new Map([['orders-1', [state(9n, 40), state(8n, -1), state(7n, 30)]]])
  const { admin, asked } = adminWith({ 'orders-0': [20, 20], 'orders-1': [30, 55] }, producers)
  const found = await openTransactions(admin, [place(0), place(1)])
  assert.deepEqual([...found.keys()], ['orders-1'])
  const transaction = (producerId: bigint, startOffset: number) => ({
    producerId,
    epoch: 2,
    startOffset,
    lastTimestamp: 1000,
  })
  assert.deepEqual(found.get('orders-1'), {
    ...place(1),
    ...{ firstUnstable: 30, highWatermark: 55, transactions: [transaction(7n, 30), transaction(9n, 40)] },
  })
  // The order matters: records committed between both requests do not look blocked.
  assert.deepEqual(asked, ['read_uncommitted', 'read_committed', 'orders-1'])
})

test('a partition without an answer fails; without an answer on producers its transactions are unknown', async () => {
  const refused = new Failure('NOT_AUTHORIZED', 'no')
  const { admin } = adminWith({ 'orders-0': refused, 'orders-1': [3, 5] }, new Map([['orders-1', refused]]))
  const found = await openTransactions(admin, [place(0), place(1)])
  assert.equal(found.get('orders-0'), refused)
  assert.deepEqual(found.get('orders-1'), {
    ...{ ...place(1), firstUnstable: 3, highWatermark: 5, transactions: [], unknown: refused },
  })
})

test('the command has --command-config if the cluster has a login, and is quoted for the shell', () => {
  const reach = { alias: 'old', bootstrapServers: ['a:1', 'b:2'] }
  assert.equal(
    abortCommand({ ...reach, protocol: 'PLAINTEXT' }, place(3), 7),
    'kafka-transactions.sh --bootstrap-server a:1,b:2 abort --topic orders --partition 3 --start-offset 7',
  )
  assert.equal(
    abortCommand({ ...reach, protocol: 'SASL_SSL' }, { topic: "o'dd", partition: 0 }, 0),
    `kafka-transactions.sh --bootstrap-server a:1,b:2 --command-config old-admin.properties abort --topic 'o'\\''dd' --partition 0 --start-offset 0`,
  )
})
