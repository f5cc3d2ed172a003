import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import type { FullScreen } from '../../../src/cli/full-screen.ts'
import { noRates, RateWindow } from '../../../src/cli/output/pace.ts'
import { type Key, keysOf } from '../../../src/cli/screen/keys.ts'
import { rendered, type TerminalFeatures, widthOf } from '../../../src/cli/screen/spans.ts'
import { type Frame, type FrameData, frameOf, type Size } from '../../../src/cli/status/frame.ts'
import { type Extent, firstState, pressed, type ViewState } from '../../../src/cli/status/view-state.ts'
import { watchScreen } from '../../../src/cli/status/watch-screen.ts'
import type { StatusAnswer } from '../../../src/http/contract.ts'
import type { FlowStatus, GroupStatus, PeriodicTaskStatus, Problem } from '../../../src/model/flow-status.ts'
import { Emulator } from '../../harness/emulator.ts'
import { flow, partition } from './scripted.ts'

const features: TerminalFeatures = { colours: false, unicode: true }
const startedAt = Date.parse('2026-03-01T12:00:00Z')
const at = startedAt + 62_000

function topics(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    ...{ topic: `t${String(i).padStart(4, '0')}`, targetTopic: `t${String(i).padStart(4, '0')}` },
    partitions: [partition({ lag: i * 1000, sourceEnd: 90 + i * 1000 })],
  }))
}

function seen(flows: readonly FlowStatus[], given: Partial<FrameData> = {}): FrameData {
  const sample = { at, answer: { version: '1.2.3', startedAt, flows } }
  return { sample, rates: noRates, address: '127.0.0.1:9099', failure: undefined, now: at, ...given }
}

function picture(
  what: FrameData,
  state: Partial<ViewState> = {},
  size: Size = { rows: 24, columns: 80 },
  how = features,
) {
  const frame = frameOf(what, { ...firstState, ...state }, size, how)
  return { ...frame, text: textOf(frame, size, how) }
}

const textOf = ({ lines }: Frame, { columns }: Size, how = features) =>
  lines.map((line) => rendered(line, columns, how).trimEnd())

const task: PeriodicTaskStatus = {
  ...{
    task: 'checkpoints',
    intervalMs: 60_000,
    state: 'waiting',
    runs: 3,
    failures: 1,
    lastRun: at - 23_000,
    tookMs: 12,
  },
  ...{ nextRun: at + 37_000, result: 'fine', message: '3 checkpoints written' },
}
const group: GroupStatus = {
  ...{ group: 'tills', sourceState: 'Stable', targetState: 'Empty', protocol: 'classic' },
  partitions: [
    {
      topic: 't',
      targetTopic: 't',
      partition: 0,
      upstream: 5,
      downstream: 5,
      targetCommitted: 5,
      lag: 7,
      result: 'synced',
    },
  ],
}
const problem: Problem = {
  ...{ code: 'TOO_LARGE', message: 'a record of 1.5 MB is larger than the target accepts', cluster: 'new' },
  ...{ topic: 'orders', partition: 3, remedy: 'raise max.message.bytes', since: at - 120_000 },
}

test('a picture tells the flow, its topics, how they are ordered, and the keys', () => {
  const flows = [flow({ topics: topics(3), periodicTasks: [task], groups: [group] })]
  const { text } = picture(seen(flows))
  assert.match(text[0] ?? '', /^godwit 1\.2\.3 at 127\.0\.0\.1:9099, up 1m 2s +\d\d:\d\d:02, 0s old$/)
  assert.deepEqual(text.slice(1, 10), [
    'FLOW          PHASE                LAG   BEHIND      ETA      REC/S  PROBLEMS',
    'old->new      catching up        3,000     2.5s        -          -         0',
    '',
    '[1 topics 3]  2 partitions 3   3 groups 1   4 tasks 1   5 problems 0',
    'TOPIC                      LAG▼   BEHIND      ETA      REC/S  STATE',
    't0002                     2,000     2.5s        -          -  copying',
    't0001                     1,000     2.5s        -          -  copying',
    't0000                         0        -        -          -  copying',
    '',
  ])
  assert.match(text.at(-1) ?? '', /^1-3 of 3 topics, by lag +↑↓ scroll {2}s sort {2}\/ filter {2}\? help {2}q quit$/)
})

