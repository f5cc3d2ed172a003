// Runs `godwit COMMAND` as a user does: its output, its error output and its exit code.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { guard } from './guardian.ts'

const ours = join(import.meta.dirname, '../../bin/godwit')

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Surroundings {
  /** environment variables in addition to those of this process */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  /** another program than that of this checkout */
  readonly program?: string
  /** killed after this time (ms); default: 120 s */
  readonly patienceMs?: number
}

/** Runs godwit with these arguments until it ends. Standard input is empty by default. */
export async function godwit(words: readonly string[], around: Surroundings = {}): Promise<Ended> {
  const child = spawn(around.program ?? ours, words, {
    env: { ...process.env, ...around.environment },
    ...(around.cwd !== undefined && { cwd: around.cwd }),
    timeout: around.patienceMs ?? 120_000,
    killSignal: 'SIGKILL',
  })
  guard(child)
  child.stdin.on('error', () => {})
  child.stdin.end(around.input ?? '')
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, out, err }
}
