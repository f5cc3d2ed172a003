// The parts of the test harness that the demo uses: Apache Kafka, two clusters, and Java programs.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { sleep } from '../src/base/retry.ts'
import { freePorts, startCluster, type TestCluster } from '../test/harness/cluster.ts'
import { kafkaJars } from '../test/harness/kafka-jars.ts'
import { orInterrupted } from './problem.ts'
import { Program } from './program.ts'

const heapMb = 384
const stillFetchingEveryMs = 5000
const settleWithinMs = 5000

/** An installed or downloaded Kafka. */
export interface Platform {
  /** folder of its jars */
  readonly jars: string
}

/**
 * Finds Kafka: in KAFKA_HOME, or the newest version, which is downloaded once. @param say is called regularly during a download
 * Throws ToolMissing without a JDK or Maven, and Interrupted.
 */
export async function findKafka(say: (sentence: string) => void, signal: AbortSignal): Promise<Platform> {
  preferJavaHome()
  const started = performance.now()
  const elapsed = () => Math.round((performance.now() - started) / 1000)
  let ticking: NodeJS.Timeout | undefined
  const tell = (sentence: string) => {
    say(sentence)
    ticking = setInterval(() => say(`still downloading, for ${elapsed()} s`), stillFetchingEveryMs)
  }
  try {
    const jars = await orInterrupted(kafkaJars(undefined, tell), signal)
    say(`Apache Kafka: ${jars}`)
    return { jars }
  } finally {
    clearInterval(ticking)
  }
}

/** On many machines the JDK is only known by JAVA_HOME, not on the PATH. */
function preferJavaHome(): void {
  const { JAVA_HOME, PATH = '' } = process.env
  if (JAVA_HOME) Object.assign(process.env, { PATH: `${join(JAVA_HOME, 'bin')}${delimiter}${PATH}` })
}

/** Starts both clusters in `directory`; they are destroyed when `stack` is unwound, even if they are not ready by then. */
export function startClusters(
  directory: string,
  stack: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<readonly [old: TestCluster, fresh: TestCluster]> {
  const start = (name: string, brokers: 1 | 3, configs: Readonly<Record<string, string>>) => {
    const starting = startCluster({ name, brokers, configs, heapMb, dataDir: join(directory, name) })
    // An interrupted start cannot be cancelled, and takes too long to wait for after Ctrl-C. Brokers that are still starting
    // are killed by the harness when main.ts ends this process.
    stack.defer(async () => {
      const patience = sleep(settleWithinMs).then(() => undefined)
      await (await Promise.race([starting.catch(() => undefined), patience]))?.destroy()
    })
    return starting
  }
  // Estate.java waits for the log cleaner, which looks for work only every 15 s by default.
  const old = start('old', 1, { 'log.cleaner.backoff.ms': '500' })
  // Three brokers, because the guide's file has a replication factor of 2, and MM2's internal topics have 3 by default.
  const fresh = start('new', 3, {})
  return orInterrupted(Promise.all([old, fresh]), signal)
}

/** Starts a program of demo/java with Kafka's jars on the class path. */
export function javaProgram({ jars }: Platform, file: string, args: readonly string[]): Program {
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
  const source = join(import.meta.dirname, 'java', file)
  return new Program(file, spawn('java', [...flags, '-cp', `${jars}/*`, source, ...args]))
}

/** A port for godwit's HTTP. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1)
  return port
}

/** A command that reads the first records of a topic with Kafka's own tool. */
export function consoleConsumer({ jars }: Platform, servers: string, topic: string): string {
  const script = join(jars, '../bin/kafka-console-consumer.sh')
  const tool = existsSync(script) ? script : `java -cp '${jars}/*' org.apache.kafka.tools.consumer.ConsoleConsumer`
  return `${tool} --bootstrap-server ${servers} --topic ${topic} --from-beginning --max-messages 5`
}