test('every view shows its own rows', () => {
  const flows = [flow({ periodicTasks: [task], groups: [group], problems: [problem] })]
  const has = (view: ViewState['view'], line: RegExp) => {
    const { text } = picture(seen(flows), { view })
    assert.ok(
      text.some((one) => line.test(one)),
      `${line} in\n${text.join('\n')}`,
    )
  }
  has('topics', /^orders -> old\.orders +10 +2\.5s +- +- {2}copying$/)
  has('partitions', /^orders -> old\.orde?r?s? +0 +10 +2\.5s|^orders -.*ders +0 +10 +2\.5s/)
  has('groups', /^tills +1 +7 {2}synced$/)
  has('tasks', /^checkpoints +23s ago +in 37s {2}3 checkpoints written$/)
  has('problems', /^! a record of 1\.5 MB is larger than the target accepts \(TOO_LARGE, cluster new,$/)
  has('problems', /^ {2}orders-3, for 2m 0s\)$/)
  has('problems', /^ {2}remedy: raise max\.message\.bytes$/)
})

test('the first problem and its remedy stand above every other view', () => {
  const flows = [flow({ problems: [problem, { ...problem, message: 'another' }] })]
  const { text } = picture(seen(flows), { view: 'tasks' })
  assert.match(text.join('\n'), /! a record of 1\.5 MB[\s\S]*remedy: raise max[\s\S]*and 1 more: press 5\n/)
})

test('of a problem that is too long for the place above a view the remedy stays, and the rest is told to be elsewhere', () => {
  const long = { ...problem, message: 'it is too large '.repeat(30) }
  const { text } = picture(seen([flow({ problems: [long] })]))
  const shown = text.slice(3, 8)
  assert.match(shown[0] ?? '', /^! it is too large/)
  assert.deepEqual(shown.slice(3), ['  remedy: raise max.message.bytes', '  ... press 5 for all of it'])
})

test('where a terminal is wide, there are more columns, and names take the room they need', () => {
  const long = 'a-rather-long-topic-name.with.dots.and-a-version-v2'
  const flows = [flow({ topics: [{ topic: long, targetTopic: long, partitions: [partition()] }] })]
  const wide = picture(seen(flows), {}, { rows: 24, columns: 200 }).text.join('\n')
  assert.ok(wide.includes(long))
  assert.match(wide, /TOPIC +PARTS +LAG▼ +BEHIND +ETA +REC\/S +BYTES\/S +RECORDS +BYTES {2}STATE/)
  const narrow = picture(seen(flows)).text.join('\n')
  assert.match(narrow, /a-rather-.*…-?version-v2|a-rather.*….*v2/)
})

test('no line is wider and no picture higher than the terminal, whatever is shown and however small it is', () => {
  const many = flow({
    ...{ topics: topics(40), periodicTasks: [task, { ...task, result: 'failed', message: 'may not '.repeat(30) }] },
    ...{ groups: [group, { ...group, group: '注文'.repeat(30) }], problems: [problem, problem, problem] },
    ...{ reason: 'because '.repeat(40), halted: { MirrorSourceConnector: 'paused' } },
  })
  const failure = { sentence: 'no godwit answers '.repeat(9), remedy: 'start it', since: at - 1 }
  const view = fc.constantFrom('topics', 'partitions', 'groups', 'tasks', 'problems')
  const size = fc.record({ rows: fc.integer({ min: 1, max: 60 }), columns: fc.integer({ min: 1, max: 220 }) })
  fc.assert(
    fc.property(
      view,
      size,
      fc.boolean(),
      fc.boolean(),
      fc.nat(99),
      fc.boolean(),
      (name, box, two, isHelp, top, away) => {
        const flows = two ? [many, { ...many, flow: 'new->old' }] : [many]
        const what = seen(flows, away ? { failure } : {})
        const { text } = picture(what, { view: name as ViewState['view'], isHelp, top, filter: 't' }, box)
        assert.ok(text.length <= box.rows, `${text.length} lines for ${box.rows} rows`)
        assert.ok(text.every((line) => widthOf(line) <= box.columns))
      },
    ),
  )
})

