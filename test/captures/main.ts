// Recreates the pictures of docs/watching.md: `bin/node24 test/captures/main.ts`. Uses real clusters, a real godwit and a real
// terminal (tmux), with 3 and with 2,000 topics, at 80 and at 200 columns. Prints the CPU cost of watching 2,000 topics.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startCluster, type TestCluster } from '../harness/cluster.ts'
import { eventually, letPass } from '../harness/eventually.ts'
import { load, startLoad } from '../harness/load.ts'
import { operate } from '../harness/operate.ts'
import { GodwitProcess } from '../integration/engine/godwit-process.ts'
import { svgOf } from './svg.ts'

const root = join(import.meta.dirname, '../..')
const images = join(root, 'docs/images')
const socket = `godwit-captures-${process.pid}`
const timeoutMs = 90_000
const few = ['orders', 'payments', 'receipts']
const many = Array.from({ length: 2000 }, (_, i) => `tenant-${String(i).padStart(4, '0')}.events`)

const tmux = (...words: string[]) => execFileSync('tmux', ['-L', socket, ...words], { encoding: 'utf8' })

class Pane {
  readonly #name: string
  readonly #columns: number

  constructor(name: string, columns: number, rows: number, command: string) {
    this.#name = name
    this.#columns = columns
    tmux('new-session', '-d', '-s', name, '-x', `${columns}`, '-y', `${rows}`, '-e', 'LANG=C.UTF-8', command)
  }

