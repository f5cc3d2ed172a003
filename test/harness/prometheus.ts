// A real Prometheus: the one on the PATH, else Debian's package, unpacked once into the cache outside the checkout.
import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from './eventually.ts'
import { guard, guardFolder, release } from './guardian.ts'
import { cacheFolder, ToolMissing } from './kafka-jars.ts'
import { freePorts } from './ports.ts'

const timeoutMs = 60_000
const run = promisify(execFile)

/**
 * The path of a working prometheus program.
 * @throws ToolMissing if there is none and none can be unpacked
 */
export async function prometheusProgram(): Promise<string> {
  const cached = join(cacheFolder(), 'prometheus', 'usr', 'bin', 'prometheus')
  for (const program of ['prometheus', cached]) {
    const said = await run(program, ['--version']).catch(() => undefined)
    if (said) return program
  }
  try {
    await unpackInto(join(cacheFolder(), 'prometheus'))
    await run(cached, ['--version'])
    return cached
  } catch (error) {
    throw new ToolMissing(
      `Prometheus is needed, and neither on the PATH nor to be had with "apt-get download prometheus". Install it ("apt-get install prometheus", "brew install prometheus"). The reason: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

async function unpackInto(folder: string): Promise<void> {
  const parent = join(folder, '..')
  mkdirSync(parent, { recursive: true })
  const temporary = mkdtempSync(join(parent, '.unpacking-'))
  try {
    await run('apt-get', ['download', 'prometheus'], { cwd: temporary })
    const deb = readdirSync(temporary).find((name) => name.endsWith('.deb')) ?? ''
    await run('dpkg', ['-x', join(temporary, deb), join(temporary, 'root')])
    renameSync(join(temporary, 'root'), folder)
  } catch (error) {
    // Another process may have unpacked it in the meantime.
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

export interface ScrapeJob {
  /** HOST:PORT */
  readonly target: string
  /** labels that a PodMonitor would add to each series */
  readonly labels?: Readonly<Record<string, string>>
}

/** One element of the result of an instant query. */
export interface Element {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** Scrapes every second and answers queries. Ends with its scope. */
export class Prometheus implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #url: string
  readonly #folder: string
  readonly #said: { text: string }

  private constructor(child: ChildProcess, url: string, folder: string, said: { text: string }) {
    this.#child = child
    this.#url = url
    this.#folder = folder
    this.#said = said
  }

  static async start(jobs: readonly ScrapeJob[]): Promise<Prometheus> {
    const program = await prometheusProgram()
    const [port = 0] = await freePorts(1)
    const folder = mkdtempSync(join(tmpdir(), 'godwit-prometheus-'))
    guardFolder(folder)
    const static_configs = jobs.map(({ target, labels = {} }) => ({ targets: [target], labels }))
    const job = { job_name: 'godwit', scrape_interval: '1s', scrape_timeout: '1s', static_configs }
    // JSON is valid YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify({ scrape_configs: [job] }))
    const child = spawn(
      program,
      [
        `--config.file=${join(folder, 'prometheus.yml')}`,
        `--storage.tsdb.path=${join(folder, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder },
    )
    guard(child)
    const said = { text: '' }
    child.stderr.on('data', (chunk: Buffer) => (said.text = (said.text + chunk).slice(-5000)))
    const prometheus = new Prometheus(child, `http://127.0.0.1:${port}`, folder, said)
    await prometheus.#untilReady()
    return prometheus
  }

  /** An instant query. @throws Error with Prometheus' message for an invalid expression */
  async query(expression: string): Promise<Element[]> {
    const body = new URLSearchParams({ query: expression })
    const response = await fetch(`${this.#url}/api/v1/query`, { method: 'POST', body })
    const answer = (await response.json()) as QueryAnswer
    if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`)
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }

  /**
   * Repeats a query until `accept` is true, and returns the result.
   * @throws AssertionError after a minute, with the last result
   */
  until(expression: string, accept: (answer: Element[]) => boolean): Promise<Element[]> {
    return eventually(
      () => this.query(expression),
      accept,
      timeoutMs,
      () => `${expression}\n${this.#said.text}`,
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve))
    if (this.#child.exitCode === null && this.#child.kill('SIGKILL')) await ended
    rmSync(this.#folder, { recursive: true, force: true })
    release(this.#folder)
  }

  async #untilReady(): Promise<void> {
    await eventually(
      async () => {
        assert.equal(this.#child.exitCode, null, `Prometheus ends while starting: ${this.#said.text}`)
        return (await fetch(`${this.#url}/-/ready`).catch(() => undefined))?.ok === true
      },
      (isReady) => isReady,
      timeoutMs,
      () => `Prometheus does not start: ${this.#said.text}`,
    )
  }
}

interface QueryAnswer {
  readonly status: string
  readonly error?: string
  readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] }
}
