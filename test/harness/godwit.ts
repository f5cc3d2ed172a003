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

export interface GodwitOptions {
  /** environment variables in addition to those of this process */
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  readonly cwd?: string
  /** another program than that of this checkout */
  readonly program?: string
  /** killed after this time (ms); default: 120 s */
  readonly timeoutMs?: number
}

/** Runs godwit with these arguments until it ends. Standard input is empty by default. */
export async function godwit(words: readonly string[], options: GodwitOptions = {}): Promise<Ended> {
  const child = spawn(options.program ?? ours, words, {
    env: { ...process.env, ...options.environment },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    timeout: options.timeoutMs ?? 120_000,
    killSignal: 'SIGKILL',
  })
  guard(child)
  child.stdin.on('error', () => {})
  child.stdin.end(options.input ?? '')
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, out, err }
}
