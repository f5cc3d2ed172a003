// `godwit status --watch` on a terminal: polls godwit, handles keys, and writes changed lines.
import { Failure, sentenceOf } from '../../base/failure.ts'
import { sleep } from '../../base/retry.ts'
import type { StatusAnswer } from '../../http/contract.ts'
import type { FullScreen } from '../full-screen.ts'
import { type Look, noPaces, type Paces, PaceWindow } from '../output/pace.ts'
import { keysOf } from '../screen/keys.ts'
import { type Looks, lineWidth, rendered } from '../screen/spans.ts'
import { frameOf, type Seen } from './frame.ts'
import { type Extent, pressed, type ViewState } from './view-state.ts'

export interface Watched {
  readonly screen: FullScreen
  readonly looks: Looks
  readonly first: ViewState
  /** HOST:PORT, to be shown */
  readonly address: string
  /** requests the status. @throws Failure when godwit does not answer */
  readonly ask: (signal: AbortSignal) => Promise<StatusAnswer>
  /** checks that a response contains the selected flow. @throws Failure, which ends the view */
  readonly check: (answer: StatusAnswer) => void
  readonly signal: AbortSignal
}

const refreshMs = 1000
/** With very many partitions the status is requested less often, so that this process uses at most this share of a core. */
const shareOfCore = 0.025
const rarestMs = 30_000

/** Runs the view until the user quits or the signal is aborted. The screen is closed in any case. */
export async function watchScreen(watched: Watched): Promise<void> {
  const watching = new Watching(watched)
  try {
    await watching.run()
  } finally {
    watched.screen.close()
  }
}

class Watching {
  readonly #watched: Watched
  readonly #over = new AbortController()
  readonly #window = new PaceWindow()
  #wake = new AbortController()
  #state: ViewState
  #look: Look | undefined
  #paces: Paces = noPaces
  #trouble: Seen['trouble']
  #extent: Extent = { lastTop: 0, page: 1, flows: [] }
  #unread = ''
  #drawn: readonly string[] = []
  #drawnAt = 0

  constructor(watched: Watched) {
    this.#watched = watched
    this.#state = watched.first
  }

  async run(): Promise<void> {
    const { screen, signal } = this.#watched
    const stop = () => this.#end()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    screen.onInput((text) => this.#type(text))
    screen.onRedraw(() => {
      this.#drawn = []
      screen.write('\u001b[2J')
      this.#draw()
    })
    // Updates the shown age of the numbers while no response arrives.
    const clock = setInterval(() => {
      if (Date.now() - this.#drawnAt >= refreshMs * 0.9) this.#draw()
    }, refreshMs)
    this.#draw()
    try {
      await this.#askOn()
    } finally {
      clearInterval(clock)
      signal.removeEventListener('abort', stop)
    }
  }

  async #askOn(): Promise<void> {
    while (!this.#over.signal.aborted) {
      const before = process.cpuUsage()
      if (!this.#state.isPaused) await this.#ask()
      if (this.#over.signal.aborted) return
      this.#draw()
      const { user, system } = process.cpuUsage(before)
      const pause = Math.max(refreshMs, Math.min(rarestMs, (user + system) / 1000 / shareOfCore))
      this.#wake = new AbortController()
      await sleep(pause, AbortSignal.any([this.#wake.signal, this.#over.signal]))
    }
  }

  async #ask(): Promise<void> {
    try {
      const answer = await this.#watched.ask(this.#over.signal)
      this.#watched.check(answer)
      // The view was paused during the request: keep the old numbers.
      if (this.#state.isPaused && this.#look) return
      this.#look = { answer, at: Date.now() }
      this.#paces = this.#window.note(this.#look)
      this.#trouble = undefined
    } catch (error) {
      if (this.#over.signal.aborted) return
      if (!(error instanceof Failure) || (error.code === 'USAGE' && !this.#look)) throw error
      const { remedy } = error
      this.#trouble = {
        sentence: sentenceOf(error),
        remedy,
        since: this.#trouble?.since ?? this.#look?.at ?? Date.now(),
      }
    }
  }

  #type(text: string): void {
    const { keys, rest } = keysOf(this.#unread + text)
    this.#unread = rest
    for (const key of keys) {
      const next = pressed(this.#state, key, this.#extent)
      if (next === 'quit') return this.#end()
      if (next === 'suspend') return this.#watched.screen.suspend()
      const goesOn = this.#state.isPaused && !next.isPaused
      this.#state = next
      if (goesOn) this.#wake.abort()
      this.#draw()
    }
  }

  #end(): void {
    this.#over.abort()
  }

  /** Writes only lines that differ from those on the screen, which avoids flicker. */
  #draw(): void {
    if (this.#over.signal.aborted) return
    const { screen, looks, address } = this.#watched
    const { rows, columns } = screen.size()
    const seen: Seen = {
      ...{ look: this.#look, paces: this.#paces, address, trouble: this.#trouble, now: Date.now() },
    }
    const { lines, extent } = frameOf(seen, this.#state, { rows, columns }, looks)
    this.#extent = extent
    const texts = lines.map((line) => rendered(line, columns, looks))
    // Text first, then clear the rest of the line, so that it is never blank. A full line is not cleared: that would erase its last column.
    const changes = texts.flatMap((text, at) => {
      const behind = lineWidth(lines[at] ?? []) < columns ? '\u001b[K' : ''
      return text === this.#drawn[at] ? [] : [`\u001b[${at + 1};1H${text}${behind}`]
    })
    if (changes.length > 0) screen.write(changes.join(''))
    this.#drawn = texts
    this.#drawnAt = Date.now()
  }
}
