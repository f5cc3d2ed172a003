// Makes brokers start three times faster, prepared once per Kafka version in the cache: an archive of the classes that a broker
// loads (JVM class data sharing), and the files that the storage tool writes when it formats a folder.
import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { guardFolder, release } from '../guardian.ts'
import { cacheFolder } from '../kafka-jars.ts'
import { freePorts } from '../ports.ts'
import { TestBroker } from './broker.ts'

export interface PreparedKafka {
  /** JVM flags for a fast start; empty if no archive could be created */
  readonly flags: readonly string[]
  /** a formatted folder: meta.properties and bootstrap.checkpoint */
  readonly formatted: string
}

const ready = new Map<string, Promise<PreparedKafka>>()

/** Takes about 8 s the first time. @throws Error if the storage tool fails */
export function prepare(jars: string): Promise<PreparedKafka> {
  const preparing = ready.get(jars) ?? prepareOnce(jars)
  ready.set(jars, preparing)
  return preparing
}

/** Writes the files of `StorageTool format` with default features into a data folder. */
export function formatAs(formatted: string, dataFolder: string, clusterId: string, nodeId: number): void {
  mkdirSync(dataFolder, { recursive: true })
  const meta = readFileSync(join(formatted, 'meta.properties'), 'utf8')
    .replace(/^cluster\.id=.*$/m, `cluster.id=${clusterId}`)
    .replace(/^node\.id=.*$/m, `node.id=${nodeId}`)
    .replace(/^directory\.id=.*$/m, `directory.id=${randomId()}`)
  cpSync(join(formatted, 'bootstrap.checkpoint'), join(dataFolder, 'bootstrap.checkpoint'))
  writeFileSync(join(dataFolder, 'meta.properties'), meta)
}

/** A random UUID in Kafka's format. */
export function randomId(): string {
  // Kafka reserves the lowest UUIDs, and its tools read a leading dash as an option.
  return `Z${randomBytes(16).toString('base64url').slice(1)}`
}

/** Formats the folders named in a broker's settings with Kafka's tool. @throws Error with its output */
export async function formatWithTool(
  jars: string,
  settings: string,
  clusterId: string,
  further: readonly string[] = [],
): Promise<void> {
  const flags = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', `${jars}/*`]
  const args = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', settings, ...further]
  await promisify(execFile)('java', [...flags, '-Dorg.slf4j.simpleLogger.defaultLogLevel=error', ...args])
}

async function prepareOnce(jars: string): Promise<PreparedKafka> {
  const key = createHash('sha256')
    .update(`${jars}\n${await javaVersion()}`)
    .digest('hex')
    .slice(0, 16)
  const folder = join(cacheFolder(), 'prepared', key)
  if (!existsSync(folder)) await make(jars, folder)
  const archive = join(folder, 'classes.jsa')
  return { flags: existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [], formatted: folder }
}

async function javaVersion(): Promise<string> {
  return (await promisify(execFile)('java', ['-version'])).stderr
}

async function make(jars: string, folder: string): Promise<void> {
  const parent = join(folder, '..')
  mkdirSync(parent, { recursive: true })
  const temporary = mkdtempSync(join(parent, '.preparing-'))
  guardFolder(temporary)
  try {
    const made = join(temporary, 'made')
    mkdirSync(made)
    await trialRun(jars, temporary, made)
    renameSync(made, folder)
  } catch (error) {
    // Another process may have prepared it in the meantime.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
    release(temporary)
  }
}

/** Starts and stops a broker. When it exits, the JVM writes the list of loaded classes. */
async function trialRun(jars: string, folder: string, made: string): Promise<void> {
  const [port = 0, controllerPort = 0] = await freePorts(2)
  const data = join(folder, 'data')
  const settings = join(folder, 'server.properties')
  writeFileSync(settings, trialSettings(port, controllerPort, data))
  await formatWithTool(jars, settings, randomId())
  for (const file of ['meta.properties', 'bootstrap.checkpoint']) cpSync(join(data, file), join(made, file))
  const flags = ['-Xmx256m', '-XX:TieredStopAtLevel=1', `-XX:ArchiveClassesAtExit=${join(made, 'classes.jsa')}`]
  const broker = new TestBroker({ id: 1, port, controllerPort, listeners: {}, folder, classPath: `${jars}/*`, flags })
  await broker.start()
  await broker.stop()
}

function trialSettings(port: number, controllerPort: number, data: string): string {
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    `listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names=CONTROLLER',
    `log.dirs=${data}`,
    '',
  ].join('\n')
}
