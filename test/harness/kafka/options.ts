// The options of a test cluster, and the JVM flags that follow from them.
import type { ListenerProtocol } from './settings.ts'

export interface ClusterOptions {
  /** Kafka version; default: KAFKA_HOME's or the newest */
  readonly version?: string
  readonly brokers?: 1 | 3
  /** broker settings that override the harness's own */
  readonly configs?: Readonly<Record<string, string>>
  /** shown in messages */
  readonly name?: string
  readonly heapMb?: number
  /** full: compiled as in production, slow at first; quick: fast start. Default: full with at least 1 GiB of heap */
  readonly jit?: 'quick' | 'full'
  /** an existing folder that is kept; default: a temporary one that destroy() removes */
  readonly dataDir?: string
  /** a proxy in front of each broker, which `bootstrap` and the advertised listeners lead to */
  readonly proxied?: boolean
  /** advertised port of each broker, if something else is in front of it */
  readonly advertised?: readonly number[]
  /** ports to listen on; default: free ones */
  readonly ports?: readonly number[]
  /** additional listeners: protocol by name */
  readonly listeners?: Readonly<Record<string, ListenerProtocol>>
  /** additional arguments of `StorageTool format` */
  readonly formatArgs?: readonly string[]
  /** size of the disk for all partitions, see SmallDisk.missing; metadata is stored elsewhere */
  readonly diskLimitMb?: number
  /** with diskLimitMb: adds a second data folder without limit, so that the broker keeps running when its small disk is full */
  readonly secondDisk?: boolean
  /** a file in test/harness/java with a class that the broker settings name, for example a policy */
  readonly plugin?: string
}

const FULL_JIT_FROM_MB = 1024

/** Heap size, garbage collector and compiler flags of a broker. */
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
