// Runs one workload: fills the source once, then runs all contestants on the same data, in rounds, in random order.
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { sentenceOf } from '../src/base/failure.ts'
import { type Assignment, type Contestant, targetNameOf } from './contestants/contestant.ts'
import { type Entry, type Figures, medians, type WorkloadResult } from './figures.ts'
import { fill, latencyProbe } from './java-programs.ts'
import { measureCeiling } from './measure/ceiling.ts'
import { measureCopy } from './measure/copy.ts'
import { measureLatency } from './measure/latency.ts'
import { Round } from './measure/round.ts'
import { settle } from './measure/settle.ts'
import { measureStart } from './measure/start.ts'
import { sampleBatches } from './sample.ts'
import type { Site } from './site.ts'
import { recordsFor, topicsOf, type Workload } from './workloads.ts'

/** No retention: the data must not be deleted during the bench. */
const topicConfigs = { 'retention.ms': '-1', 'retention.bytes': '-1' }

export interface Plan {
  readonly workload: Workload
  /** payload, MB */
  readonly mb: number
  readonly contestants: readonly Contestant[]
  readonly repeat: number
  /** prints progress on the terminal */
  say(text: string): void
}

/** The data on the source. */
interface Load {
  readonly topics: ReadonlyMap<string, number>
  readonly records: number
}

interface Outcome {
  readonly figures: Figures[]
  problem?: string
}

/** Returns the medians of all contestants. A failed contestant is reported with the reason; the others continue. */
export async function runWorkload(site: Site, plan: Plan): Promise<WorkloadResult> {
  const live = plan.workload.kind === 'latency'
  const topics = live ? new Map<string, number>() : topicsOf(plan.workload)
  const records = live ? 0 : recordsFor(plan.workload, plan.mb)
  await prepareSource(site, plan, topics, records)
  const data = await describeData(site, plan.workload, topics, records)
  plan.say(`${plan.workload.name}: ${data}`)
  await warmUp(site, plan, { topics, records })
  const outcomes = new Map<Contestant, Outcome>(plan.contestants.map((contestant) => [contestant, { figures: [] }]))
  for (let round = 0; round < plan.repeat; round++) {
    for (const contestant of shuffled(plan.contestants)) {
      const outcome = outcomes.get(contestant)
      if (outcome) await oneRound(site, plan, contestant, { topics, records }, outcome)
    }
  }
  await clean(site)
  const { name, title } = plan.workload
  const entries = [...outcomes].map(([contestant, outcome]): Entry => entryOf(contestant, outcome))
  return { workload: name, title, data, date: new Date().toISOString(), rounds: plan.repeat, entries }
}

function entryOf(contestant: Contestant, { figures, problem }: Outcome): Entry {
  return { contestant: contestant.name, figures: medians(figures), ...(problem && { problem }) }
}

async function prepareSource(site: Site, plan: Plan, topics: ReadonlyMap<string, number>, records: number) {
  await clean(site)
  await site.source.client.createTopics(topics, topicConfigs)
  await site.untilReady(site.source, topics)
  if (records > 0) {
    const job = { bootstrap: site.source.bootstrap, topics: [...topics.keys()], records, workload: plan.workload }
    await fill(site.java, job, join(site.folder, 'fill.log'))
  }
  await settle(site.pids)
}

async function describeData(site: Site, workload: Workload, topics: ReadonlyMap<string, number>, records: number) {
  const number = (value: number) => Math.round(value).toLocaleString('en-US')
  if (records === 0) return `${workload.partitions} empty partitions`
  const { recordsPerBatch, bytesPerBatch } = await sampleBatches(site.source.bootstrap, topics)
  const mb = (records * workload.valueBytes) / 1e6
  const batch = `about ${number(recordsPerBatch)} records and ${number(bytesPerBatch)} bytes per batch on disk`
  return `${number(records)} records, ${number(mb)} MB of payload, ${number(workload.partitions)} partitions, ${batch}`
}

