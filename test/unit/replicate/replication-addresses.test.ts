// A broker moves to another address while its old address still answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { API } from '../../harness/scripted/bodies.ts'
import { ScriptedCluster } from '../../harness/scripted/cluster.ts'
import { ScriptedLog } from '../../harness/scripted/partition-log.ts'
import { DataPath } from './data-path.ts'
import { waitUntil } from './data-path-parts.ts'
import { SourceLog } from './source-log.ts'

test('all partitions of a source broker with a new address continue, not only the one that noticed', async () => {
  await using source = await ScriptedCluster.start(1)
  await using target = await ScriptedCluster.start()
  const { batches } = new SourceLog().add({ kind: 'plain', records: 2 }, { kind: 'plain', records: 3 })
  const sources = [new ScriptedLog(), new ScriptedLog()]
  const give = () => {
    for (const log of sources) log.store(batches[log.batches.length] as (typeof batches)[number])
  }
  give()
  source.add('orders', sources)
  target.add('old.orders', [new ScriptedLog(), new ScriptedLog()])
  const reported: number[] = []
  const observer = { troubled: ({ partition }: { partition: number }) => reported.push(partition) }
  await using flow = new DataPath({ source, target, sources, stored: new Map(), observer })
  await flow.start()
  await waitUntil(
    () => flow.isDone,
    () => flow.standing,
  )
  await source.relocate(1)
  source.errorOf = (apiKey, { partition }) => (apiKey === API.FETCH && partition === 0 && reported.length === 0 ? 6 : 0)
  await waitUntil(() => reported.length > 0, 'the refusal')
  await waitUntil(
    () => flow.isDone && source.brokers[1]?.asked(API.FETCH).length !== 0,
    () => flow.standing,
  )
  give()
  await waitUntil(
    () => flow.isDone,
    () => flow.standing,
    5000,
  )
  assert.deepEqual(reported, [0])
})
