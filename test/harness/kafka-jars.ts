// The jars of an Apache Kafka version: downloaded once from Maven Central into a cache outside the checkout, or those of the
// installation in KAFKA_HOME.
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** The newest version with a broker, tools and Connect artefacts on Maven Central. */
export const NEWEST = '4.3.1'
export const OLDER = '3.9.2'
/** The last minor version whose brokers refuse records if min.insync.replicas exceeds the number of replicas (before KIP-966). */
export const BEFORE_EFFECTIVE_ISR = '3.6.2'

const artefacts = ['kafka_2.13', 'connect-mirror', 'connect-runtime', 'kafka-tools', 'connect-mirror-client']
const SLF4J = '1.7.36'

/** A required tool is missing or too old. The message names it and says how to install it. */
export class ToolMissing extends Error {}

/** The folder for everything that is downloaded or compiled once: $GODWIT_CACHE, $XDG_CACHE_HOME/godwit or ~/.cache/godwit. */
export function cacheFolder(): string {
  return process.env['GODWIT_CACHE'] ?? join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'godwit')
}

/**
 * A folder with the jars of brokers, tools, Connect and MirrorMaker 2 of one version.
 * @param version the required version; default: KAFKA_HOME's jars if set, else $GODWIT_KAFKA (a version), else the newest
 * @param tell receives a message before each slow step
 * @throws ToolMissing without a JDK 17 or Maven
 */
export async function kafkaJars(
  version?: string,
  tell: (text: string) => void = (text) => process.stderr.write(`${text}\n`),
): Promise<string> {
  await needJava()
  const home = process.env['KAFKA_HOME']
  if (version === undefined && home) return installed(home)
  const wanted = version ?? process.env['GODWIT_KAFKA'] ?? NEWEST
  const folder = join(cacheFolder(), 'kafka', wanted)
  if (existsSync(join(folder, '.done'))) return folder
  await needMaven()
  tell(`fetching Apache Kafka ${wanted} (once) ...`)
  await fetchInto(folder, wanted)
  return folder
}

/** The Kafka version of a folder of jars. */
export function versionOf(jars: string): string {
  const names = readdirSync(jars).map((name) => /^kafka_2\.\d+-(\d[\w.-]*)\.jar$/.exec(name)?.[1])
  return names.find((version) => version !== undefined) ?? 'unknown'
}

function installed(home: string): string {
  const libs = join(home, 'libs')
  if (existsSync(libs) && readdirSync(libs).some((name) => /^kafka_2\.\d+-.*\.jar$/.test(name))) return libs
  throw new ToolMissing(
    `KAFKA_HOME=${home} holds no libs/kafka_*.jar. Point it at an unpacked Apache Kafka, or unset it to have one fetched.`,
  )
}

async function fetchInto(folder: string, version: string): Promise<void> {
  const parent = join(folder, '..')
  mkdirSync(parent, { recursive: true })
  const temporary = mkdtempSync(join(parent, `.fetching-${version}-`))
  try {
    writeFileSync(join(temporary, 'pom.xml'), pomOf(version))
    await run('mvn', [
      '-q',
      '-B',
      '-f',
      join(temporary, 'pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${temporary}`,
    ])
    // Kafka 3 brings a second SLF4J binding, which would suppress the log.
    for (const name of readdirSync(temporary)) if (/^slf4j-(reload4j|log4j12)/.test(name)) rmSync(join(temporary, name))
    writeFileSync(join(temporary, '.done'), '')
    renameSync(temporary, folder)
  } catch (error) {
    // Another process may have downloaded it in the meantime.
    if (!existsSync(join(folder, '.done'))) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function pomOf(version: string): string {
  const one = (group: string, artefact: string, v: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artefact}</artifactId><version>${v}</version></dependency>`
  const dependencies = [
    ...artefacts.map((a) => one('org.apache.kafka', a, version)),
    one('org.slf4j', 'slf4j-simple', SLF4J),
  ]
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>godwit</groupId><artifactId>kafka</artifactId><version>1</version><dependencies>${dependencies.join('')}</dependencies></project>`
}

let javaIsFine = false

async function needJava(): Promise<void> {
  if (javaIsFine) return
  const said = await promisify(execFile)('javac', ['-version']).catch(() => undefined)
  const major = Number(/javac (\d+)/.exec(`${said?.stdout}${said?.stderr}`)?.[1] ?? 0)
  javaIsFine = major >= 17
  if (javaIsFine) return
  const found = major > 0 ? `the JDK found is ${major}` : 'no JDK was found (javac is not on the PATH)'
  throw new ToolMissing(
    `A Java Development Kit 17 or newer is needed; ${found}. Install one, e.g. "apt-get install openjdk-17-jdk-headless" or "brew install openjdk".`,
  )
}

async function needMaven(): Promise<void> {
  const said = await promisify(execFile)('mvn', ['-v']).catch(() => undefined)
  if (said) return
  throw new ToolMissing(
    'Apache Maven is needed to fetch Kafka once. Install it ("apt-get install maven", "brew install maven"), or set KAFKA_HOME to an unpacked Apache Kafka.',
  )
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said = (said + chunk).slice(-4000)))
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0
        ? resolve()
        : reject(new ToolMissing(`Maven could not fetch Kafka (exit ${code}). Is the network there?\n${said}`)),
    )
  })
}
