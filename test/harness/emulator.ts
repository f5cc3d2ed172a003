// A terminal's screen, as far as godwit writes to it: where the cursor goes, what is cleared, which characters stand where.
// What it does not know is a failure of the test rather than silently dropped.
import assert from 'node:assert/strict'

export interface Box {
  readonly rows: number
  readonly columns: number
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals speak in control characters
const controlSequence = /^\u001b\[([?0-9;]*)([A-Za-z])/

/**
 * What is on its way when the size changes is for the size before, and stty changes rows and columns one after the other. A
 * terminal cuts off what does not fit.
 */
const RESIZING_MS = 2000

/** A screen to write to and to read. */
export class Emulator {
  #box: Box
  #cells: string[][] = []
  #row = 0
  #column = 0
  #rest = ''
  #hasLeft = false
  #resizedAt = 0
  /** private modes that are on: 1049 the alternate screen; 25 (the cursor) and 7 (wrapping) are on at first */
  readonly modes = new Set(['25', '7'])

  constructor(box: Box) {
    this.#box = box
    this.#clear()
  }

  /** Another size, and what a terminal does to the lines then. */
  resize(box: Box): void {
    this.#box = box
    this.#resizedAt = Date.now()
    this.#clear()
  }

  /** What the program writes. @throws AssertionError for a control sequence that it does not know */
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

  /** The lines of the screen without blanks at their ends. */
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

  /** What is written once the alternate screen was left stands among what others wrote, and is not looked at. */
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
