// The terminal in full-screen mode: alternate screen, no echo, single keys. It is restored however the process ends: by a
// key, a signal, or a bug, whose message must not disappear with the alternate screen.
import type { ReadStream, WriteStream } from 'node:tty'

/** The terminal for a full-screen view. */
export interface FullScreen {
  size(): { readonly rows: number; readonly columns: number }
  /** Writes the text unchanged. */
  write(text: string): void
  /** Passes typed characters as the terminal sends them. Never called when standard input is not a terminal. */
  onInput(take: (text: string) => void): void
  /** Called when the whole screen must be drawn again: the size changed, or the process continues after Ctrl-Z. */
  onRedraw(take: () => void): void
  /** Restores the terminal and stops this process until `fg`, as Ctrl-Z does. */
  suspend(): void
  /** Restores the terminal; may be called more than once. */
  close(): void
}

/** Alternate screen, cursor hidden, no wrapping: a character wider than expected must not break the next line. */
const enter = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J'
const leave = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const hangUpExit = 129

/** Switches the terminal to full-screen mode. `output` must be a terminal. */
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
    // Runs before the message of the error is written.
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
