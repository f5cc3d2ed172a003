// A random sequence of changes, determined by a seed: topics and partitions are created and deleted, transactions stay open,
// creation is slow, connections are cut, godwit and brokers are killed. Java checks every claim of completeness. During quiet
// phases there must be a claim.
import assert from 'node:assert/strict'
import { allOutputs, servedOutputs } from '../../harness/claims/claim-watch.ts'
import { letPass } from '../../harness/eventually.ts'
import type { ClaimScene, ClaimSite } from './claim-site.ts'

/** Configuration lines: a short session, so that a new process soon takes over from a killed one. */
export const chaosLines = ['TARGET.session.timeout.ms = 6000', 'refresh.topics.interval.seconds = 2']

export interface ChaosOptions {
  readonly seed: number
  /** how long changes are made (ms); the run ends when everything has been copied after that */
  readonly ms: number
  /** kill brokers too */
  readonly brokers: boolean
  /** receives a line for each action */
  readonly tell: (what: string) => void
}

interface Topic {
  readonly name: string
  partitions: number
}

/** Random numbers from 0 (inclusive) to 1 (exclusive), determined by a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export class Chaos {
  readonly #claims: ClaimSite
  readonly #scene: ClaimScene
  readonly #options: ChaosOptions
  readonly #random: () => number
  readonly #topics: Topic[] = []
  readonly #open: string[] = []
  readonly #idle: string[] = []
  #steps = 0
  #quiets = 0

  /** @param scene of a flow that copies the topics `chaos-.*` with read_committed */
  constructor(claims: ClaimSite, scene: ClaimScene, options: ChaosOptions) {
    this.#claims = claims
    this.#scene = scene
    this.#options = options
    this.#random = randomOf(options.seed)
  }

  /** Makes changes, then waits until every output claims completeness and Java finds each record once. Returns a summary. */
  async run(): Promise<string> {
    const { ms } = this.#options
    const end = Date.now() + ms
    await this.#create()
    while (Date.now() < end) {
      this.#steps++
      await this.#pick()()
      this.#scene.watch.assertNoFalseClaim()
      if (this.#steps % 8 === 0) await this.#quiet()
    }
    await this.#calm()
    await this.#scene.watch.untilClaimed(allOutputs, 90_000)
    await this.#count()
    const claimCounts = JSON.stringify(this.#scene.watch.claimCounts)
    return `${this.#steps} steps, ${this.#topics.length} topics, ${this.#quiets} quiet phases, claims: ${claimCounts}`
  }

  /** Deletes an idle target topic that has a record: from now on nothing may claim completeness until its positions are reset. */
  async loseTargetTopic(): Promise<void> {
    const { site } = this.#claims
    const { watch, flow, godwit } = this.#scene
    const topic = this.#some(this.#topics)
    this.#options.tell(`delete target topic ${topic.name}`)
    await watch.disturb(() => this.#claims.deleteOnTarget(topic.name))
    await godwit.until('the problem is reported', ({ problems }) => problems.some((one) => one.topic === topic.name))
    await watch.round()
    assert.equal((await site.onTarget<string[]>({ do: 'topics' })).includes(topic.name), false)
    assert.equal(await godwit.stop(), 0)
    const reset = await flow.withFile('positions reset', '--topic', `^${topic.name}$`, '--execute')
    assert.equal(reset.code, 0, reset.err)
    await this.#scene.restart()
    await watch.untilClaimed(allOutputs, 60_000)
    await this.#count()
  }

  /** Checks with Java that each record was copied once, in order, and that there are no others. */
  async #count(): Promise<void> {
    const found = await this.#scene.flow.truth.now()
    const { missing, undecided, extra, inOrder } = found
    const wanted = { missing: 0, undecided: 0, extra: 0, inOrder: true }
    assert.deepEqual({ missing, undecided, extra, inOrder }, wanted, JSON.stringify(found))
    assert.ok(found.expected > 0)
  }

  #pick(): () => Promise<void> {
    const choices: [number, () => Promise<void>][] = [
      [4, () => this.#create()],
      [8, () => this.#write(this.#some(this.#topics))],
      [3, () => this.#grow()],
      [3, () => this.#begin()],
      [3, () => this.#end()],
      [1, () => this.#deleteSource()],
      [2, () => this.#slow()],
      [2, () => this.#cut()],
      [1, () => this.#restart('kill -9')],
      [1, () => this.#restart('SIGTERM')],
      ...(this.#options.brokers ? [[1, () => this.#killBroker()] as [number, () => Promise<void>]] : []),
    ]
    let left = this.#random() * choices.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, action] of choices) {
      left -= weight
      if (left < 0) return action
    }
    return () => this.#create()
  }

  /** A pause without changes: the outputs must claim completeness now. */
  async #quiet(): Promise<void> {
    await this.#calm()
    await this.#scene.watch.untilClaimed(servedOutputs, 60_000)
    this.#quiets++
  }

  async #calm(): Promise<void> {
    await Promise.all(this.#proxies().map((proxy) => proxy.removeFaults()))
    while (this.#open.length > 0) await this.#end()
  }

  async #create(): Promise<void> {
    const topic = { name: `chaos-${this.#topics.length}-${this.#steps}`, partitions: 1 + this.#below(8) }
    this.#options.tell(`create ${topic.name} with ${topic.partitions}`)
    await this.#claims.site.create(topic.name, topic.partitions)
    this.#topics.push(topic)
    await this.#write(topic)
  }

  async #write({ name, partitions }: Topic, from = 0): Promise<void> {
    const count = 1 + this.#below(400)
    const places = Array.from({ length: partitions - from }, (_, p) => from + p)
    await this.#claims.site.produce(name, { count, partitions: places, label: `s${this.#steps}` })
  }

  async #grow(): Promise<void> {
    const topic = this.#some(this.#topics)
    const before = topic.partitions
    topic.partitions += 1 + this.#below(3)
    this.#options.tell(`grow ${topic.name} to ${topic.partitions}`)
    await this.#claims.site.onSource({ do: 'grow', topic: topic.name, partitions: topic.partitions })
    await this.#write(topic, before)
  }

  /** Produces records that are not readable before the transaction ends. */
  async #begin(): Promise<void> {
    if (this.#open.length >= 3) return this.#end()
    const { site } = this.#claims
    const id = this.#idle.pop() ?? `chaos-${this.#steps}`
    const { name, partitions } = this.#some(this.#topics)
    const partition = this.#below(partitions)
    this.#options.tell(`transaction ${id} in ${name}-${partition}`)
    await site.onSource({ do: 'begin', id })
    this.#open.push(id)
    await site.onSource({
      do: 'send',
      id,
      topic: name,
      partition,
      count: 1 + this.#below(50),
      label: `t${this.#steps}`,
    })
  }

  async #end(): Promise<void> {
    const id = this.#open.shift()
    if (id === undefined) return
    const how = this.#random() < 0.6 ? 'commit' : 'abort'
    this.#options.tell(`${how} ${id}`)
    // After its timeout the broker has aborted the transaction itself. Its producer is then fenced.
    const isDone = await this.#claims.site.onSource({ do: 'end', id, how }).then(
      () => true,
      () => false,
    )
    if (isDone) this.#idle.push(id)
  }

  /**
   * Deletes only topics that have no open transaction and are copied completely. If a topic is deleted before, records that
   * godwit has listed are missing for ever, and nothing may claim completeness again before a reset of its positions.
   */
  async #deleteSource(): Promise<void> {
    if (this.#topics.length < 4 || this.#open.length > 0) return
    await this.#quiet()
    const [topic] = this.#topics.splice(this.#below(this.#topics.length), 1)
    if (!topic) return
    this.#options.tell(`delete source topic ${topic.name}`)
    await this.#claims.site.onSource({ do: 'delete', topic: topic.name })
  }

  /** Delays all answers of the target for some steps. */
  async #slow(): Promise<void> {
    const roundTripMs = 50 + this.#below(400)
    this.#options.tell(`round trips of ${roundTripMs} ms to the target`)
    for (const proxy of this.#claims.site.target.proxies) proxy.delay(roundTripMs)
    await this.#create()
  }

  async #cut(): Promise<void> {
    const { source, target } = this.#claims.site
    const side = this.#random() < 0.5 ? source : target
    this.#options.tell(`cut all connections to the ${side.name}`)
    for (const proxy of side.proxies) proxy.cut()
  }

  async #restart(how: 'kill -9' | 'SIGTERM'): Promise<void> {
    this.#options.tell(`${how} godwit and start it again`)
    const { godwit } = this.#scene
    if (how === 'SIGTERM') await godwit.stop()
    else await godwit.kill9()
    await this.#write(this.#some(this.#topics))
    await this.#scene.restart()
  }

  async #killBroker(): Promise<void> {
    const { source, target } = this.#claims.site
    const side = this.#random() < 0.5 ? 'source' : 'target'
    const cluster = side === 'source' ? source : target
    this.#options.tell(`kill -9 the ${side} broker for a while`)
    await cluster.kill9()
    this.#scene.watch.down(side)
    // The downtime of the broker is part of the test.
    await letPass(2000 + this.#below(20_000))
    await cluster.start()
    this.#scene.watch.up(side)
  }

  #proxies() {
    const { source, target } = this.#claims.site
    return [...source.proxies, ...target.proxies]
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  #some<T>(all: readonly T[]): T {
    return all[this.#below(all.length)] as T
  }
}

/** A new seed, or the one to repeat (GODWIT_SEED). */
export function chaosSeed(): number {
  return Number(process.env['GODWIT_SEED'] ?? Date.now() % 1_000_000)
}
