// Questions at the terminal, on standard error: standard output is for results.
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Failure } from '../base/failure.ts'
import type { Question } from './command.ts'

/** Asks once and gives the answer, trimmed, or the fallback. @throws Failure USAGE when input ends or the signal is aborted */
export async function ask(question: string, how: Question = {}, signal?: AbortSignal): Promise<string> {
  const { fallback, isSecret = false } = how
  process.stderr.write(`${question}${fallback === undefined ? '' : ` [${fallback}]`}: `)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const input = createInterface({ input: process.stdin, output: isSecret ? silent : process.stderr, terminal: true })
  try {
    const ended = new Promise<never>((_, reject) => {
      input.once('SIGINT', () => reject(unanswered()))
      input.once('close', () => reject(unanswered()))
    })
    const answer = await Promise.race([input.question('', signal ? { signal } : {}), ended])
    if (isSecret) process.stderr.write('\n')
    return answer.trim() || (fallback ?? '')
  } catch (error) {
    throw error instanceof Failure ? error : unanswered()
  } finally {
    input.close()
  }
}

const unanswered = () =>
  new Failure('USAGE', 'there was no answer; nothing was written', {
    remedy: "see 'godwit init --help' for the options",
  })