async function oneRound(site: Site, plan: Plan, contestant: Contestant, load: Load, outcome: Outcome): Promise<void> {
  const assignment = await assign(site, plan.workload, load)
  try {
    const figures = await measure(site, contestant, assignment)
    outcome.figures.push(figures)
    plan.say(`  ${contestant.name}: ${brief(figures)}`)
  } catch (error) {
    outcome.problem = sentenceOf(error)
    plan.say(`  ${contestant.name}: ${outcome.problem}`)
  }
  await clean(site, load.topics)
  await settle(site.pids)
}

/** A broker that has just started is several times slower, so the ceilings and a copy run once without being measured. */
async function warmUp(site: Site, plan: Plan, load: Load): Promise<void> {
  if (plan.workload.kind !== 'copy' || site.warm) return
  site.warm = true
  const uncounted = { ...plan, say: () => {} }
  for (const one of plan.contestants.filter(({ kind }) => kind !== 'rival')) {
    await oneRound(site, uncounted, one, load, { figures: [] })
  }
}

async function assign(site: Site, workload: Workload, load: Load): Promise<Assignment> {
  const folder = await mkdtemp(join(site.folder, 'round-'))
  const target = site.targetOver(workload.link)
  const alias = site.nextAlias()
  const topics = workload.kind === 'latency' ? await freshTopic(site, workload, alias) : load.topics
  const { records } = load
  return { workload, alias, source: site.source.bootstrap, target, topics, records, folder, java: site.java }
}

/** A live stream uses a new topic, so that no contestant copies records of another round. */
async function freshTopic(site: Site, workload: Workload, alias: string): Promise<Map<string, number>> {
  const topics = new Map([[`live-${alias}`, workload.partitions]])
  await site.source.client.createTopics(topics, topicConfigs)
  await site.untilReady(site.source, topics)
  return topics
}

async function measure(site: Site, contestant: Contestant, assignment: Assignment): Promise<Figures> {
  const { workload, topics, folder } = assignment
  const targetTopics = new Map([...topics].map(([name, count]) => [targetNameOf(assignment, name), count]))
  await site.target.client.createTopics(targetTopics, topicConfigs)
  await site.untilReady(site.target, targetTopics)
  await settle(site.pids)
  const launch = await contestant.launch(assignment)
  const log = join(folder, 'output.log')
  if (contestant.kind === 'ceiling') return measureCeiling(launch, log, workload.valueBytes)
  const ends = await site.source.client.endOffsets(topics)
  const goal = new Map([...ends].map(([name, offsets]) => [targetNameOf(assignment, name), offsets]))
  const { valueBytes } = workload
  const round = new Round({ launch, target: site.target.client, targetTopics, goal, valueBytes, log })
  if (workload.kind === 'start') return measureStart(round)
  if (workload.kind === 'copy') return measureCopy(round)
  return measureLatency(round, probeFor(site, assignment), join(folder, 'probe.log'))
}

function probeFor(site: Site, assignment: Assignment) {
  const [[topic, partitions] = ['', 0]] = assignment.topics
  const targetTopic = targetNameOf(assignment, topic)
  const job = { source: site.source.bootstrap, target: site.target.bootstrap, topic, targetTopic, partitions }
  return latencyProbe(site.java, job)
}

/** Deletes the topics of a round on both clusters, except internal topics and the load. */
async function clean(site: Site, load: ReadonlyMap<string, number> = new Map()): Promise<void> {
  for (const side of [site.source, site.target]) {
    const names = [...(await side.client.topics()).keys()].filter((name) => !name.startsWith('__'))
    await side.client.deleteTopics(side === site.source ? names.filter((name) => !load.has(name)) : names)
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

function brief(figures: Figures): string {
  const parts = Object.entries(figures).map(
    ([name, value]) => `${name} ${value >= 100 ? Math.round(value) : value.toFixed(2)}`,
  )
  return parts.join(', ')
}
