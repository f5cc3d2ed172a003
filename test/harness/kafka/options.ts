// How a test cluster may be asked for, and the JVM flags that follow from it.
import type { ListenerProtocol } from './settings.ts'

export interface ClusterOptions {
  /** Kafka version; KAFKA_HOME's or the newest when absent */
  readonly version?: string
  readonly brokers?: 1 | 3
  /** broker settings that win over ours */
  readonly configs?: Readonly<Record<string, string>>
  /** for messages */
  readonly name?: string
  readonly heapMb?: number
  /** full: brokers compile as in production and get fast with time; quick: they start fast. By default full from 1 GiB of heap on */
  readonly jit?: 'quick' | 'full'
  /** a folder that exists already and stays; else a temporary one that destroy() removes */
  readonly dataDir?: string
  /** a proxy in front of each broker: `bootstrap` and what brokers advertise lead through it */
  readonly proxied?: boolean
  /** advertised port of each broker, where something else stands in front */
  readonly advertised?: readonly number[]
  /** listen on these ports instead of free ones */
  readonly ports?: readonly number[]
  /** further listeners: protocol by name */
  readonly listeners?: Readonly<Record<string, ListenerProtocol>>
  /** further arguments of `StorageTool format` */
  readonly formatArgs?: readonly string[]
  /** all partitions lie on a disk of this size; see SmallDisk.missing. Metadata lies elsewhere */
  readonly diskLimitMb?: number
  /** with diskLimitMb: also a second data folder without limit, so that a broker outlives its full disk */
  readonly secondDisk?: boolean
  /** a file of test/harness/java with a class that the brokers' settings name, e.g. a policy */
  readonly plugin?: string
}

const FULL_JIT_FROM_MB = 1024

/** Heap, collector and compiler flags of a broker with these options. */
export function jvmFlags(options: ClusterOptions): string[] {
  const heapMb = options.heapMb ?? 512
  const full = (options.jit ?? (heapMb >= FULL_JIT_FROM_MB ? 'full' : 'quick')) === 'full'
  return [
    `-Xms${Math.min(full ? 256 : 64, heapMb)}m`,
    `-Xmx${heapMb}m`,
    ...(full ? ['-XX:+UseG1GC'] : ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']),
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  ]
}
