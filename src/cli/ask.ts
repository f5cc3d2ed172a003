// Questions at the terminal, on standard error: standard output is for results.
import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Failure } from '../base/failure.ts'
import type { Question } from './command.ts'

/** One for all questions: between two of them the terminal would show what is typed. */
let line: Interface | undefined
let isSilent = false

function opened(): Interface {
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      if (!isSilent) process.stderr.write(chunk)
      done()
    },
  })
  return createInterface({ input: process.stdin, output, terminal: true })
}

/** Asks once and gives the answer, trimmed, or the fallback. @throws Failure USAGE when input ends or the signal is aborted */
export async function ask(question: string, how: Question = {}, signal?: AbortSignal): Promise<string> {
  const { fallback, isSecret = false } = how
  // The terminal is ours before the question is there: whoever answers at once is not echoed by it.
  line ??= opened()
  const input = line
  const ended = Promise.withResolvers<never>()
  const end = () => ended.reject(unanswered())
  input.once('SIGINT', end).once('close', end)
  const answered = input.question(
    `${question}${fallback === undefined ? '' : ` [${fallback}]`}: `,
    signal ? { signal } : {},
  )
  isSilent = isSecret
  try {
    const answer = await Promise.race([answered, ended.promise])
    return answer.trim() || (fallback ?? '')
  } catch (error) {
    throw error instanceof Failure ? error : unanswered()
  } finally {
    isSilent = false
    if (isSecret) process.stderr.write('\n')
    input.off('SIGINT', end).off('close', end)
  }
}

const unanswered = () =>
  new Failure('USAGE', 'there was no answer; nothing was written', {
    remedy: "see 'godwit init --help' for the options",
  })