test('the help fits a terminal of 80 columns and 24 rows', () => {
  const { text } = picture(seen([flow()]), { isHelp: true })
  assert.equal(text.length, 24)
  assert.match(text.join('\n'), /PHASE[\s\S]*another process is active\n[\s\S]*any key: back/)
})

test('scrolling ends where the last row is on the screen, also when rows vanish meanwhile', () => {
  const flows = [flow({ topics: topics(100) })]
  const far = picture(seen(flows), { top: 1000, sort: 'name' })
  assert.match(far.text.at(-2) ?? '', /^t0099 /)
  assert.match(far.text.at(-1) ?? '', /^84-100 of 100 topics, by name/)
  assert.deepEqual(far.extent, { lastTop: 83, page: 17, flows: ['old->new'] })
  const fewer = picture(seen([flow({ topics: topics(3) })]), { top: 83, sort: 'name' })
  assert.match(fewer.text.at(-1) ?? '', /^1-3 of 3 topics/)
})

test('rows outside the window are not looked at, however many there are', () => {
  let read = 0
  const watched = topics(2000).map((topic) => ({
    ...topic,
    get targetTopic() {
      read++
      return topic.topic
    },
  }))
  const what = seen([flow({ topics: watched })])
  picture(what)
  const first = read
  read = 0
  picture(what, { top: 500 })
  // The rows of a look are filtered, ordered and measured once; a key looks at what is seen, and at names for their width.
  assert.ok(first <= 6100, `${first}`)
  assert.ok(read <= 2150, `${read}`)
})

test('a filter that matches nothing says so, and how many rows there are', () => {
  const { text } = picture(seen([flow({ topics: topics(9) })]), { filter: 'zebra' })
  assert.ok(text.includes('none of 9 topics matches zebra'))
  assert.match(text.at(-1) ?? '', /^0 of 0 topics, by lag, filter zebra/)
})

