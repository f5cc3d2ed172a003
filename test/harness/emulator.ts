// Emulates a terminal screen for the control sequences that godwit writes: cursor moves, clearing, characters. An unknown
// sequence fails the test.
import assert from 'node:assert/strict'

export interface Box {
  readonly rows: number
  readonly columns: number
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals speak in control characters
const controlSequence = /^\u001b\[([?0-9;]*)([A-Za-z])/

/**
 * After a resize, output for the old size may still arrive, and stty changes rows and columns one after the other. During this
 * time the emulator cuts off what does not fit, as a terminal does.
 */
const RESIZING_MS = 2000

/** A screen that a program writes to and a test reads. */
export class Emulator {
  #box: Box
  #cells: string[][] = []
  #row = 0
  #column = 0
  #rest = ''
  #hasLeft = false
  #resizedAt = 0
  /** the private modes that are on. 1049: alternate screen. At the start 25 (cursor) and 7 (wrapping) are on. */
  readonly modes = new Set(['25', '7'])

  constructor(box: Box) {
    this.#box = box
    this.#clear()
  }

  /** Changes the size, and the lines as a terminal does. */
  resize(box: Box): void {
    this.#box = box
    this.#resizedAt = Date.now()
    this.#clear()
  }

  /** Processes the output of the program. @throws AssertionError for an unknown control sequence */
  write(text: string): void {
    let left = this.#rest + text
    this.#rest = ''
    while (left !== '') {
      const found = controlSequence.exec(left)
      if (!found && left.startsWith('\u001b') && left.length < 12) {
        this.#rest = left
        return
      }
      if (found) this.#obey(found[1] ?? '', found[2] ?? '')
      const [first = ''] = left
      if (!found) this.#put(first)
      left = left.slice(found ? found[0].length : first.length)
    }
  }

  /** The lines of the screen without trailing blanks. */
  get text(): string {
    return this.#cells.map((row) => row.join('').trimEnd()).join('\n')
  }

  #clear(): void {
    this.#cells = Array.from({ length: this.#box.rows }, () => this.#blank())
  }

  #blank(): string[] {
    return Array.from({ length: this.#box.columns }, () => ' ')
  }

  #obey(parameters: string, command: string): void {
    const [first = '1', second = '1'] = parameters.split(';')
    if (command === 'H') [this.#row, this.#column] = [Number(first || 1) - 1, Number(second || 1) - 1]
    else if (command === 'K') this.#cells[this.#row]?.fill(' ', this.#column)
    else if (command === 'J') this.#clear()
    else if (command === 'h') this.modes.add(parameters.slice(1))
    else if (command === 'l') {
      this.modes.delete(parameters.slice(1))
      if (parameters === '?1049') this.#hasLeft = true
    } else assert.equal(command, 'm', `the emulator does not know ESC [ ${parameters} ${command}`)
  }

  /** Output after leaving the alternate screen goes to the normal screen, which is not emulated. */
  #put(character: string): void {
    if (this.#hasLeft) return
    if (character === '\r') this.#column = 0
    else if (character === '\n') this.#row = Math.min(this.#box.rows - 1, this.#row + 1)
    else {
      const row = this.#cells[this.#row]
      if (!(row && this.#column < this.#box.columns) && Date.now() - this.#resizedAt < RESIZING_MS) return
      assert.ok(row && this.#column < this.#box.columns, `'${character}' is written outside the screen`)
      row[this.#column++] = character
    }
  }
}
