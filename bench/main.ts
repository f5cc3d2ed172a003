// npm run bench: runs every contestant on the same data between two real clusters, prints tables and writes the results page.
import { Failure, sentenceOf } from '../src/base/failure.ts'
import { fetchOnly, produceOnly } from './contestants/ceilings.ts'
import type { Contestant } from './contestants/contestant.ts'
import { buildGoCopy, goCopy } from './contestants/go-copy.ts'
import { buildGodwit, godwitAt } from './contestants/godwit.ts'
import { mm2Default, mm2Tuned } from './contestants/mm2.ts'
import type { WorkloadResult } from './figures.ts'
import { stopAll } from './measure/child.ts'
import { type Options, parseOptions, usage } from './options.ts'
import { judge } from './report/bars.ts'
import { cellsOf } from './report/cells.ts'
import { describeMachine } from './report/machine.ts'
import { saveResults } from './report/results.ts'
import { plainTable } from './report/table.ts'
import { runWorkload } from './runner.ts'
import { Site } from './site.ts'
import { type Workload, workloads } from './workloads.ts'

const QUICK = 0.1

const say = (text: string) => console.log(text)

async function bench(options: Options): Promise<void> {
  const contestants = await gather(options)
  await using site = await Site.open(say)
  interruptible(site)
  const results: WorkloadResult[] = []
  for (const workload of workloads.filter(({ name }) => options.workloads.includes(name))) {
    const taking = contestants.filter((contestant) => contestant.takes(workload.kind))
    const plan = { workload, mb: sizeOf(workload, options), contestants: taking, repeat: options.repeat, say }
    const result = await runWorkload(site, plan)
    results.push(result)
    show(result)
    if (!options.quick) await saveResults(describeMachine(site.kafkaVersion), [result])
  }
  showBars(results)
}

function sizeOf(workload: Workload, { mb, quick }: Options): number {
  if (workload.kind !== 'copy') return workload.mb
  return mb ?? workload.mb * (quick ? QUICK : 1)
}

async function gather({ rivals }: Options): Promise<Contestant[]> {
  const contestants = [fetchOnly, produceOnly, godwitAt(await buildGodwit())]
  if (rivals.includes('mm2')) contestants.push(mm2Tuned)
  if (rivals.includes('mm2-default')) contestants.push(mm2Default)
  if (rivals.includes('go')) {
    try {
      contestants.push(goCopy(await buildGoCopy()))
    } catch (error) {
      say(`without the Go copier: ${sentenceOf(error)}`)
    }
  }
  return contestants
}

function show(result: WorkloadResult): void {
  const { head, rows } = cellsOf(result)
  say(`\n${result.title}`)
  if (head.length > 1) say(plainTable(head, rows))
  for (const { contestant, problem } of result.entries) if (problem) say(`${contestant}: ${problem}`)
  say('')
}

function showBars(results: readonly WorkloadResult[]): void {
  const rows = judge(results).map((v) => [v.workload, v.bar, v.measured, v.met ? 'met' : 'NOT MET'])
  if (rows.length > 0) say(plainTable(['workload', 'bar', 'measured', ''], rows))
}

/** Ctrl-C ends contestants, probe, link and brokers together with the bench. */
function interruptible(site: Site): void {
  const leave = async () => {
    await stopAll()
    await site[Symbol.asyncDispose]()
    process.exit(130)
  }
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void leave())
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.help) say(usage)
  else if (process.platform !== 'linux') throw new Failure('USAGE', 'the bench reads /proc and so runs on Linux only')
  else await bench(options)
} catch (error) {
  console.error(error instanceof Failure ? [error.message, error.remedy].filter(Boolean).join('\n') : error)
  process.exitCode = 1
}
