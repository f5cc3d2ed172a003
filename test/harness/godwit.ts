// `godwit COMMAND` as a user starts it, to its end: what it printed, what it complained of, its exit code.
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
  /** variables beside this process's own */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  /** another than that of this checkout */
  readonly program?: string
  /** ms after which it is killed; 120 s unless given */
  readonly patienceMs?: number
}

/** Runs it with these words to its end; standard input is empty unless given. Killed after `patienceMs` milliseconds. */
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
