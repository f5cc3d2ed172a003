// The terminal as a full-screen view needs it: another screen, no echo, keys one by one; and as it was before, however the
// process ends - by a key, a signal, or a mistake of ours whose message must not vanish with that screen.
import type { ReadStream, WriteStream } from 'node:tty'

/** What a view may do with the terminal. */
export interface FullScreen {
  size(): { readonly rows: number; readonly columns: number }
  /** Sent as it is. */
  write(text: string): void
  /** What is typed, as the terminal sends it. Nothing comes where standard input is no terminal. */
  onInput(take: (text: string) => void): void
  /** The size has changed, or the process goes on after it was stopped: nothing on the screen is to be relied on. */
  onRedraw(take: () => void): void
  /** Gives the terminal back and stops this process until `fg`, as Ctrl-Z does. */
  suspend(): void
  /** Gives the terminal back; may be called again. */
  close(): void
}

/** Alternate screen, cursor hidden, no wrapping: a character that is wider than we think must not break the next line. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J'
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const hangUpExit = 129

/** Takes the terminal over. Standard output has to be one. */
export function openFullScreen(input: ReadStream, output: WriteStream): FullScreen {
  return new ProcessScreen(input, output)
}

class ProcessScreen implements FullScreen {
  readonly #input: ReadStream
  readonly #output: WriteStream
  #redraw = () => {}
  #isOpen = false

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input
    this.#output = output
    this.#input.setEncoding('utf8')
    this.#output.on('resize', this.#changed)
    process.on('exit', this.#leave)
    // Heard before the message of the mistake is written.
    process.on('uncaughtExceptionMonitor', this.#leave)
    process.on('SIGHUP', this.#hungUp)
    process.on('SIGCONT', this.#resumed)
    this.#enter()
  }

  size(): { rows: number; columns: number } {
    return { rows: this.#output.rows, columns: this.#output.columns }
  }

  write(text: string): void {
    this.#output.write(text)
  }

  onInput(take: (text: string) => void): void {
    if (this.#input.isTTY) this.#input.on('data', take)
  }

  onRedraw(take: () => void): void {
    this.#redraw = take
  }

  suspend(): void {
    this.#leave()
    process.kill(process.pid, 'SIGTSTP')
  }

  close(): void {
    this.#leave()
    this.#input.removeAllListeners('data')
    this.#output.off('resize', this.#changed)
    process.off('exit', this.#leave)
    process.off('uncaughtExceptionMonitor', this.#leave)
    process.off('SIGHUP', this.#hungUp)
    process.off('SIGCONT', this.#resumed)
  }

  #enter(): void {
    this.#isOpen = true
    if (this.#input.isTTY) this.#input.setRawMode(true).resume()
    this.#output.write(enter)
  }

  readonly #leave = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#output.write(leave)
    if (this.#input.isTTY) this.#input.setRawMode(false).pause()
  }

  readonly #changed = (): void => this.#redraw()

  readonly #resumed = (): void => {
    if (!this.#isOpen) this.#enter()
    this.#redraw()
  }

  readonly #hungUp = (): void => process.exit(hangUpExit)
}
