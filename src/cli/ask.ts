// Questions at the terminal, on standard error: standard output is for results.
import { createInterface, type Interface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { Failure } from '../base/failure.ts'
import type { Question } from './command.ts'

/** One interface for all questions: without an open interface the terminal would echo typed text. */
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

/** Asks a question and gives the trimmed answer, or the fallback. @throws Failure USAGE when input ends or the signal is aborted */
export async function ask(question: string, how: Question = {}, signal?: AbortSignal): Promise<string> {
  const { fallback, isSecret = false } = how
  // Opened before the question is printed, so that an immediate answer is not echoed.
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
  new Failure('USAGE', 'no answer was given; nothing was written', {
    remedy: "see 'godwit init --help' for the options",
  })
