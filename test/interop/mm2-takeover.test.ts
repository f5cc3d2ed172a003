// A real MirrorMaker 2 copies, godwit takes over, is killed, goes on, and MirrorMaker 2 gets the flow back, with traffic on all the
// while. At each clean hand-over every record stands once and in order, and groups are where they belong, never ahead.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { eventually } from '../harness/eventually.ts'
import { type RunningLoad, startLoad } from '../harness/load.ts'
import { MirrorMaker } from '../harness/mirror-maker.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { JavaServer } from '../integration/engine/java-server.ts'
import { Site } from '../integration/engine/site.ts'

/** The MirrorMaker 2 that is taken over from. */
const MM2 = '4.2.0'

const site = await Site.start()
const clients = await JavaServer.start('Groups.java')
after(() => Promise.all([site[Symbol.asyncDispose](), clients.close()]))

type Offsets = Record<string, number>
/** Numbers of partitions by topic. */
type Topics = Readonly<Record<string, number>>

const mm2Lines = [
  'TARGET->SOURCE.enabled = false',
  ...['config', 'status'].map((name) => `${name}.storage.replication.factor = 1`),
  'heartbeats.topic.replication.factor = 1',
  'tasks.max = 2',
  'TARGET.session.timeout.ms = 6000',
  'offset.flush.interval.ms = 1000',
  'groups = SOURCE.*',
  'refresh.groups.interval.seconds = 1',
  'emit.checkpoints.interval.seconds = 1',
  'sync.group.offsets.enabled = true',
  'sync.group.offsets.interval.seconds = 1',
  'SOURCE.consumer.isolation.level = read_committed',
]

/** A flow under one policy, on topics, groups and state topics of its own. */
class Story implements AsyncDisposable {
  readonly source: string
  readonly target: string
  readonly topics: Topics
  readonly #alias: string
  readonly #policy: readonly string[]
  readonly #isNamedBySource: boolean
  readonly #loads: RunningLoad[] = []

  constructor(alias: string, policy: 'Identity' | 'Default') {
    this.#alias = alias
    this.source = `A${alias}`
    this.target = `B${alias}`
    this.topics = { [`${alias}-orders`]: 3, [`${alias}-moves`]: 2 }
    this.#policy = [`replication.policy.class = org.apache.kafka.connect.mirror.${policy}ReplicationPolicy`]
    this.#isNamedBySource = policy === 'Default'
  }

  /** Plain records in one topic, transactions in the other, some of them aborted: there offsets run apart. */
  async startTraffic(): Promise<void> {
    const [orders = '', moves = ''] = Object.keys(this.topics)
    const plain = { topics: [orders], partitions: this.topics[orders] ?? 0, perSecond: 300 }
    const transactions = { transactionRecords: 10, abortRatio: 0.2 }
    const moving = { topics: [moves], partitions: this.topics[moves] ?? 0, perSecond: 150, ...transactions }
    this.#loads.push(...(await Promise.all([plain, moving].map((options) => startLoad(site.source, options)))))
  }

