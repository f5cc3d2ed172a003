// The process: arguments and signals in, exit code out.
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
// `godwit status | head` closes the pipe: that is no mistake, and nobody is left to be told.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    if (stream === process.stdout) process.exit(0)
  })
}

const endLine = (text: string) => (text.endsWith('\n') ? text : `${text}\n`)

// Whatever nobody expected ends the process: going on in an unknown state could cost records. Its stack is printed, for
// a mistake of ours can only be reported with it.
process.on('uncaughtException', (error) => {
  process.stderr.write(`godwit: this is a mistake in godwit; please report it\n${error.stack ?? String(error)}\n`)
  process.exit(failures.INTERNAL.exit)
})

const code = await runCli(commands, process.argv.slice(2), version, {
  print: (text) => void process.stdout.write(endLine(text)),
  complain: (text) => void process.stderr.write(endLine(text)),
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
// What was printed into a pipe leaves piece by piece: an exit before the last one would cut it off.
await Promise.all([process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write('', resolve))))
// Not left to the event loop: a socket that will not close must not keep an ended run from being restarted.
process.exit(code)
