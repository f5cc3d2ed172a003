// Runs a runbook of docs/runbooks: its bash blocks, one after the other, with one environment and directory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { guard, guardFolder, release } from '../harness/guardian.ts'

const root = join(import.meta.dirname, '../..')

export interface Block {
  /** the heading above it */
  readonly heading: string
  readonly code: string
  /** marked `elsewhere`: needs something that the test does not have, and is not run */
  readonly isElsewhere: boolean
}

/** The bash blocks of a page, in order. */
export function blocksOf(name: string): Block[] {
  const page = readFileSync(join(root, 'docs/runbooks', `${name}.md`), 'utf8')
  const blocks: Block[] = []
  let heading = ''
  for (const [part] of page.matchAll(/^## .*$|^```bash.*\n[\s\S]*?^```$/gm)) {
    if (part.startsWith('## ')) heading = part.slice(3)
    else {
      const [first = '', ...lines] = part.split('\n')
      blocks.push({ heading, code: lines.slice(0, -1).join('\n'), isElsewhere: first.includes('elsewhere') })
    }
  }
  return blocks
}

export interface Done {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export class Runbook implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'godwit-runbook-'))
  readonly #environment: Record<string, string>
  readonly #blocks: readonly Block[]

  /** @param environment variables that the page expects @param files files that the page expects, by name */
  constructor(
    name: string,
    environment: Readonly<Record<string, string>>,
    files: Readonly<Record<string, string>> = {},
  ) {
    guardFolder(this.folder)
    this.#blocks = blocksOf(name).filter(({ isElsewhere }) => !isElsewhere)
    this.#environment = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, HOME: this.folder, ...environment }
    for (const [file, content] of Object.entries(files)) this.write(file, content)
  }

  get headings(): string[] {
    return [...new Set(this.#blocks.map(({ heading }) => heading))]
  }

  write(file: string, content: string): void {
    writeFileSync(join(this.folder, file), content)
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  /** Runs the blocks below headings that start with this text, in order. @throws Error with the output of a failed block */
  async step(start: string): Promise<Done> {
    const blocks = this.#blocks.filter(({ heading }) => heading.startsWith(start))
    if (blocks.length === 0) throw new Error(`the runbook has no step ${start}`)
    const done: Done[] = []
    for (const { code } of blocks) {
      done.push(await this.run(code))
      const last = done.at(-1)
      if (last?.code !== 0) throw new Error(`${start}: exit code ${last?.code}\n${code}\n${last?.out}\n${last?.err}`)
    }
    return { code: 0, out: done.map(({ out }) => out).join(''), err: done.map(({ err }) => err).join('') }
  }

  /** Runs these lines. Exported variables are kept for later lines. */
  async run(code: string): Promise<Done> {
    const script = `if [ -e .exports ]; then . ./.exports; fi\n${code}\nexport -p > .exports\n`
    const child = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: this.folder,
      env: this.#environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
    })
    guard(child)
    const [out, err, [exit]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ])
    return { code: exit, out, err }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = 'timeout 30 tail --pid="$(cat godwit.pid)" -f /dev/null || true'
    await this.run(`if [ -e godwit.pid ]; then kill "$(cat godwit.pid)" 2>/dev/null || true; ${gone}; fi`)
    rmSync(this.folder, { recursive: true, force: true })
    release(this.folder)
  }
}