  async stopTraffic(): Promise<void> {
    await Promise.all(this.#loads.splice(0).map((load) => load.stop()))
  }

  mirrorMaker(): Promise<MirrorMaker> {
    return MirrorMaker.start(this.#configuration(), MM2)
  }

  godwit(): Promise<GodwitProcess> {
    return GodwitProcess.start(this.#configuration())
  }

  copyOf(topic: string): string {
    return this.#isNamedBySource ? `${this.source}.${topic}` : topic
  }

  /** Waits until every partition holds so many records more on the target. */
  async goesOn(records: number, by: MirrorMaker | GodwitProcess): Promise<void> {
    const before = await this.#targetEnds()
    const hasMore = (ends: Offsets) =>
      this.partitions().every((place) => (ends[place] ?? 0) >= (before[place] ?? 0) + records)
    const said = () => (by instanceof MirrorMaker ? by.said : by.lastWords())
    await eventually(() => this.#targetEnds(), hasMore, 90_000, said)
  }

  /** What is on the target are the first records of the source, each once and in order; nothing is lacking `whole`. */
  async assertCopied(whole = false): Promise<void> {
    for (const topic of Object.keys(this.topics)) {
      const copy = this.copyOf(topic)
      if (whole) await site.assertEqual(topic, { copy })
      else
        for (const one of await site.compare(topic, { copy })) {
          const { partition, target, equal, extra, dense } = one
          assert.deepEqual(
            { topic, partition, equal, extra, dense },
            { topic, partition, equal: target, extra: 0, dense: true },
          )
          assert.ok(target > 0, `${topic}-${partition} was copied`)
        }
    }
  }

  /** Waits until the target holds all there is on the source. */
  async untilAllArrived(): Promise<void> {
    for (const topic of Object.keys(this.topics))
      await eventually(
        () => site.compare(topic, { copy: this.copyOf(topic) }),
        (partitions) => partitions.every(({ source, target }) => target >= source),
        60_000,
      )
  }

  /** `topic-partition` of every partition, as the source names it. */
  partitions(): string[] {
    return Object.entries(this.topics).flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, p) => `${topic}-${p}`),
    )
  }

  /** Every partition at the offset that `at` makes of the end it has on the source now. */
  async place(at: (end: number) => number): Promise<Offsets> {
    const ends = await Promise.all(Object.keys(this.topics).map((topic) => site.ends(topic)))
    const names = Object.keys(this.topics)
    return Object.fromEntries(
      ends.flatMap((own, i) => Object.entries(own).map(([p, end]) => [`${names[i]}-${p}`, at(end)] as const)),
    )
  }

  commit(group: string, offsets: Offsets): Promise<unknown> {
    return clients.ask({ do: 'commit', on: site.source.bootstrap, group, offsets })
  }

  committed(group: string): Promise<Offsets> {
    return clients.ask({ do: 'committed', on: site.target.bootstrap, group })
  }

  /** What Java's RemoteClusterUtils makes of MM2's topics for a group. */
  translated(group: string): Promise<Offsets> {
    return clients.ask({ do: 'remote', ask: 'translateOffsets', on: site.target.bootstrap, alias: this.source, group })
  }

  /** The newest checkpoint of each partition of the group: source offset by partition of the target. */
  async checkpoints(group: string): Promise<Offsets> {
    const request = { do: 'remote', ask: 'checkpoints', topic: `${this.source}.checkpoints.internal` }
    const all = await clients.ask<string[]>({ ...request, on: site.target.bootstrap }).catch(() => [])
    const parsed = all.map((text) => /consumerGroupId=(.+), topicPartition=(.+), upstreamOffset=(\d+)/.exec(text) ?? [])
    return Object.fromEntries(parsed.filter(([, name]) => name === group).map(([, , at = '', up]) => [at, Number(up)]))
  }

  /** Where these source offsets stand on the target: before them stand as many records as on the source, for copies are dense. */
  async truth(offsets: Offsets): Promise<Offsets> {
    const places = Object.entries(offsets).map(async ([place, offset]) => {
      const [topic, partition] = splitPlace(place)
      const records = await site.read(site.source, topic, partition, 'read_committed')
      return [`${this.copyOf(topic)}-${partition}`, records.filter((record) => record.offset < offset).length] as const
    })
    return sorted(Object.fromEntries(await Promise.all(places)))
  }

  /** The group stands at the very record on the target, for its own consumers and for Java's RemoteClusterUtils. */
  async assertExact(group: string, offsets: Offsets): Promise<void> {
    const truth = await this.truth(offsets)
    await eventually(
      async () => ({ synced: await this.committed(group), translated: await this.translated(group) }),
      (seen) => [seen.synced, seen.translated].every((one) => JSON.stringify(sorted(one)) === JSON.stringify(truth)),
      20_000,
    ).catch(async () => {
      assert.deepEqual({ group, synced: await this.committed(group) }, { group, synced: truth })
      assert.deepEqual({ group, translated: await this.translated(group) }, { group, translated: truth })
    })
  }

  /** Nothing on the target says that the group has read what it has not. */
  async assertNotAhead(group: string, offsets: Offsets): Promise<void> {
    const truth = await this.truth(offsets)
    for (const seen of [await this.committed(group), await this.translated(group)]) {
      for (const [place, offset] of Object.entries(seen))
        assert.ok(offset <= (truth[place] ?? -1), `${group} is at ${offset} of ${place}, in truth at ${truth[place]}`)
    }
  }

  /** The group has not lost what it had on the target: it stands at these source offsets or farther on. */
  async assertNotBehind(group: string, offsets: Offsets): Promise<void> {
    const seen = await this.committed(group)
    for (const [place, least] of Object.entries(await this.truth(offsets)))
      assert.ok((seen[place] ?? -1) >= least, `${group} is at ${seen[place]} of ${place}, was at ${least}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#loads.map((load) => load[Symbol.asyncDispose]()))
  }

  #configuration(): string {
    return site.configuration(this.#alias, Object.keys(this.topics).join(', '), ...mm2Lines, ...this.#policy)
  }

  async #targetEnds(): Promise<Offsets> {
    const all = await Promise.all(
      Object.keys(this.topics).map(async (topic) => {
        const ends = await site.targetEnds(this.copyOf(topic)).catch((): Offsets => ({}))
        return Object.entries(ends).map(([p, end]) => [`${topic}-${p}`, end] as const)
      }),
    )
    return Object.fromEntries(all.flat())
  }
}

function splitPlace(place: string): [string, number] {
  const at = place.lastIndexOf('-')
  return [place.slice(0, at), Number(place.slice(at + 1))]
}

const sorted = (offsets: Offsets): Offsets =>
  Object.fromEntries(Object.entries(offsets).sort(([a], [b]) => (a < b ? -1 : 1)))

/** The CLI beside a running MirrorMaker 2: it stands by, says why, and does nothing. */
async function assertStandsBy(story: Story): Promise<void> {
  await using early = await story.godwit()
  const { reason } = await early.until(
    'it stands by',
    ({ state, reason }) => state === 'standby' && reason !== undefined,
  )
  const group = `group ${story.source}-mm2 on cluster ${story.target}`
  assert.match(reason ?? '', new RegExp(`^MirrorMaker 2 is running on this flow \\(${group}, from .+\\)$`))
  const program = join(import.meta.dirname, '../../bin/godwit')
  const { stdout } = await promisify(execFile)(program, ['status', '--http', early.address])
  assert.match(stdout, /standby[\s\S]*MirrorMaker 2 is running on this flow[\s\S]*stop MirrorMaker 2/)
  assert.equal(await early.stop(), 0)
}

const policies = { same: 'Identity', named: 'Default' } as const

for (const [alias, policy] of Object.entries(policies)) {
  test(`from MM2 to godwit and back (${policy} policy) every record and group offset is right`, async (t) => {
    await using story = new Story(alias, policy)
    const [first, early, late] = [`${story.source}-first`, `${story.source}-early`, `${story.source}-late`]
    const begun = Date.now()
    const tell = (what: string) => t.diagnostic(`${((Date.now() - begun) / 1000).toFixed(1)} s: ${what}`)

    await story.startTraffic()
    await using mm2 = await story.mirrorMaker()
    await story.goesOn(50, mm2)
    tell('MirrorMaker 2 copies')
    const half = await story.place((end) => Math.floor(end / 2))
    const end = await story.place((end) => end)
    await story.commit(early, half)
    await story.commit(first, end)
    await eventually(
      () => story.checkpoints(first),
      (seen) => Object.keys(seen).length === Object.keys(end).length,
      60_000,
    )
    tell('MirrorMaker 2 has written checkpoints')
    if (policy === 'Identity') await assertStandsBy(story)
    await story.goesOn(10, mm2)
    await mm2.stop()
    tell('MirrorMaker 2 was stopped')
    await story.assertCopied()
    await story.assertNotAhead(first, end)

    const taken = await story.place((end) => end)
    await using killed = await story.godwit()
    await story.goesOn(100, killed)
    tell('godwit copies')
    const here = await story.place((end) => end - 20)
    for (const place of Object.keys(here)) assert.ok((here[place] ?? 0) >= (taken[place] ?? 0), `${place} went on`)
    await story.commit(first, here)
    await story.assertExact(first, here)
    await story.assertNotAhead(early, half)
    tell('a group is exact')
    await killed.kill9()

    await using godwit = await story.godwit()
    await story.goesOn(50, godwit)
    const there = await story.place((end) => end)
    await story.commit(late, here)
    await story.commit(first, there)
    await story.assertExact(late, here)
    await story.assertExact(first, there)
    await story.assertNotAhead(early, half)
    // Its place was copied by MirrorMaker 2.
    await story.assertExact(early, half)
    assert.equal(await godwit.stop(), 0, godwit.lastWords())
    tell('godwit was killed, went on and was stopped')
    await story.assertCopied()

    await using back = await story.mirrorMaker()
    await story.goesOn(50, back)
    tell('MirrorMaker 2 copies again')
    const last = await story.place((end) => end)
    await story.commit(first, last)
    await eventually(
      () => story.checkpoints(first),
      (seen) => Object.entries(last).every(([place, offset]) => seen[story.copyOf(place)] === offset),
      60_000,
    )
    await story.assertNotAhead(first, last)
    await story.assertNotBehind(first, there)
    await story.assertExact(late, here)
    await story.stopTraffic()
    await story.untilAllArrived()
    await back.stop()
    tell('MirrorMaker 2 was stopped again')
    await story.assertCopied(true)
  })
}
