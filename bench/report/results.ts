// bench/results.json keeps the latest result of each workload; bench/results.md is drawn from it.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkloadResult } from '../figures.ts'
import { workloads } from '../workloads.ts'
import { judge } from './bars.ts'
import { cellsOf } from './cells.ts'
import type { Machine } from './machine.ts'
import { markdownTable } from './table.ts'

export interface Results {
  readonly machine: Machine
  readonly results: readonly WorkloadResult[]
}

const dataFile = join(import.meta.dirname, '../results.json')
const pageFile = join(import.meta.dirname, '../results.md')

/** Puts new results in the place of the old ones of the same workloads and draws the page. Results of another machine or Kafka are dropped. */
export async function saveResults(machine: Machine, fresh: readonly WorkloadResult[]): Promise<void> {
  const old = await readResults()
  const kept = old && JSON.stringify(old.machine) === JSON.stringify(machine) ? old.results : []
  const results = workloads.flatMap(({ name }) => [...fresh, ...kept].find((result) => result.workload === name) ?? [])
  await writeFile(dataFile, `${JSON.stringify({ machine, results }, null, 2)}\n`)
  await writeFile(pageFile, drawPage({ machine, results }))
}

async function readResults(): Promise<Results | undefined> {
  try {
    return JSON.parse(await readFile(dataFile, 'utf8')) as Results
  } catch {
    return undefined
  }
}

/** The page as Markdown. */
export function drawPage({ machine, results }: Results): string {
  const verdicts = judge(results)
  const bars = verdicts.map((v) => [v.workload, v.bar, v.measured, v.met ? 'met' : '**not met**'])
  const parts = [
    '# Bench results',
    'Written by `npm run bench`, whose files under bench/ say how everything is measured; what was not measured is not here.',
    `${machine.cores} cores (${machine.cpu}) and ${machine.memoryGb} GB of memory for everything: both single-node clusters (Apache Kafka ${machine.kafka}, 1 GB heap each, logs ${machine.logs}), the contestant and the bench. godwit as it is published, on Node ${machine.node}.`,
    'MB/s and CPU-seconds per GB count payload (record values, 10^6 and 10^9 bytes). Speed is taken from the first to the last arrival on the target, CPU from the start of the process to its end (MM2: to the last arrival). In brackets: ratio to godwit. Absolute speeds swing with the machine; ratios within one table are the steadier figures.',
    ...(bars.length > 0 ? ['## Bars', markdownTable(['workload', 'bar', 'measured', ''], bars)] : []),
    ...results.map(section),
  ]
  return `${parts.join('\n\n')}\n`
}

function section(result: WorkloadResult): string {
  const { head, rows } = cellsOf(result)
  const problems = result.entries.flatMap((e) => (e.problem ? [`- ${e.contestant}: ${firstLine(e.problem)}`] : []))
  const rounds = result.rounds === 1 ? 'one round' : `median of ${result.rounds} rounds`
  return [
    `## ${result.title}`,
    `\`${result.workload}\`, ${result.date.slice(0, 10)}, ${rounds}. On the source: ${result.data}.`,
    markdownTable(head, rows),
    ...(problems.length > 0 ? [problems.join('\n')] : []),
  ].join('\n\n')
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