  press(...keys: string[]): void {
    tmux('send-keys', '-t', this.#name, ...keys)
  }

  async until(wanted: RegExp): Promise<void> {
    await eventually(
      () => tmux('capture-pane', '-p', '-t', this.#name),
      (shown) => wanted.test(shown),
      timeoutMs,
      () => `${wanted} was not seen`,
    )
  }

  /** Writes the picture, with a fixed address and start time of godwit. */
  async take(file: string, title: string, wanted: RegExp): Promise<void> {
    await this.until(wanted)
    const shown = tmux('capture-pane', '-e', '-p', '-t', this.#name)
    writeFileSync(join(images, `${file}.svg`), svgOf(shown, this.#columns, title))
    process.stdout.write(`${file}\n${tmux('capture-pane', '-p', '-t', this.#name)}\n`)
  }

  /** Seconds of CPU time so far. */
  get cpu(): number {
    const pid = tmux('list-panes', '-t', this.#name, '-F', '#{pane_pid}').trim()
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    return (Number(fields[11]) + Number(fields[12])) / 100
  }
}

const watching = (address: string) => `exec ${root}/bin/godwit status --watch --http ${address}`

const configuration = (old: TestCluster, fresh: TestCluster, alias: string, topics: string) =>
  [
    `clusters = ${alias}, new`,
    `${alias}.bootstrap.servers = ${old.bootstrap}`,
    `new.bootstrap.servers = ${fresh.bootstrap}`,
    `${alias}->new.enabled = true`,
    `${alias}->new.topics = ${topics}`,
    'replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
    ...['', 'offset.storage.', 'offset-syncs.topic.', 'checkpoints.topic.', 'heartbeats.topic.'].map(
      (what) => `${what}replication.factor = 1`,
    ),
    `new->${alias}.emit.heartbeats.enabled = false`,
    'sync.topic.configs.enabled = false',
    'sync.group.offsets.enabled = true',
    'emit.checkpoints.interval.seconds = 5',
    'sync.group.offsets.interval.seconds = 5',
  ].join('\n')

async function threeTopics(old: TestCluster, fresh: TestCluster): Promise<void> {
  await load(old, { topics: few, partitions: 4, records: 6_000_000, valueBytes: 300 })
  await operate(old, [
    { do: 'createTopics', topics: [{ name: 'photos', configs: { 'max.message.bytes': '3000000' } }] },
  ])
  await operate(fresh, [{ do: 'createTopics', topics: [{ name: 'photos' }] }])
  await load(old, { topics: ['photos'], records: 3, valueBytes: 1_500_000, batchBytes: 1 })
  const places = few.flatMap((topic) => [0, 1, 2, 3].map((partition) => ({ topic, partition, offset: 150_000 })))
  await operate(old, [{ do: 'commitOffsets', group: 'billing', offsets: places }])
  await using godwit = await GodwitProcess.start(configuration(old, fresh, 'old', [...few, 'photos'].join(', ')))
  const narrow = new Pane('narrow', 80, 24, watching(godwit.address))
  const wide = new Pane('wide', 200, 24, watching(godwit.address))
  await narrow.take(
    'watch-3-topics-80',
    'status --watch while three topics catch up, 80 columns',
    /catching up[\s\S]*\ds +[\d,]+ {2}copying/,
  )
  await using _load = await startLoad(old, {
    topics: few,
    partitions: 4,
    perSecond: 2000,
    first: 500_000,
    valueBytes: 300,
  })
  await wide.take(
    'watch-3-topics-200',
    'status --watch with three topics and one in quarantine, 200 columns',
    /orders .*copying[\s\S]*by lag/,
  )
  wide.press('2')
  await wide.take('watch-partitions-200', 'the partitions, 200 columns', /\[2 partitions[\s\S]*orders +\d/)
  wide.press('3')
  await wide.take('watch-groups-200', 'groups and where they stand, 200 columns', /\[3 groups[\s\S]*billing.*synced/)
  narrow.press('4')
  await narrow.take('watch-tasks-80', 'the periodic tasks of a flow, 80 columns', /\[4 tasks[\s\S]*topics/)
  narrow.press('5')
  await narrow.take('watch-problems-80', 'problems with their remedies, 80 columns', /5 problems/)
  narrow.press('?')
  await narrow.take('watch-help-80', 'the help of status --watch', /any key: back/)
}

async function twoThousand(old: TestCluster, fresh: TestCluster): Promise<void> {
  await operate(old, [{ do: 'createTopics', topics: many.map((name) => ({ name })) }])
  await load(old, { topics: many, records: 10_000, valueBytes: 100, batchBytes: 2048 })
  await using godwit = await GodwitProcess.start(configuration(old, fresh, 'site', 'tenant-.*'))
  const narrow = new Pane('many-narrow', 80, 24, watching(godwit.address))
  const wide = new Pane('many-wide', 200, 50, watching(godwit.address))
  const growing = { topics: many.filter((_, i) => i % 7 === 0), perSecond: 4000, first: 1000, valueBytes: 100 }
  const source = await startLoad(old, growing)
  await narrow.take(
    'watch-2000-topics-80',
    'status --watch while 2,000 topics catch up, 80 columns',
    /\[1 topics 2,000\][\s\S]*tenant\S+ +\d[^\n]* [1-9]\d* {2}copying/,
  )
  await wide.take(
    'watch-2000-topics-200',
    'status --watch with 2,000 topics, 200 columns',
    /\[1 topics 2,000\][\s\S]*tenant\S+ +1 +\d[^\n]*[1-9]\d* [k]?B[^\n]*copying/,
  )
  await source[Symbol.asyncDispose]()
  await wide.until(/in sync/)
  const [before, at] = [wide.cpu, performance.now()]
  // The length of the measurement.
  await letPass(20_000)
  const percent = ((wide.cpu - before) / (performance.now() - at)) * 100_000
  process.stdout.write(`watching 2,000 topics took ${percent.toFixed(1)} % of a core over 20 s\n`)
}

/** The demo as a new user sees it, while it copies and at its end. */
async function theDemo(): Promise<void> {
  for (const columns of [80, 200]) {
    const pane = new Pane(`demo-${columns}`, columns, 60, `${root}/bin/node24 ${root}/demo/main.ts; sleep 600`)
    await pane.take(
      `demo-${columns}`,
      `the demo while it copies, ${columns} columns`,
      /pizza-orders +[\d,]+ [^\n]* [\d.]+ s *$/m,
    )
    await pane.take(`demo-end-${columns}`, `the verdict of the demo, ${columns} columns`, /EQUAL/)
  }
}

const options = { heapMb: 512, configs: { 'auto.create.topics.enable': 'false' } }

async function betweenClusters(which: string | undefined): Promise<void> {
  await using old = await startCluster({ ...options, name: 'old' })
  await using fresh = await startCluster({ ...options, name: 'new' })
  if (which !== '2000') await threeTopics(old, fresh)
  if (which !== '3') await twoThousand(old, fresh)
}

const only = process.argv[2]
try {
  if (only === undefined || only === 'demo') await theDemo()
  if (only !== 'demo') await betweenClusters(only)
} finally {
  try {
    tmux('kill-server')
  } catch {
    // The cluster was never started.
  }
}
