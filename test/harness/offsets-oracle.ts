// Connect's own storage of source offsets; see test/harness/java/OffsetsOracle.java (needs a JDK).
import { runJava } from './java.ts'

/** The Connect version whose bytes are the reference. */
const version = '4.2.0'

export interface StoredOffset {
  readonly connector: string
  readonly cluster: string
  readonly topic: string
  readonly partition: number
}

/** What Connect writes for an offset, and what it reads from a given key and value ('none', or the offset). */
export interface Conversion {
  readonly key: string
  readonly value: string
  readonly partitionOf25: number
  readonly found: string
}

/**
 * Converts with Connect's converters and reader, without a broker. `key` and `value` are the bytes to read.
 * @throws Error with the output of the Java program
 */
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

/** Stores offsets in a real topic as a worker does; undefined removes one. Creates the topic if it is missing. */
export async function writeOffsets(
  bootstrap: string,
  topic: string,
  offsets: readonly (StoredOffset & { offset: number | undefined })[],
): Promise<void> {
  const lines = offsets.map((o) => ['write', ...place(o), o.offset ?? ''].join('\t'))
  await ask(['kafka', bootstrap, topic], lines)
}

/**
 * Stores offsets in one transaction, as an exactly-once worker does. `open`: the worker dies before the transaction ends (timeout
 * 3 s).
 */
export async function writeInTransaction(
  bootstrap: string,
  topic: string,
  end: 'commit' | 'abort' | 'open',
  offsets: readonly (StoredOffset & { offset: number })[],
): Promise<void> {
  const lines = offsets.map((o) => ['write', ...place(o), o.offset].join('\t'))
  await ask(['transaction', bootstrap, topic, end], lines)
}

/** What a worker reads from a real topic: an offset, or 'none'. */
export function readOffsets(bootstrap: string, topic: string, places: readonly StoredOffset[]): Promise<string[]> {
  const lines = places.map((p) => ['read', ...place(p)].join('\t'))
  return ask(['kafka', bootstrap, topic], lines)
}

const place = (p: StoredOffset) => [base64(p.connector), base64(p.cluster), base64(p.topic), p.partition]
const base64 = (text: string) => Buffer.from(text).toString('base64')

async function ask(args: readonly string[], lines: readonly string[]): Promise<string[]> {
  const stdin = lines.map((line) => `${line}\n`).join('')
  const { code, stdout, stderr } = await runJava('OffsetsOracle.java', args, { version, heapMb: 128, stdin })
  if (code !== 0) throw new Error(`the oracle failed (${code}): ${stderr.slice(0, 2000)}`)
  const out = stdout.trimEnd()
  return out === '' ? [] : out.split('\n')
}
