// The two Java programs of the bench, run from source with Kafka's jars: the filler and the latency probe.
import { join } from 'node:path'
import type { JavaTools } from './contestants/contestant.ts'
import { Child, type Launch } from './measure/child.ts'
import type { Workload } from './workloads.ts'

const FILL_WITHIN_MS = 300_000
const RATE = 50
const WARM_UP_SECONDS = 10
const SECONDS = 20

/** Fills the source topics evenly with `records` in total. Throws an Error when the filler fails. */
export async function fill(
  tools: JavaTools,
  job: { bootstrap: string; topics: readonly string[]; records: number; workload: Workload },
  log: string,
): Promise<void> {
  const { valueBytes, batchBytes, codec, partitions } = job.workload
  const each = partitions / job.topics.length
  const words = [job.bootstrap, job.topics.join(','), each, job.records, valueBytes, batchBytes, codec]
  const child = new Child(program(tools, 'Fill', '-Xmx768m', words), log)
  const code = await child.exitCode(FILL_WITHIN_MS)
  await child.stop()
  if (code !== 0) throw new Error(`the filler ended with ${code ?? 'nothing in time'}:\n${child.tail()}`)
}

/** The probe that sends to `topic` on the source and reads `targetTopic` on the target. */
export function latencyProbe(
  tools: JavaTools,
  job: { source: string; target: string; topic: string; targetTopic: string; partitions: number },
): Launch {
  const words = [job.source, job.target, job.topic, job.targetTopic, job.partitions, RATE, WARM_UP_SECONDS, SECONDS]
  return program(tools, 'Latency', '-Xmx256m', words)
}

function program(tools: JavaTools, name: string, heap: string, words: readonly (string | number)[]): Launch {
  const source = join(import.meta.dirname, 'java', `${name}.java`)
  const options = [heap, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', tools.classpath]
  return { command: tools.java, args: [...options, source, ...words.map(String)], endsByItself: true }
}
