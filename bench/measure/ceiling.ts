// Measures a ceiling: the same brokers and bytes, but only one half of the work.
import type { Figures } from '../figures.ts'
import { Child, type Launch } from './child.ts'

const WITHIN_MS = 120_000

/** The last line of output of a ceiling process. */
export interface CeilingReport {
  readonly records: number
  readonly seconds: number
}

/** Runs the ceiling process to its end and returns its figures. Throws an Error when it fails. */
export async function measureCeiling(launch: Launch, log: string, valueBytes: number): Promise<Figures> {
  const child = new Child(launch, log)
  try {
    const code = await child.exitCode(WITHIN_MS)
    if (code !== 0) throw new Error(`it ended with ${code ?? 'nothing in time'}:\n${child.tail()}`)
    const { records, seconds } = JSON.parse(child.tail(1)) as CeilingReport
    const bytes = records * valueBytes
    const { cpuSeconds, peakRssMb } = child.usage()
    return {
      mbPerSecond: bytes / 1e6 / seconds,
      recordsPerSecond: records / seconds,
      cpuPerGb: cpuSeconds / (bytes / 1e9),
      peakRssMb,
    }
  } finally {
    await child.stop()
  }
}
