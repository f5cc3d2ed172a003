// The target limits how many partitions can be created per second (KIP-599). While topics wait for their creation nothing may
// claim completeness, and waiting is not an error.
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, test } from 'node:test'
import { servedOutputs } from '../../harness/claims/claim-watch.ts'
import { executeCommands } from '../../harness/kafka-tools.ts'
import { ClaimSite } from './claim-site.ts'

const [topics, partitions, each] = [150, 10, 5]
/** Partitions per second. Kafka's token bucket permits a burst of eleven times as many. */
const creationRate = 60
const pattern = '(many|more)-.*'

let claims: ClaimSite
before(async () => {
  claims = await ClaimSite.start({ heapMb: 512 }, { heapMb: 512 })
  const { site } = claims
  await claims.fill('many', topics, partitions, each)
  const change = `--alter --entity-type clients --entity-default --add-config controller_mutation_rate=${creationRate}`
  await executeCommands([`kafka-configs.sh --bootstrap-server ${site.target.direct} ${change}`], tmpdir())
})
after(() => claims?.[Symbol.asyncDispose]())

test('while 1,500 partitions are created slowly no claim is too early; --until in-sync exits with 0 later', async () => {
  await using scene = await claims.scene('many', pattern, { args: ['--until', 'in-sync'] })
  const { watch, godwit, flow } = scene
  const started = Date.now()
  const code = await godwit.exit(120_000)
  await watch.judgeRun(started, code)
  watch.assertNoFalseClaim()
  assert.equal(code, 0, godwit.lastOutput())
  const found = await flow.truth.now()
  const { expected, missing, extra, inOrder } = found
  const wanted = { expected: topics * partitions * each, missing: 0, extra: 0, inOrder: true }
  assert.deepEqual({ expected, missing, extra, inOrder }, wanted, JSON.stringify(found))
  const errors = godwit.log.filter((line) => line.level === 'error' || (line.level === 'warn' && line['topic']))
  assert.deepEqual(errors, [], 'a topic that waits for its creation is not an error')
  assert.deepEqual(await flow.withFile('lag', '--fail-above', '0').then((lag) => lag.code), 0)
})

test('topics created on the source while a flow is in sync delay every claim until they are copied', async () => {
  await using scene = await claims.scene('many', pattern, { commands: false })
  const { watch, flow } = scene
  await watch.untilClaimed(servedOutputs, 60_000)
  await claims.fill('more', 20, partitions, each)
  await watch.untilClaimed(servedOutputs, 60_000)
  const found = await flow.truth.now()
  const { expected, missing, extra } = found
  assert.deepEqual(
    { expected, missing, extra },
    { expected: 170 * partitions * each, missing: 0, extra: 0 },
    JSON.stringify(found),
  )
})
