// `godwit status --watch` on a terminal: polls godwit, handles keys, and writes changed lines.
import { Failure, sentenceOf } from '../../base/failure.ts'
import { sleep } from '../../base/retry.ts'
import type { StatusAnswer } from '../../http/contract.ts'
import type { FullScreen } from '../full-screen.ts'
import { noRates, type Rates, RateWindow, type StatusSample } from '../output/pace.ts'
import { keysOf } from '../screen/keys.ts'
import { lineWidth, renderedSpans, type TerminalFeatures } from '../screen/spans.ts'
import { type FrameData, frameOf } from './frame.ts'
import { pressed, type ViewExtent, type ViewState } from './view-state.ts'

export interface WatchOptions {
  readonly screen: FullScreen
  readonly features: TerminalFeatures
  readonly first: ViewState
  /** address of godwit to show, HOST:PORT */
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
export async function watchScreen(options: WatchOptions): Promise<void> {
  const loop = new WatchLoop(options)
  try {
    await loop.run()
  } finally {
    options.screen.close()
  }
}

class WatchLoop {
  readonly #options: WatchOptions
  readonly #ended = new AbortController()
  readonly #window = new RateWindow()
  #wake = new AbortController()
  #state: ViewState
  #sample: StatusSample | undefined
  #rates: Rates = noRates
  #failure: FrameData['failure']
  #extent: ViewExtent = { lastTop: 0, page: 1, flows: [] }
  #incomplete = ''
  #drawn: readonly string[] = []
  #drawnAt = 0

  constructor(options: WatchOptions) {
    this.#options = options
    this.#state = options.first
  }

  async run(): Promise<void> {
    const { screen, signal } = this.#options
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
      await this.#poll()
    } finally {
      clearInterval(clock)
      signal.removeEventListener('abort', stop)
    }
  }

  async #poll(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const before = process.cpuUsage()
      if (!this.#state.isPaused) await this.#request()
      if (this.#ended.signal.aborted) return
      this.#draw()
      const { user, system } = process.cpuUsage(before)
      const pause = Math.max(refreshMs, Math.min(rarestMs, (user + system) / 1000 / shareOfCore))
      this.#wake = new AbortController()
      await sleep(pause, AbortSignal.any([this.#wake.signal, this.#ended.signal]))
    }
  }

  async #request(): Promise<void> {
    try {
      const answer = await this.#options.ask(this.#ended.signal)
      this.#options.check(answer)
      // The view was paused during the request: keep the old numbers.
      if (this.#state.isPaused && this.#sample) return
      this.#sample = { answer, at: Date.now() }
      this.#rates = this.#window.note(this.#sample)
      this.#failure = undefined
    } catch (error) {
      if (this.#ended.signal.aborted) return
      if (!(error instanceof Failure) || (error.code === 'USAGE' && !this.#sample)) throw error
      const { remedy } = error
      this.#failure = {
        sentence: sentenceOf(error),
        remedy,
        since: this.#failure?.since ?? this.#sample?.at ?? Date.now(),
      }
    }
  }

  #type(text: string): void {
    const { keys, rest } = keysOf(this.#incomplete + text)
    this.#incomplete = rest
    for (const key of keys) {
      const next = pressed(this.#state, key, this.#extent)
      if (next === 'quit') return this.#end()
      if (next === 'suspend') return this.#options.screen.suspend()
      const isResumed = this.#state.isPaused && !next.isPaused
      this.#state = next
      if (isResumed) this.#wake.abort()
      this.#draw()
    }
  }

  #end(): void {
    this.#ended.abort()
  }

  /** Writes only lines that differ from those on the screen, which avoids flicker. */
  #draw(): void {
    if (this.#ended.signal.aborted) return
    const { screen, features, address } = this.#options
    const { rows, columns } = screen.size()
    const data: FrameData = {
      ...{ sample: this.#sample, rates: this.#rates, address, failure: this.#failure, now: Date.now() },
    }
    const { lines, extent } = frameOf(data, this.#state, { rows, columns }, features)
    this.#extent = extent
    const texts = lines.map((line) => renderedSpans(line, columns, features))
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
