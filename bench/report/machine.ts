// The machine and the versions, as far as a reader needs them to judge figures; no names of hosts or paths.
import { cpus, totalmem } from 'node:os'

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly node: string
  readonly kafka: string
}

/** @param kafka version of the brokers */
export function describeMachine(kafka: string): Machine {
  return {
    cpu: (cpus()[0]?.model ?? 'unknown').replaceAll(/\((R|TM)\)/g, ''),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    kafka,
  }
}
