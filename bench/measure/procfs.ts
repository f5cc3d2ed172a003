// CPU time and memory of processes, read from /proc (Linux only).
import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second of /proc: 100 on every Linux that Node runs on. */
const TICKS = 100

export interface Usage {
  /** user and system time including ended children, s */
  readonly cpuSeconds: number
  /** VmHWM, MB */
  readonly peakRssMb: number
}

/** Usage of one process and its descendants; undefined when it is gone. */
export function usageOfTree(pid: number): Usage | undefined {
  const own = usageOf(pid)
  if (!own) return undefined
  const children = childrenOf(pid).map(usageOfTree)
  return {
    cpuSeconds: own.cpuSeconds + sum(children.map((usage) => usage?.cpuSeconds ?? 0)),
    peakRssMb: own.peakRssMb + sum(children.map((usage) => usage?.peakRssMb ?? 0)),
  }
}

/** Usage of one process alone; undefined when it is gone. */
export function usageOf(pid: number): Usage | undefined {
  try {
    const [user, system, childUser, childSystem] = times(`/proc/${pid}/stat`)
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]
    return { cpuSeconds: user + system + childUser + childSystem, peakRssMb: (Number(peak ?? 0) * 1024) / 1e6 }
  } catch {
    return undefined
  }
}

/** CPU time of all ended children of this process, s. Exact, while the last sample of a child is taken before its end. */
export function cpuOfEndedChildren(): number {
  const [, , childUser, childSystem] = times('/proc/self/stat')
  return childUser + childSystem
}

/** utime, stime, cutime, cstime in seconds. The command name may contain blanks and brackets, so fields are read after the last bracket. */
function times(file: string): [number, number, number, number] {
  const stat = readFileSync(file, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const at = (index: number) => Number(fields[index] ?? 0) / TICKS
  return [at(11), at(12), at(13), at(14)]
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parentOf(other) === pid)
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return 0
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
