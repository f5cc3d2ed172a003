// Connect's own storage of source offsets, asked through test/harness/java/OffsetsOracle.java (needs a JDK).
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { kafkaJars } from './kafka-jars.ts'

const version = '4.2.0'
const source = join(import.meta.dirname, 'java/OffsetsOracle.java')

export interface StoredOffset {
  readonly connector: string
  readonly cluster: string
  readonly topic: string
  readonly partition: number
}

/** What Connect writes for an offset, and what it finds in the key and value it is given ('none', or the offset). */
export interface Conversion {
  readonly key: string
  readonly value: string
  readonly partitionOf25: number
  readonly found: string
}

/** Asks Connect's converters and reader; no broker. `key` and `value` are the bytes to look into. */
export async function convertOffsets(
  cases: readonly (StoredOffset & { offset: number; key: Buffer; value: Buffer })[],
): Promise<Conversion[]> {
  const lines = cases.map((c) => [...place(c), c.offset, c.key.toString('hex'), c.value.toString('hex')].join('\t'))
  return (await ask(['convert'], lines)).map((line) => {
    const [key = '', value = '', partition = '', found = ''] = line.split('\t')
    const text = (hex: string) => Buffer.from(hex, 'hex').toString()
    return { key: text(key), value: text(value), partitionOf25: Number(partition), found }
  })
}

/** Stores offsets in a real topic as a worker does; undefined removes one. The topic is made if it is missing. */
export async function writeOffsets(
  bootstrap: string,
  topic: string,
  offsets: readonly (StoredOffset & { offset: number | undefined })[],
): Promise<void> {
  const lines = offsets.map((o) => ['write', ...place(o), o.offset ?? ''].join('\t'))
  await ask(['kafka', bootstrap, topic], lines)
}

/** What a worker finds in a real topic: an offset, or 'none'. */
export function readOffsets(bootstrap: string, topic: string, places: readonly StoredOffset[]): Promise<string[]> {
  const lines = places.map((p) => ['read', ...place(p)].join('\t'))
  return ask(['kafka', bootstrap, topic], lines)
}

const place = (p: StoredOffset) => [base64(p.connector), base64(p.cluster), base64(p.topic), p.partition]
const base64 = (text: string) => Buffer.from(text).toString('base64')

async function ask(args: readonly string[], lines: readonly string[]): Promise<string[]> {
  const jvm = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-Dorg.slf4j.simpleLogger.defaultLogLevel=error']
  const jars = `${await kafkaJars(version)}/*`
  const run = spawnSync('java', [...jvm, '-cp', jars, source, ...args], {
    input: lines.map((line) => `${line}\n`).join(''),
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    timeout: 120_000,
  })
  if (run.status !== 0) throw new Error(`the oracle failed (${run.status ?? run.signal}): ${run.stderr.slice(0, 2000)}`)
  const out = run.stdout.trimEnd()
  return out === '' ? [] : out.split('\n')
}
