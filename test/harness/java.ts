// Runs Java programs for tests: single files with Kafka's jars on the class path, compiled once per content and Kafka version.
import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, isAbsolute, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { guard } from './guardian.ts'
import { cacheFolder, kafkaJars } from './kafka-jars.ts'

export interface JavaOptions {
  readonly version?: string
  readonly heapMb?: number
  readonly stdin?: string
  /** keep standard input open, for `child.stdin` */
  readonly interactive?: boolean
  readonly onLine?: (line: string) => void
  /** level of Kafka's log lines on stderr */
  readonly logLevel?: 'off' | 'error' | 'warn' | 'info'
  /** additional -D settings and JVM flags */
  readonly flags?: readonly string[]
}

export interface JavaResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A running Java program. `onLine` receives the lines of its standard output. It ends with this process at the latest. */
export interface JavaProcess {
  readonly child: ChildProcessWithoutNullStreams
  readonly ended: Promise<JavaResult>
}

/**
 * Runs a program until it ends.
 * @param file an absolute path, or a name in test/harness/java
 * @throws Error with the compiler's output; a failed program does not throw, see the exit code of the result
 */
export async function runJava(
  file: string,
  args: readonly string[] = [],
  options: JavaOptions = {},
): Promise<JavaResult> {
  return (await startJava(file, args, options)).ended
}

/** Starts a program. @throws Error with the compiler's output */
export async function startJava(
  file: string,
  args: readonly string[] = [],
  options: JavaOptions = {},
): Promise<JavaProcess> {
  const source = isAbsolute(file) ? file : join(import.meta.dirname, 'java', file)
  const jars = await kafkaJars(options.version)
  const { classes, main } = await compiled(source, jars)
  return startMain(main, args, { ...options, classPath: `${classes}:${jars}/*` })
}

/** Runs a main class of Kafka's tools until it ends. A failed tool does not throw, see the exit code of the result. */
export async function runKafkaTool(
  main: string,
  args: readonly string[],
  options: JavaOptions = {},
): Promise<JavaResult> {
  const jars = await kafkaJars(options.version)
  return startMain(main, args, { ...options, classPath: `${jars}/*` }).ended
}

function startMain(main: string, args: readonly string[], options: JavaOptions & { classPath: string }): JavaProcess {
  const log = `-Dorg.slf4j.simpleLogger.defaultLogLevel=${options.logLevel ?? 'error'}`
  const flags = [
    `-Xmx${options.heapMb ?? 256}m`,
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    log,
    ...(options.flags ?? []),
  ]
  const child = spawn('java', [...flags, '-cp', options.classPath, main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  guard(child)
  child.stdin.on('error', () => {})
  if (options.stdin) child.stdin.write(options.stdin)
  if (!options.interactive) child.stdin.end()
  let [stdout, stderr] = ['', '']
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout += `${line}\n`
    options.onLine?.(line)
  })
  child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk).slice(-20_000)))
  const ended = new Promise<JavaResult>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      resolve({ code, stdout, stderr })
    })
  })
  return { child, ended }
}

/** The folder with the classes of a program in test/harness/java. @throws Error with the compiler's output */
export async function compiledClasses(file: string, jars: string): Promise<string> {
  return (await compiled(join(import.meta.dirname, 'java', file), jars)).classes
}

/** Compiles into the cache, keyed by source and jars. @returns the folder of classes and the main class */
async function compiled(source: string, jars: string): Promise<{ classes: string; main: string }> {
  const text = readFileSync(source, 'utf8')
  const pkg = /^\s*package\s+([\w.]+)\s*;/m.exec(text)?.[1]
  const name = basename(source, '.java')
  const key = createHash('sha256').update(jars).update('\0').update(text).digest('hex').slice(0, 24)
  const classes = join(cacheFolder(), 'classes', `${name}-${key}`)
  if (!existsSync(classes)) await compile(source, jars, classes)
  return { classes, main: pkg ? `${pkg}.${name}` : name }
}

async function compile(source: string, jars: string, classes: string): Promise<void> {
  const parent = join(classes, '..')
  mkdirSync(parent, { recursive: true })
  const temporary = mkdtempSync(join(parent, '.compiling-'))
  try {
    await promisify(execFile)('javac', ['-nowarn', '-proc:none', '-cp', `${jars}/*`, '-d', temporary, source])
    renameSync(temporary, classes)
  } catch (error) {
    // Another process may have compiled it in the meantime.
    if (!existsSync(classes)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
