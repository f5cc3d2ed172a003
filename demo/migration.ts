// The steps of the demo: fill the old cluster, write the file, start godwit, wait until in sync, stop orders and godwit, compare.
// Everything that a step starts is added to the stack that main.ts unwinds, however the demo ends.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { consoleConsumer, freePort, javaProgram, type Platform } from './clusters.ts'
import {
  allEqual,
  comparisonTable,
  differences,
  isPartitionComparison,
  type PartitionComparison,
  verdict,
} from './compare.ts'
import { Estate } from './estate.ts'
import { Godwit } from './godwit.ts'
import { fileVariables, mm2Properties } from './mm2-file.ts'
import { Orders } from './orders.ts'
import { orInterrupted } from './problem.ts'
import { problemLines } from './progress.ts'
import type { Screen } from './screen.ts'
import { count, duration, size } from './table.ts'
import { hasReached, watchUntil } from './watch.ts'

export interface Cluster {
  readonly name: string
  /** bootstrap servers, `host:port,...` */
  readonly bootstrap: string
}

export interface Stage {
  readonly platform: Platform
  /** working directory of this run; removed at the end */
  readonly directory: string
  /** the program to run as `godwit` */
  readonly godwit: string
  readonly screen: Screen
  /** Prints a sentence, prefixed with the time since the start. */
  readonly say: (sentence: string) => void
  readonly signal: AbortSignal
  /** for everything that must be stopped before the clusters */
  readonly stack: AsyncDisposableStack
}

/** a partition that makes no progress for this long has a problem, ms */
const patienceMs = 30_000
/** how long the demo shows that the copy follows the orders, ms */
const followMs = 4_000

/** Migrates the estate of `old` to `fresh` and compares. True when every record is equal. */
export async function migrate(stage: Stage, old: Cluster, fresh: Cluster): Promise<boolean> {
  const { screen, say, signal } = stage
  const estate = await fillOldCluster(stage, old)
  const orders = stage.stack.use(new Orders(old.bootstrap))
  say('the old cluster is filled; from now on godwit generate produces orders all the time')
  const godwit = await startGodwit(stage, old, fresh)
  const watch = { status: () => godwit.status(), screen, signal, patienceMs }
  const started = performance.now()

  const inSync = await watchUntil(watch, (status) => status.inSync)
  if (inSync) {
    say(`in sync, ${duration(performance.now() - started)} after godwit was started; orders are still produced`)
    estate.growTopic()
    const enough = performance.now() + followMs
    await watchUntil(watch, () => performance.now() > enough)
  }
  const ordered = await orInterrupted(orders.stop(), signal)
  const ends = await orInterrupted(estate.ends(), signal)
  say(`no more orders: ${count(ordered)} were produced during the migration; waiting for the last of them`)
  const complete = inSync && (await watchUntil(watch, (status) => hasReached(status, ends)))
  screen.end()
  if (complete) say('all records have been copied')
  else await reportStuck(stage, godwit)

  const peak = await godwit.peakMemory()
  await orInterrupted(godwit.stop(), signal)
  say(`godwit was stopped with SIGTERM and ended with exit code 0${peak ? `; its peak memory was ${size(peak)}` : ''}`)
  return (await compare(stage, old, fresh)) && complete
}

async function fillOldCluster(stage: Stage, old: Cluster): Promise<Estate> {
  stage.say('filling the old cluster with the topics and groups of a pizza delivery service')
  const program = stage.stack.use(javaProgram(stage.platform, 'Estate.java', [old.bootstrap]))
  const estate = new Estate(program, (made) => {
    const amount =
      made.partitions > 0
        ? `${count(made.partitions).padStart(2)} partitions ${count(made.records).padStart(8)} records`
        : 'group'
    stage.screen.say(`         ${made.name.padEnd(16)} ${amount.padEnd(30)} ${made.what}`)
  })
  await orInterrupted(estate.ready, stage.signal)
  return estate
}

async function startGodwit(stage: Stage, old: Cluster, fresh: Cluster): Promise<Godwit> {
  const file = join(stage.directory, 'mm2.properties')
  await writeFile(file, mm2Properties)
  const environment = { ...fileVariables(old.bootstrap, fresh.bootstrap) }
  const httpPort = await freePort()
  const logFile = join(stage.directory, 'godwit.log')
  const godwit = await Godwit.start({ program: stage.godwit, file, logFile, environment, httpPort })
  stage.stack.use(godwit)
  stage.say(`godwit run ${file} --http 127.0.0.1:${httpPort} (pid ${godwit.pid ?? '-'})`)
  return godwit
}

async function reportStuck({ say, screen }: Stage, godwit: Godwit): Promise<void> {
  say(`NOT IN SYNC: no progress for ${duration(patienceMs)}; comparing what was copied`)
  const status = await godwit.status()
  for (const line of status ? problemLines(status) : []) screen.say(`  ${line}`)
  screen.say((await godwit.endOfLog()).replaceAll(/^/gm, '  '))
}

async function compare(
  { platform, stack, say, screen, signal }: Stage,
  old: Cluster,
  fresh: Cluster,
): Promise<boolean> {
  say("comparing both clusters record by record with Kafka's own consumer")
  const program = stack.use(javaProgram(platform, 'Compare.java', [old.bootstrap, fresh.bootstrap]))
  const found: PartitionComparison[] = []
  const read = async () => {
    for await (const line of program.lines()) if (isPartitionComparison(line)) found.push(line)
    await program.ended([0, 1])
  }
  await orInterrupted(read(), signal)
  for (const line of ['', ...comparisonTable(found), '', ...differences(found)]) screen.say(line)
  say(verdict(found))
  return allEqual(found)
}

/** Lines that tell the user how to reach the clusters of a demo with --keep. */
export function howToReach(platform: Platform, clusters: readonly Cluster[], directory: string): string[] {
  return [
    ...clusters.map(({ name, bootstrap }) => `${name.padEnd(6)} ${bootstrap}`),
    `file   ${join(directory, 'mm2.properties')}`,
    ...clusters.map(({ bootstrap }) => `read   ${consoleConsumer(platform, bootstrap, 'pizza-orders')}`),
    `stop   press Ctrl-C, or: kill ${process.pid}`,
  ]
}
