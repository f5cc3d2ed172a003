// A real MirrorMaker 2 copies, godwit takes over, is killed, continues, and MirrorMaker 2 takes over again, under continuous
// load. At each clean handover every record was copied once and in order, and group offsets are exact, never ahead.
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

/** The version of MirrorMaker 2 that godwit takes over from. */
const MM2 = '4.2.0'

const site = await Site.start()
const clients = await JavaServer.start('Groups.java')
after(() => Promise.all([site[Symbol.asyncDispose](), clients.close()]))

type Offsets = Record<string, number>
/** Number of partitions by topic. */
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

/** A flow with one replication policy and its own topics, groups and state topics. */
class Migration implements AsyncDisposable {
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

  /** Plain records in one topic, transactions in the other, some aborted, so that offsets differ there. */
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

  /** Waits until every target partition has this many more records. */
  async untilCopiedMore(records: number, by: MirrorMaker | GodwitProcess): Promise<void> {
    const before = await this.#targetEnds()
    const hasMore = (ends: Offsets) =>
      this.partitions().every((place) => (ends[place] ?? 0) >= (before[place] ?? 0) + records)
    const said = () => (by instanceof MirrorMaker ? by.said : by.lastOutput())
    await eventually(() => this.#targetEnds(), hasMore, 90_000, said)
  }

  /** Checks that the target has the first records of the source, each once and in order; with `whole` all of them. */
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

  /** Waits until the target has all records of the source. */
  async untilAllArrived(): Promise<void> {
    for (const topic of Object.keys(this.topics))
      await eventually(
        () => site.compare(topic, { copy: this.copyOf(topic) }),
        (partitions) => partitions.every(({ source, target }) => target >= source),
        60_000,
      )
  }

  /** `topic-partition` of every partition, with the source's topic name. */
  partitions(): string[] {
    return Object.entries(this.topics).flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, p) => `${topic}-${p}`),
    )
  }

  /** The offset of every partition that `at` calculates from its current source end offset. */
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

  /** The translation of a group by Java's RemoteClusterUtils from MM2's topics. */
  translated(group: string): Promise<Offsets> {
    return clients.ask({ do: 'remote', ask: 'translateOffsets', on: site.target.bootstrap, alias: this.source, group })
  }

  /** The newest checkpoint of each partition of the group: source offset by target partition. */
  async checkpoints(group: string): Promise<Offsets> {
    const request = { do: 'remote', ask: 'checkpoints', topic: `${this.source}.checkpoints.internal` }
    const all = await clients.ask<string[]>({ ...request, on: site.target.bootstrap }).catch(() => [])
    const parsed = all.map((text) => /consumerGroupId=(.+), topicPartition=(.+), upstreamOffset=(\d+)/.exec(text) ?? [])
    return Object.fromEntries(parsed.filter(([, name]) => name === group).map(([, , at = '', up]) => [at, Number(up)]))
  }

  /** The expected target offsets: the number of records before each source offset, because the target has no offset gaps. */
  async expectedOffsets(offsets: Offsets): Promise<Offsets> {
    const places = Object.entries(offsets).map(async ([place, offset]) => {
      const [topic, partition] = splitPlace(place)
      const records = await site.read(site.source, topic, partition, 'read_committed')
      return [`${this.copyOf(topic)}-${partition}`, records.filter((record) => record.offset < offset).length] as const
    })
    return sorted(Object.fromEntries(await Promise.all(places)))
  }

  /** Checks that the group's target offset is exact, as committed and as translated by Java's RemoteClusterUtils. */
  async assertExact(group: string, offsets: Offsets): Promise<void> {
    const expected = await this.expectedOffsets(offsets)
    await eventually(
      async () => ({ synced: await this.committed(group), translated: await this.translated(group) }),
      (seen) => [seen.synced, seen.translated].every((one) => JSON.stringify(sorted(one)) === JSON.stringify(expected)),
      20_000,
    ).catch(async () => {
      assert.deepEqual({ group, synced: await this.committed(group) }, { group, synced: expected })
      assert.deepEqual({ group, translated: await this.translated(group) }, { group, translated: expected })
    })
  }

  /** Checks that no target offset of the group is ahead of what it has read. */
  async assertNotAhead(group: string, offsets: Offsets): Promise<void> {
    const expected = await this.expectedOffsets(offsets)
    for (const seen of [await this.committed(group), await this.translated(group)]) {
      for (const [place, offset] of Object.entries(seen))
        assert.ok(
          offset <= (expected[place] ?? -1),
          `${group} is at ${offset} of ${place}, but expected ${expected[place]}`,
        )
    }
  }

  /** Checks that the group's target offsets are at or after these source offsets. */
  async assertNotBehind(group: string, offsets: Offsets): Promise<void> {
    const seen = await this.committed(group)
    for (const [place, least] of Object.entries(await this.expectedOffsets(offsets)))
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

/** Checks that godwit stands by while MirrorMaker 2 runs, names the reason, and does nothing. */
async function assertStandsBy(migration: Migration): Promise<void> {
  await using early = await migration.godwit()
  const { reason } = await early.until(
    'it stands by',
    ({ state, reason }) => state === 'standby' && reason !== undefined,
  )
  const group = `group ${migration.source}-mm2 on cluster ${migration.target}`
  assert.match(reason ?? '', new RegExp(`^MirrorMaker 2 is running on this flow \\(${group}, from .+\\)$`))
  const program = join(import.meta.dirname, '../../bin/godwit')
  const { stdout } = await promisify(execFile)(program, ['status', '--http', early.address])
  assert.match(stdout, /standby[\s\S]*MirrorMaker 2 is running on this flow[\s\S]*stop MirrorMaker 2/)
  assert.equal(await early.stop(), 0)
}

const policies = { same: 'Identity', named: 'Default' } as const

for (const [alias, policy] of Object.entries(policies)) {
  test(`from MM2 to godwit and back (${policy} policy) every record and group offset is right`, async (t) => {
    await using migration = new Migration(alias, policy)
    const [first, early, late] = [`${migration.source}-first`, `${migration.source}-early`, `${migration.source}-late`]
    const begun = Date.now()
    const tell = (what: string) => t.diagnostic(`${((Date.now() - begun) / 1000).toFixed(1)} s: ${what}`)

    await migration.startTraffic()
    await using mm2 = await migration.mirrorMaker()
    await migration.untilCopiedMore(50, mm2)
    tell('MirrorMaker 2 copies')
    const half = await migration.place((end) => Math.floor(end / 2))
    const end = await migration.place((end) => end)
    await migration.commit(early, half)
    await migration.commit(first, end)
    await eventually(
      () => migration.checkpoints(first),
      (seen) => Object.keys(seen).length === Object.keys(end).length,
      60_000,
    )
    tell('MirrorMaker 2 has written checkpoints')
    if (policy === 'Identity') await assertStandsBy(migration)
    await migration.untilCopiedMore(10, mm2)
    await mm2.stop()
    tell('MirrorMaker 2 was stopped')
    await migration.assertCopied()
    await migration.assertNotAhead(first, end)

    const taken = await migration.place((end) => end)
    await using killed = await migration.godwit()
    await migration.untilCopiedMore(100, killed)
    tell('godwit copies')
    const here = await migration.place((end) => end - 20)
    for (const place of Object.keys(here)) assert.ok((here[place] ?? 0) >= (taken[place] ?? 0), `${place} went on`)
    await migration.commit(first, here)
    await migration.assertExact(first, here)
    await migration.assertNotAhead(early, half)
    tell('a group is exact')
    await killed.kill9()

    await using godwit = await migration.godwit()
    await migration.untilCopiedMore(50, godwit)
    const there = await migration.place((end) => end)
    await migration.commit(late, here)
    await migration.commit(first, there)
    await migration.assertExact(late, here)
    await migration.assertExact(first, there)
    await migration.assertNotAhead(early, half)
    // MirrorMaker 2 copied the record at this offset.
    await migration.assertExact(early, half)
    assert.equal(await godwit.stop(), 0, godwit.lastOutput())
    tell('godwit was killed, went on and was stopped')
    await migration.assertCopied()

    await using back = await migration.mirrorMaker()
    await migration.untilCopiedMore(50, back)
    tell('MirrorMaker 2 copies again')
    const last = await migration.place((end) => end)
    await migration.commit(first, last)
    await eventually(
      () => migration.checkpoints(first),
      (seen) => Object.entries(last).every(([place, offset]) => seen[migration.copyOf(place)] === offset),
      60_000,
    )
    await migration.assertNotAhead(first, last)
    await migration.assertNotBehind(first, there)
    await migration.assertExact(late, here)
    await migration.stopTraffic()
    await migration.untilAllArrived()
    await back.stop()
    tell('MirrorMaker 2 was stopped again')
    await migration.assertCopied(true)
  })
}
