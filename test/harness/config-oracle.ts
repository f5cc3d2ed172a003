// How Kafka's and Java's own classes read configuration files, patterns and JAAS lines; see test/harness/java/ConfigOracle.java
// (needs a JDK).
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { kafkaJars } from './kafka-jars.ts'

const source = join(import.meta.dirname, 'java/ConfigOracle.java')

/** One answer: the value, or the reason why the class refuses the input. */
export interface Answer<T> {
  readonly answer?: T
  readonly refused?: string
}

export interface OraclePair {
  readonly source: string
  readonly target: string
  readonly MirrorSourceConnector: Record<string, string>
  readonly MirrorCheckpointConnector: Record<string, string>
  readonly MirrorHeartbeatConnector: Record<string, string>
  /** connector -> key -> messages */
  readonly errors: Record<string, Record<string, string[]>>
  /** connector -> values of its configuration class, by getter; only `refused` if the class cannot be instantiated */
  readonly derived: Record<string, Record<string, unknown>>
  /** the settings of the source connector with references resolved; null if they are refused */
  readonly resolved: Record<string, string> | null
  readonly worker: {
    readonly props?: Record<string, string>
    readonly originals?: Record<string, string>
    readonly refused?: string
  }
}

export interface OracleConfig {
  readonly clusters: string[]
  readonly clusterPairs: OraclePair[]
}

export interface OracleSetting {
  readonly kind: string
  readonly required: boolean
  readonly fallback: string | null
  readonly importance: string
}

/** A temporary directory that is removed at the end of its scope. */
export function scratchDirectory(): { readonly path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'godwit-config-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

/** Writes files below a directory. @returns their paths */
export function writeFiles(directory: string, files: Readonly<Record<string, string | Uint8Array>>): string[] {
  return Object.entries(files).map(([name, content]) => {
    const path = join(directory, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    return path
  })
}

/**
 * The versions of MirrorMaker 2 that configuration files are compared with. The setting tables are those of the newer version.
 */
export type OracleVersion = '4.2.0' | '4.3.1'

/** Reads each file with MirrorMakerConfig, all in one JVM. */
export const askConfig = (
  files: readonly string[],
  environment: Readonly<Record<string, string>>,
  version: OracleVersion = '4.3.1',
) => ask<Answer<OracleConfig>>('config', files, environment, version)

/** Reads each file with java.util.Properties. */
export const askProperties = (files: readonly string[]) =>
  ask<Answer<[key: string, value: string][]>>('properties', files)

/** Reads each file, one line in UTF-8, with Kafka's JaasConfig. */
export const askJaas = (files: readonly string[]) =>
  ask<Answer<{ name: string | null; options: Record<string, string> }[]>>('jaas', files)

/** Every key of Kafka's configuration definitions, by the name of the definition. */
export async function askDefinitions(
  version: OracleVersion = '4.3.1',
): Promise<Record<string, Record<string, OracleSetting>>> {
  const [definitions] = await ask<Record<string, Record<string, OracleSetting>>>('definitions', ['-'], {}, version)
  return definitions ?? {}
}

/** java.util.regex: whether each name matches as a whole, or the reason why the pattern is invalid. */
export async function askRegex(
  cases: readonly { readonly pattern: string; readonly names: readonly string[] }[],
): Promise<(boolean[] | string)[]> {
  using scratch = scratchDirectory()
  const lines = cases.flatMap(({ pattern, names }) => [`P ${hex(pattern)}`, ...names.map((name) => `N ${hex(name)}`)])
  const files = writeFiles(scratch.path, { patterns: `${lines.join('\n')}\n` })
  const answers = await ask<(boolean | string)[]>('regex', files)
  return answers.map((answer) => (typeof answer[0] === 'string' ? answer[0] : (answer as boolean[])))
}

/** UTF-16 code units, four digits each. */
const hex = (text: string) =>
  Array.from({ length: text.length }, (_, at) => text.charCodeAt(at).toString(16).padStart(4, '0')).join('')

async function ask<T>(
  mode: string,
  files: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  version: OracleVersion = '4.3.1',
): Promise<T[]> {
  const jvm = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8']
  const jars = `${await kafkaJars(version)}/*`
  const run = spawnSync('java', [...jvm, '-cp', jars, source, mode, ...files], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...environment },
  })
  if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr || run.error}`)
  return run.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
