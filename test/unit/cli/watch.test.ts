// `godwit status --watch` on a terminal: what it writes, when it sends requests, and how it ends.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import type { FullScreen } from '../../../src/cli/full-screen.ts'
import type { Size } from '../../../src/cli/status/frame.ts'
import { firstState } from '../../../src/cli/status/view-state.ts'
import { watchScreen } from '../../../src/cli/status/watch-screen.ts'
import type { StatusAnswer } from '../../../src/http/contract.ts'
import type { FlowStatus } from '../../../src/model/flow-status.ts'
import { Emulator } from '../../harness/emulator.ts'
import { features, startedAt, topics } from './pictures.ts'
import { flow } from './scripted.ts'

/** A terminal whose output an emulator reads, and whose input the test writes. */
class TestScreen implements FullScreen {
  readonly emulator: Emulator
  box: Size
  isClosed = false
  sent: string[] = []
  #take: (text: string) => void = () => {}
  #redraw: () => void = () => {}
  constructor(box: Size) {
    this.box = box
    this.emulator = new Emulator(box)
  }
  size = () => this.box
  write(text: string): void {
    this.sent.push(text)
    this.emulator.write(text)
  }
  onInput(take: (text: string) => void): void {
    this.#take = take
  }
  onRedraw(take: () => void): void {
    this.#redraw = take
  }
  suspend(): void {}
  close(): void {
    this.isClosed = true
  }
  type(text: string): void {
    this.#take(text)
  }
  resize(box: Size): void {
    this.box = box
    this.emulator.resize(box)
    this.#redraw()
  }
  get text(): string {
    return this.emulator.text
  }
}

interface Asked {
  readonly screen: TestScreen
  readonly ended: Promise<void>
  readonly stop: AbortController
  /** Resolves after this number of requests. */
  times(count: number): Promise<void>
}

function watching(t: TestContext, answer: (times: number) => StatusAnswer): Asked {
  const screen = new TestScreen({ rows: 24, columns: 80 })
  const stop = new AbortController()
  t.after(() => stop.abort())
  const counted = new EventTarget()
  let count = 0
  const ended = watchScreen({
    ...{ screen, features, first: firstState, address: 'here:1', signal: stop.signal },
    check: () => {},
    ask: async () => {
      count++
      // After the answer has been drawn.
      setImmediate(() => setImmediate(() => counted.dispatchEvent(new Event('asked'))))
      return answer(count)
    },
  })
  const times = async (wanted: number) => {
    while (count < wanted) await once(counted, 'asked')
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  }
  return { screen, ended, stop, times }
}

const answered = (flows: readonly FlowStatus[]): StatusAnswer => ({ version: '9', startedAt, flows })

test('watch draws, reacts to keys at once, sends only changed lines, and restores the terminal', async (t) => {
  const { screen, ended, times } = watching(t, () => answered([flow({ topics: topics(50) })]))
  await times(1)
  assert.match(screen.text, /\[1 topics 50\][\s\S]*t0049 +49,000[\s\S]*1-17 of 50/)
  screen.sent = []
  screen.type('s')
  assert.match(screen.text, /TOPIC▼[\s\S]*t0000[\s\S]*by name/)
  screen.sent = []
  screen.type('x')
  assert.deepEqual(screen.sent, [])
  screen.type('/t004')
  assert.match(screen.text, /\/t004_ +10 of 50 topics/)
  // A moved selection changes three lines: the new row, the old row and the footer.
  screen.sent = []
  screen.type('9')
  assert.doesNotMatch(screen.text, /t0048/)
  screen.type('\r\u001b[B')
  screen.type('q')
  await ended
  assert.ok(screen.isClosed)
})

test('after a resize the whole screen is redrawn, and fits', async (t) => {
  const { screen, ended, times } = watching(t, () => answered([flow({ topics: topics(50) })]))
  await times(1)
  screen.resize({ rows: 50, columns: 200 })
  assert.match(screen.text, /BYTES\/S +RECORDS[\s\S]*1-43 of 50 topics/)
  screen.resize({ rows: 10, columns: 60 })
  assert.match(screen.text, /1-\d of 50 topics/)
  assert.ok(screen.text.split('\n').length <= 10)
  screen.type('\u0003')
  await ended
})

test('while godwit does not answer the last numbers and their age are shown, and requests are repeated', async (t) => {
  const { screen, ended, times } = watching(t, (count) => {
    if (count === 2) throw new Failure('CONNECTION_LOST', 'no godwit answers', { remedy: 'start it' })
    return answered([flow({ topics: topics(count) })])
  })
  await times(2)
  assert.match(screen.text, /NO ANSWER for \ds - numbers of/)
  assert.match(screen.text, /! no godwit answers; retrying[\s\S]*t0000/)
  await times(3)
  assert.doesNotMatch(screen.text, /NO ANSWER/)
  assert.match(screen.text, /\[1 topics 3\]/)
  screen.type('q')
  await ended
})

test('pausing keeps the shown numbers, and continuing sends a request at once', async (t) => {
  const { screen, ended, times } = watching(t, (count) => answered([flow({ topics: topics(count) })]))
  await times(1)
  screen.type('p')
  assert.match(screen.text, /PAUSED - [\s\S]*\[1 topics 1\]/)
  screen.type('p')
  await times(2)
  assert.match(screen.text, /\[1 topics 2\]/)
  screen.type('q')
  await ended
})

test('a signal ends watch like q, also while a request is pending', async (t) => {
  const { screen, ended, stop, times } = watching(t, () => answered([]))
  await times(1)
  stop.abort()
  await ended
  assert.ok(screen.isClosed)
})

test('an unexpected error ends watch, and the terminal is restored', async (t) => {
  const { screen, ended } = watching(t, () => {
    throw new TypeError('a mistake')
  })
  await assert.rejects(ended, TypeError)
  assert.ok(screen.isClosed)
})

test('a server that is not godwit at the address ends watch with the reason', async (t) => {
  const { screen, ended } = watching(t, () => {
    throw new Failure('USAGE', 'the service there is not godwit')
  })
  await assert.rejects(ended, /not godwit/)
  assert.ok(screen.isClosed)
})
