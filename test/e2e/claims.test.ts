// While everything changes at once, no output claims completeness too early. Java checks every claim.
import { after, before, test } from 'node:test'
import { Chaos, chaosLines, chaosSeed } from '../integration/claims/chaos.ts'
import { ClaimSite } from '../integration/claims/claim-site.ts'

let claims: ClaimSite
before(async () => {
  claims = await ClaimSite.start({ proxied: true }, { proxied: true })
})
after(() => claims?.[Symbol.asyncDispose]())

test('no claim is too early while topics, partitions, transactions, connections and godwit itself change', async (t) => {
  const seed = chaosSeed()
  t.diagnostic(`GODWIT_SEED=${seed} tries it again`)
  const options = { lines: chaosLines, isolation: 'read_committed' } as const
  await using scene = await claims.scene('chaos', 'chaos-.*', options)
  const tell = (what: string) => t.diagnostic(what)
  const chaos = new Chaos(claims, scene, { seed, ms: 30_000, brokers: false, tell })
  t.diagnostic(await chaos.run())
  await chaos.loseTargetTopic()
})
