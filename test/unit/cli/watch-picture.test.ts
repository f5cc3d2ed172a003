// The screens of `godwit status --watch`: what each view shows, how it scrolls, and that it fits the terminal.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RateWindow } from '../../../src/cli/output/pace.ts'
import { widthOf } from '../../../src/cli/screen/spans.ts'
import type { FrameData } from '../../../src/cli/status/frame.ts'
import type { ViewState } from '../../../src/cli/status/view-state.ts'
import { at, group, picture, problem, seen, startedAt, task, topics } from './pictures.ts'
import { flow, partition } from './scripted.ts'

test('the screen shows the flow, its topics, their order, and the keys', () => {
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

test('the first problem and its remedy are shown above every other view', () => {
  const flows = [flow({ problems: [problem, { ...problem, message: 'another' }] })]
  const { text } = picture(seen(flows), { view: 'tasks' })
  assert.match(text.join('\n'), /! a record of 1\.5 MB[\s\S]*remedy: raise max[\s\S]*and 1 more: press 5\n/)
})

test('a problem too long for its space keeps its remedy, with a hint at the full text', () => {
  const long = { ...problem, message: 'it is too large '.repeat(30) }
  const { text } = picture(seen([flow({ problems: [long] })]))
  const shown = text.slice(3, 8)
  assert.match(shown[0] ?? '', /^! it is too large/)
  assert.deepEqual(shown.slice(3), ['  remedy: raise max.message.bytes', '  ... press 5 for all of it'])
})

test('a wide terminal shows more columns, and names take the width they need', () => {
  const long = 'a-rather-long-topic-name.with.dots.and-a-version-v2'
  const flows = [flow({ topics: [{ topic: long, targetTopic: long, partitions: [partition()] }] })]
  const wide = picture(seen(flows), {}, { rows: 24, columns: 200 }).text.join('\n')
  assert.ok(wide.includes(long))
  assert.match(wide, /TOPIC +PARTS +LAG▼ +BEHIND +ETA +REC\/S +BYTES\/S +RECORDS +BYTES {2}STATE/)
  const narrow = picture(seen(flows)).text.join('\n')
  assert.match(narrow, /a-rather-.*…-?version-v2|a-rather.*….*v2/)
})

test('no line is wider and no screen higher than the terminal, for any content and any size', () => {
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

test('scrolling ends when the last row is visible, also when rows disappear', () => {
  const flows = [flow({ topics: topics(100) })]
  const far = picture(seen(flows), { top: 1000, sort: 'name' })
  assert.match(far.text.at(-2) ?? '', /^t0099 /)
  assert.match(far.text.at(-1) ?? '', /^84-100 of 100 topics, by name/)
  assert.deepEqual(far.extent, { lastTop: 83, page: 17, flows: ['old->new'] })
  const fewer = picture(seen([flow({ topics: topics(3) })]), { top: 83, sort: 'name' })
  assert.match(fewer.text.at(-1) ?? '', /^1-3 of 3 topics/)
})

test('rows outside the window are not read, however many there are', () => {
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
  // Rows are filtered, sorted and measured once per answer. After a key only visible rows are read, and all names for the column
  // width.
  assert.ok(first <= 6100, `${first}`)
  assert.ok(read <= 2150, `${read}`)
})

test('a filter without a match is reported with the number of rows', () => {
  const { text } = picture(seen([flow({ topics: topics(9) })]), { filter: 'zebra' })
  assert.ok(text.includes('none of 9 topics matches zebra'))
  assert.match(text.at(-1) ?? '', /^0 of 0 topics, by lag, filter zebra/)
})

test('a filter being typed is shown at the bottom, with the number of matches and whether it is a pattern', () => {
  const flows = [flow({ topics: topics(9) })]
  const last = (filter: string) => picture(seen(flows), { filter, typingOver: '' }).text.at(-1) ?? ''
  assert.match(last('t000[12]'), /^\/t000\[12\]_ +2 of 9 topics {2}Enter: keep, Esc: cancel$/)
  assert.match(last('t000['), /^\/t000\[_ \(not a regular expression yet, used as plain text\)/)
})

test('the age of the numbers is shown, emphasized when they are old, paused or unavailable', () => {
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

test('before the first answer the screen shows what it waits for, and what to do', () => {
  const failure = { sentence: 'no godwit answers on 127.0.0.1:9099', remedy: "is 'godwit run' running?", since: at }
  const nobody = { sample: undefined, failure, now: at + 4000 }
  const { text } = picture(seen([], nobody))
  assert.match(text[0] ?? '', /^godwit at 127\.0\.0\.1:9099 +NO ANSWER for 4s$/)
  assert.match(text.join('\n'), /! no godwit answers on 127[\s\S]*remedy: is 'godwit run' running\?/)
  assert.match(picture(seen([], { sample: undefined })).text[0] ?? '', /waiting for the first answer$/)
})

test('a flow shows why it does not work, and which of its connectors are halted', () => {
  const standby = flow({ state: 'standby', reason: 'host-1 works on it', topics: [], inSync: true })
  const halted = flow({ flow: 'new->old', halted: { MirrorSourceConnector: 'paused' } })
  const { text } = picture(seen([standby, halted]))
  assert.match(text[2] ?? '', /^old->new +standby +\? +- /)
  assert.equal(text[3], '  host-1 works on it')
  assert.match(text[4] ?? '', /^new->old +halted /)
  assert.equal(text[5], '  MirrorSourceConnector is paused')
})

test('with several flows each row names its flow, and one flow can be selected', () => {
  const flows = [flow(), flow({ flow: 'new->old', topics: topics(2) })]
  const all = picture(seen(flows))
  assert.match(all.text.join('\n'), /new->old +t0001 /)
  assert.match(all.text.at(-1) ?? '', /f flow/)
  const one = picture(seen(flows), { flow: 'new->old' })
  assert.doesNotMatch(one.text.slice(0, -1).join('\n'), /old->new/)
  assert.match(one.text.at(-1) ?? '', /^1-2 of 2 topics, by lag, new->old only/)
})

test('without Unicode the screen is ASCII', () => {
  const { text } = picture(seen([flow({ groups: [{ ...group, group: 'grün' }] })]), { view: 'groups' }, undefined, {
    ...{ colours: false, unicode: false },
  })
  assert.match(text.join('\n'), /^[\x20-\x7e\n]*$/)
})

test('columns do not move while lag and rates change', () => {
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
