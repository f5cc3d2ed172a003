// Entry point: connects the command line to the process (arguments, signals, streams, exit code).
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { failures } from './base/failure.ts'
import { ask } from './cli/ask.ts'
import { runCli } from './cli/cli.ts'
import { commands } from './cli/commands.ts'

const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const version = String((manifest as { version?: unknown }).version)
const stop = new AbortController()

for (const [name, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  process.on(name, () => {
    if (stop.signal.aborted) process.exit(128 + number)
    stop.abort()
  })
}
// `godwit status | head` closes the pipe, which is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (stream === process.stdout) process.exit(0)
  })
}

const endLine = (text: string) => (text.endsWith('\n') ? text : `${text}\n`)

// An unexpected error ends the process: continuing in an unknown state could lose records. The stack is needed for a bug report.
process.on('uncaughtException', (error) => {
  process.stderr.write(`godwit: this is a bug in godwit; please report it\n${error.stack ?? String(error)}\n`)
  process.exit(failures.INTERNAL.exit)
})

const code = await runCli(commands, process.argv.slice(2), version, {
  print: (text) => void process.stdout.write(endLine(text)),
  printError: (text) => void process.stderr.write(endLine(text)),
  signal: stop.signal,
  environment: process.env,
  isTerminal: process.stdout.isTTY === true,
  isErrorTerminal: process.stderr.isTTY === true,
  readInput: () => text(process.stdin),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask: (question, how) => ask(question, how, stop.signal) }),
  terminalSize: () => ({ rows: process.stdout.rows, columns: process.stdout.columns }),
  openScreen: async () => {
    const { openFullScreen } = await import('./cli/full-screen.ts')
    return openFullScreen(process.stdin, process.stdout)
  },
})
// Output to a pipe is written asynchronously: exiting before it is flushed would cut it off.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
// Exit explicitly: a socket that does not close must not keep the process of a finished run alive.
process.exit(code)
