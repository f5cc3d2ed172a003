// Open transactions of a real producer as brokers describe them, and the command that aborts them.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, describe, test } from 'node:test'
import { Failure } from '../../src/base/failure.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { abortCommand, openTransactions } from '../../src/completeness/open-transactions.ts'
import { Admin } from '../../src/kafka/admin.ts'
import { Cluster } from '../../src/kafka/cluster.ts'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { askJava } from '../harness/java-json.ts'
import { NEWEST, OLDER } from '../harness/kafka-jars.ts'
import { executeCommands } from '../harness/kafka-tools.ts'
import { createTopics } from '../harness/operate.ts'

for (const version of [NEWEST, OLDER])
  describe(`open transactions on Kafka ${version}`, { timeout: 120_000 }, () => {
    let kafka: TestCluster
    before(async () => {
      kafka = await startCluster({ version })
      await createTopics(kafka, { name: 'held', partitions: 2 }, { name: 'free' })
    })
    after(() => kafka?.destroy())

    test('an abandoned transaction is found with producer and offsets, and the printed command aborts it', async () => {
      const began = Date.now()
      await askJava('OpenTransaction.java', kafka, { topic: 'held', records: 3 })
      const settings = {
        ...{ alias: 'old', bootstrapServers: [kafka.bootstrap], clientId: 'test', protocol: 'PLAINTEXT' as const },
        ...{ connectTimeoutMs: 5000, requestTimeoutMs: 10_000 },
      }
      await using cluster = new Cluster(settings, silentLogger)
      const admin = new Admin(cluster)
      const places = [...[0, 1, 7].map((partition) => ({ topic: 'held', partition })), { topic: 'free', partition: 0 }]
      const found = await openTransactions(admin, places)
      assert.deepEqual([...found.keys()].sort(), ['held-0', 'held-7'])
      assert.ok(found.get('held-7') instanceof Failure)
      const held = found.get('held-0')
      assert.ok(held && !(held instanceof Failure))
      assert.deepEqual([held.firstUnstable, held.highWatermark, held.transactions.length], [0, 3, 1])
      const [transaction] = held.transactions
      assert.ok(transaction)
      assert.deepEqual([transaction.startOffset, transaction.epoch], [0, 0])
      assert.ok(transaction.producerId >= 0n)
      assert.ok(transaction.lastTimestamp >= began && transaction.lastTimestamp <= Date.now())
      await executeCommands([abortCommand(settings, held, transaction.startOffset)], tmpdir())
      assert.equal((await openTransactions(admin, [{ topic: 'held', partition: 0 }])).size, 0)
    })
  })
