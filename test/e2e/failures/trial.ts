// One flow with its configuration file in its own folder, where the printed remedies are followed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Problem } from '../../../src/model/flow-status.ts'
import { guardFolder, release } from '../../harness/guardian.ts'
import { executeCommands } from '../../harness/kafka-tools.ts'
import { GodwitProcess } from '../../integration/engine/godwit-process.ts'
import { writeSetting } from '../check/follow.ts'

const bin = join(import.meta.dirname, '../../../bin')

/** Where a command ends within a sentence. */
const BEHIND = /^(?:-|and|or|to|\(.*)$/

/** The commands in a remedy, in their order. */
export function commandsIn(remedy: string): string[] {
  const starts = [...remedy.matchAll(/\bgodwit (?=positions |groups )|\bkafka-[\w-]+\.sh (?=--)/g)]
  return starts.map(({ index }) => {
    const words: string[] = []
    for (const [word] of remedy.slice(index).matchAll(/(?:'[^']*'|[^\s'])+/g)) {
      if (BEHIND.test(word)) break
      words.push(word.replace(/[;,]$/, ''))
      if (/[;,]$/.test(word)) break
    }
    return words.join(' ')
  })
}

/** The lines that a remedy says to write into the file. */
export function linesIn(remedy: string): string[] {
  return [...remedy.matchAll(/\bwrite (\S+ = \S+?)[,;]?(?= |$)/g)].map(([, line]) => line ?? '')
}

export class Trial implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'godwit-remedy-'))
  readonly file = join(this.folder, 'mm2.properties')

  constructor(text: string) {
    guardFolder(this.folder)
    writeFileSync(this.file, text)
  }

  /** Starts `godwit run` with the current file. */
  start(...words: readonly string[]): Promise<GodwitProcess> {
    return GodwitProcess.start(readFileSync(this.file, 'utf8'), ...words)
  }

  /** Writes these lines; each replaces the line with the same key. */
  write(lines: readonly string[]): void {
    assert.ok(lines.length > 0, 'there is no line to write')
    for (const line of lines) writeSetting(this.file, line)
  }

  /** Removes the line with this key. */
  takeOut(key: string): void {
    const kept = readFileSync(this.file, 'utf8')
      .split('\n')
      .filter((line) => !line.startsWith(`${key} =`))
    writeFileSync(this.file, kept.join('\n'))
  }

  /**
   * Executes commands with a shell in the folder.
   * @param running adds its address to godwit commands, as it is not the default address
   */
  async type(commands: readonly string[], running?: GodwitProcess): Promise<void> {
    assert.ok(commands.length > 0, 'there is no command to execute')
    for (const command of commands)
      if (command.startsWith('godwit ')) this.#executeGodwit(`${command}${running ? ` --http ${running.address}` : ''}`)
      else await executeCommands([command], this.folder)
  }

  /** The process has a copy of the file in another folder. Its messages name that copy. */
  #executeGodwit(printed: string): void {
    const command = printed.replace(/\S+\/mm2\.properties/, 'mm2.properties')
    const { status, stderr, stdout } = spawnSync('bash', ['-c', command], {
      cwd: this.folder,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
    })
    assert.equal(status, 0, `${command}\n${stdout}${stderr}`)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
    release(this.folder)
  }
}

/** The remedy of a problem. @throws AssertionError if it has none */
export function remedyOf(problem: Pick<Problem, 'code' | 'message' | 'remedy'> | undefined): string {
  assert.ok(problem?.remedy, `no remedy is printed: ${JSON.stringify(problem)}`)
  return problem.remedy
}

/** Waits until the flow has no problem. */
export async function untilNoProblem(godwit: GodwitProcess): Promise<void> {
  await godwit.until('no problem is left', ({ problems, state }) => problems.length === 0 && state === 'running')
}
