// The machine and versions that a reader needs to judge the figures; no host names or paths.
import { statfsSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly node: string
  readonly kafka: string
  /** where the logs of the brokers are */
  readonly logs: 'in memory' | 'on disk'
}

/** Linux' number for tmpfs. */
const TMPFS = 0x01021994

/** @param kafka version of the brokers */
export function describeMachine(kafka: string): Machine {
  return {
    cpu: (cpus()[0]?.model ?? 'unknown').replaceAll(/\((R|TM)\)/g, ''),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    kafka,
    logs: statfsSync(tmpdir()).type === TMPFS ? 'in memory' : 'on disk',
  }
}