test('what is typed stands at the bottom, with what it matches and whether it is a pattern', () => {
  const flows = [flow({ topics: topics(9) })]
  const last = (filter: string) => picture(seen(flows), { filter, typingOver: '' }).text.at(-1) ?? ''
  assert.match(last('t000[12]'), /^\/t000\[12\]_ +2 of 9 topics {2}Enter: keep, Esc: cancel$/)
  assert.match(last('t000['), /^\/t000\[_ \(not a regular expression yet, used as plain text\)/)
})

test('the age of the numbers is said, louder when they are old, held or not to be had', () => {
  const title = (given: Partial<FrameData>, state: Partial<ViewState> = {}) =>
    picture(seen([flow()], given), state).text[0] ?? ''
  assert.match(title({ now: at + 3200 }), /:02, 3s old$/)
  assert.match(title({ now: at + 32_000 }, { isPaused: true }), /PAUSED - \d\d:\d\d:02, 32s old$/)
  const failure = { sentence: 'no godwit answers', remedy: 'start it', since: at }
  const away = picture(seen([flow()], { now: at + 125_000, failure }))
  assert.match(away.text[0] ?? '', /NO ANSWER for 2m 5s - numbers of \d\d:\d\d:02, 2m 5s old$/)
  assert.equal(away.text[1], '! no godwit answers; retrying')
  assert.match(away.text.join('\n'), /orders -> old\.orders/)
})

test('before the first answer the picture says what is waited for, and what to do', () => {
  const failure = { sentence: 'no godwit answers on 127.0.0.1:9099', remedy: "is 'godwit run' running?", since: at }
  const nobody = { sample: undefined, failure, now: at + 4000 }
  const { text } = picture(seen([], nobody))
  assert.match(text[0] ?? '', /^godwit at 127\.0\.0\.1:9099 +NO ANSWER for 4s$/)
  assert.match(text.join('\n'), /! no godwit answers on 127[\s\S]*remedy: is 'godwit run' running\?/)
  assert.match(picture(seen([], { sample: undefined })).text[0] ?? '', /waiting for the first answer$/)
})

test('a flow says why it does not work, and which of its connectors are halted', () => {
  const standby = flow({ state: 'standby', reason: 'host-1 works on it', topics: [], inSync: true })
  const halted = flow({ flow: 'new->old', halted: { MirrorSourceConnector: 'paused' } })
  const { text } = picture(seen([standby, halted]))
  assert.match(text[2] ?? '', /^old->new +standby +\? +- /)
  assert.equal(text[3], '  host-1 works on it')
  assert.match(text[4] ?? '', /^new->old +halted /)
  assert.equal(text[5], '  MirrorSourceConnector is paused')
})

test('with several flows rows tell theirs; one flow can be chosen', () => {
  const flows = [flow(), flow({ flow: 'new->old', topics: topics(2) })]
  const all = picture(seen(flows))
  assert.match(all.text.join('\n'), /new->old +t0001 /)
  assert.match(all.text.at(-1) ?? '', /f flow/)
  const one = picture(seen(flows), { flow: 'new->old' })
  assert.doesNotMatch(one.text.slice(0, -1).join('\n'), /old->new/)
  assert.match(one.text.at(-1) ?? '', /^1-2 of 2 topics, by lag, new->old only/)
})

test('without Unicode a picture is ASCII', () => {
  const { text } = picture(seen([flow({ groups: [{ ...group, group: 'grün' }] })]), { view: 'groups' }, undefined, {
    ...{ colours: false, unicode: false },
  })
  assert.match(text.join('\n'), /^[\x20-\x7e\n]*$/)
})

test('columns stand where they stood while lag and rates grow and shrink', () => {
  const window = new RateWindow()
  const places = [0, 3, 999_999_999_999, 12, 1_000_000].map((lag, i) => {
    const flows = [
      flow({ topics: [{ topic: 't', targetTopic: 't', partitions: [partition({ lag, records: i * 50_000 })] }] }),
    ]
    const sample = { at: at + i * 1000, answer: { version: '1', startedAt, flows } }
    const { text } = picture(seen(flows, { sample, rates: window.note(sample) }))
    return text.find((line) => line.startsWith('t '))?.indexOf('copying')
  })
  assert.deepEqual(new Set(places).size, 1)
})

const extent: Extent = { lastTop: 90, page: 10, flows: ['a', 'b'] }
const after = (state: Partial<ViewState>, text: string, room = extent): ViewState | 'quit' | 'suspend' =>
  keysOf(text).keys.reduce<ViewState | 'quit' | 'suspend'>(
    (now, key: Key) => (typeof now === 'string' ? now : pressed(now, key, room)),
    { ...firstState, ...state },
  )

const keyed: [string, Partial<ViewState>, string, Partial<ViewState>][] = [
  ['down and j go one row on', { top: 3 }, '\u001b[Bj', { top: 5 }],
  ['up and k go back, and stop at the first row', { top: 3 }, '\u001b[Akkkk', { top: 0 }],
  ['PageDown and blank go a page on, and stop where the last row is seen', { top: 75 }, '\u001b[6~ ', { top: 90 }],
  ['PageUp goes a page back', { top: 75 }, '\u001b[5~', { top: 65 }],
  ['End and Home go to the ends', {}, '\u001b[F', { top: 90 }],
  ['Home goes to the first row', { top: 90 }, '\u001b[H', { top: 0 }],
  ['a step counts from what is seen when rows have vanished', { top: 5000 }, '\u001b[A', { top: 89 }],
  ['s goes through the orders', { top: 9 }, 's', { sort: 'name', top: 0 }],
  ['s comes round', {}, 'sssss', { sort: 'lag' }],
  ['S goes back', {}, 'S', { sort: 'state' }],
  ['Tab goes through the views', { top: 9 }, '\t', { view: 'partitions', top: 0 }],
  ['Shift-Tab goes back', {}, '\u001b[Z', { view: 'problems' }],
  ['a number chooses a view', {}, '4', { view: 'tasks' }],
  ['the view that is shown keeps its place', { top: 9 }, '1', { top: 9 }],
  ['other numbers mean nothing', {}, '0678', {}],
  ['f selects the next flow', {}, 'f', { flow: 'a' }],
  ['f comes back to all of them', {}, 'fff', { flow: undefined }],
  ['p holds the numbers', {}, 'p', { isPaused: true }],
  ['p lets them go on', { isPaused: true }, 'p', { isPaused: false }],
  ['? shows the help', {}, '?', { isHelp: true }],
  ['any key leaves the help, and does nothing else', { isHelp: true }, 's', { isHelp: false }],
  ['/ begins a filter with what it was', { filter: 'old', top: 9 }, '/', { filter: 'old', typingOver: 'old', top: 9 }],
  ['a filter works while it is typed', { top: 9 }, '/qs1', { filter: 'qs1', typingOver: '', top: 0 }],
  ['backspace takes one character back', {}, '/a🍕\u007f', { filter: 'a', typingOver: '' }],
  ['Ctrl-U takes all of them back', {}, '/abc\u0015', { filter: '', typingOver: '' }],
  ['Enter keeps the filter', {}, '/abc\r', { filter: 'abc' }],
  ['Escape gives back the filter there was', { filter: 'old' }, '/abc\u001b', { filter: 'oldabc' }],
  ['Escape shows all rows again', { filter: 'old', top: 3 }, '\u001b', { filter: '', top: 0 }],
  ['what means nothing changes nothing', { top: 3 }, 'xyz', { top: 3 }],
]
for (const [what, from, text, to] of keyed) {
  if (what.startsWith('Escape gives back')) {
    test(what, () => assert.deepEqual(after(from, text), { ...firstState, filter: 'old' }))
    continue
  }
  test(`keys: ${what}`, () => assert.deepEqual(after(from, text), { ...firstState, ...from, ...to }))
}

test('q quits, and is a letter in a filter; Ctrl-C quits everywhere; Ctrl-Z stops', () => {
  assert.equal(after({}, 'q'), 'quit')
  assert.equal(after({ isHelp: true }, 'q'), 'quit')
  assert.deepEqual(after({}, '/q'), { ...firstState, filter: 'q', typingOver: '' })
  for (const state of [{}, { isHelp: true }, { typingOver: '' }]) assert.equal(after(state, '\u0003'), 'quit')
  assert.equal(after({}, '\u001a'), 'suspend')
})

/** A terminal that is read by an emulator and typed into by the test. */
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
  /** Resolves when it was asked so often. */
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
      // After the answer was drawn.
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

test('watching draws, obeys keys at once, sends only lines that changed, and gives the terminal back', async (t) => {
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
  // One more row matters to three lines: the row that came, the one that went, and the foot.
  screen.sent = []
  screen.type('9')
  assert.doesNotMatch(screen.text, /t0048/)
  screen.type('\r\u001b[B')
  screen.type('q')
  await ended
  assert.ok(screen.isClosed)
})

test('after another size the whole picture is drawn anew, and fits', async (t) => {
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

test('while godwit is away the last numbers stay, their age is said, and it is asked again', async (t) => {
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

test('a pause holds what is seen, and going on asks at once', async (t) => {
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

test('a signal ends the watching as q does, also while an answer is awaited', async (t) => {
  const { screen, ended, stop, times } = watching(t, () => answered([]))
  await times(1)
  stop.abort()
  await ended
  assert.ok(screen.isClosed)
})

test('what nobody expected ends the watching with the terminal given back', async (t) => {
  const { screen, ended } = watching(t, () => {
    throw new TypeError('a mistake')
  })
  await assert.rejects(ended, TypeError)
  assert.ok(screen.isClosed)
})

test('somebody else than godwit behind the address ends the watching with the reason', async (t) => {
  const { screen, ended } = watching(t, () => {
    throw new Failure('USAGE', 'the service there is not godwit')
  })
  await assert.rejects(ended, /not godwit/)
  assert.ok(screen.isClosed)
})
