// Two processes for one flow: one works, the other stands by and takes over. Each record is copied once, with current and with
// 2015 timestamps.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { GodwitProcess } from './godwit-process.ts'
import { Site } from './site.ts'

const in2015 = Date.UTC(2015, 4, 1)

let site: Site
before(async () => {
  site = await Site.start()
})
after(() => site[Symbol.asyncDispose]())

/** Produces recent and old records. For old ones the target drops the producer state, so that it cannot detect duplicates. */
class Load {
  readonly fresh: string
  readonly old: string
  readonly alias: string

  constructor(name: string) {
    this.alias = name
    this.fresh = `${name}-fresh`
    this.old = `${name}-old`
  }

  async create(): Promise<void> {
    for (const topic of [this.fresh, this.old]) await site.create(topic, 3, { 'retention.ms': '-1' })
  }

  /** Resolves when all records are produced. */
  produce(count: number): Promise<unknown> {
    const also = { topic: this.old, time: in2015, step: 1 }
    return site.produce(this.fresh, { count, text: 20, pause: 15, also })
  }

  godwit(): Promise<GodwitProcess> {
    return site.godwit(this.alias, `${this.fresh}, ${this.old}`, 'TARGET.session.timeout.ms = 6000')
  }

  async assertArrived(godwit: GodwitProcess): Promise<void> {
    for (const topic of [this.fresh, this.old]) {
      await godwit.untilCopied(topic, await site.ends(topic))
      await site.assertEqual(topic)
    }
  }
}

test('a second process stands by, reports it, and takes over after kill -9 of the first', async () => {
  const load = new Load('killed')
  await load.create()
  await using first = await load.godwit()
  await first.until('the first one works', (status) => status.state === 'running')
  await using second = await load.godwit()
  const standby = await second.until('the second one stands by', (status) => status.state === 'standby')
  assert.match(standby.reason ?? '', /another godwit works on this flow/)
  const producing = load.produce(30_000)
  await first.until('records have arrived', (status) => status.records > 5000)
  await first.kill9()
  await producing
  await load.assertArrived(second)
  assert.equal(await second.stop(), 0)
})

test('a process frozen for longer than its session duplicates nothing after another has taken over', async () => {
  const load = new Load('frozen')
  await load.create()
  await using first = await load.godwit()
  await first.until('the first one works', (status) => status.state === 'running')
  await using second = await load.godwit()
  await second.until('the second one stands by', (status) => status.state === 'standby')
  const producing = load.produce(60_000)
  await first.until('records have arrived', (status) => status.records > 5000)
  first.freeze(true)
  await second.until('the second one has taken over', (status) => status.records > 5000)
  first.freeze(false)
  await first.until('the first one stands by', (status) => status.state === 'standby')
  await producing
  await load.assertArrived(second)
  assert.deepEqual([await first.stop(), await second.stop()], [0, 0])
})
