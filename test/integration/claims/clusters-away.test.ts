// A cluster does not answer: after a few seconds nothing claims completeness, and when it answers again everything is copied
// once.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { allOutputs, unknownWithinMs } from '../../harness/claims/claim-watch.ts'
import { eventually, letPass } from '../../harness/eventually.ts'
import { type ClaimScene, ClaimSite } from './claim-site.ts'

let claims: ClaimSite
before(async () => {
  claims = await ClaimSite.start()
})
after(() => claims?.[Symbol.asyncDispose]())
afterEach(() => Promise.all([claims.site.source.start(), claims.site.target.start()]))

/** Waits until the outputs report that the state of the flow is unknown. */
async function untilUnknown({ flow, godwit }: ClaimScene, side: 'source' | 'target'): Promise<void> {
  await eventually(
    async () => {
      const status = await godwit.status()
      return {
        inSync: status?.inSync,
        lag: status?.lag,
        metrics: await flow.page('/metrics'),
        ready: await flow.ready(),
      }
    },
    ({ inSync, lag, metrics, ready }) =>
      inSync === false &&
      lag === null &&
      /^godwit_flow_in_sync\{.*\} 0$/m.test(metrics) &&
      !/^godwit_flow_lag_records\{/m.test(metrics) &&
      ready?.ok === false,
    unknownWithinMs,
  )
  const [lag, stored, shown, json, ready] = await Promise.all([
    flow.asked('lag', '--fail-above', '0'),
    flow.withFile('lag', '--fail-above', '0'),
    flow.asked('status'),
    flow.asked('lag', '--output', 'json'),
    flow.ready(),
  ])
  assert.equal(lag.code, 2, lag.out)
  assert.match(lag.out, /unknown/)
  assert.notEqual(stored.code, 0, stored.out)
  assert.doesNotMatch(shown.out, /in sync/)
  assert.ok(
    (JSON.parse(json.out) as { lags: { lag: number | null }[] }).lags.every((row) => row.lag === null),
    json.out,
  )
  assert.match(ready?.reasons.join('; ') ?? '', new RegExp(side, 'i'))
}

/** Waits until a given time: the downtime of the cluster is part of the test. */
const until = (at: number): Promise<void> => letPass(Math.max(0, at - Date.now()))

test('with the source down for 40 s all outputs report unknown, and later everything is copied once', async () => {
  const { site } = claims
  await site.create('mine', 2)
  await site.produce('mine', { count: 100, partitions: [0, 1] })
  await using scene = await claims.scene('Source', 'mine')
  const { watch, flow } = scene
  await watch.untilClaimed(allOutputs)
  await site.source.kill9()
  const killed = Date.now()
  watch.down('source')
  await untilUnknown(scene, 'source')
  await until(killed + 40_000)
  watch.assertNoFalseClaim()
  await site.source.start()
  watch.up('source')
  await site.produce('mine', { count: 20, partitions: [0, 1], label: 'later' })
  await watch.untilClaimed(allOutputs)
  const { expected, missing, extra, inOrder } = await flow.truth.now()
  assert.deepEqual({ expected, missing, extra, inOrder }, { expected: 120, missing: 0, extra: 0, inOrder: true })
})

test('with the target down for 30 s lag is unknown, ready says why, and later everything is copied once', async () => {
  const { site } = claims
  await site.create('theirs', 2)
  await site.produce('theirs', { count: 100, partitions: [0, 1] })
  await using scene = await claims.scene('Target', 'theirs')
  const { watch, flow } = scene
  await watch.untilClaimed(allOutputs)
  await site.target.kill9()
  const killed = Date.now()
  watch.down('target')
  await site.produce('theirs', { count: 500, partitions: [0, 1], label: 'waiting' })
  await untilUnknown(scene, 'target')
  await until(killed + 30_000)
  watch.assertNoFalseClaim()
  await site.target.start()
  watch.up('target')
  await watch.untilClaimed(allOutputs)
  const { expected, missing, extra, inOrder } = await flow.truth.now()
  assert.deepEqual({ expected, missing, extra, inOrder }, { expected: 600, missing: 0, extra: 0, inOrder: true })
})
