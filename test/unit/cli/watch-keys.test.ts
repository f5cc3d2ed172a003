// The keys of `godwit status --watch`.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Key, keysOf } from '../../../src/cli/screen/keys.ts'
import { firstState, pressed, type ViewExtent, type ViewState } from '../../../src/cli/status/view-state.ts'

const extent: ViewExtent = { lastTop: 90, page: 10, flows: ['a', 'b'] }
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

test('q quits, but is a letter in a filter; Ctrl-C quits everywhere; Ctrl-Z suspends', () => {
  assert.equal(after({}, 'q'), 'quit')
  assert.equal(after({ isHelp: true }, 'q'), 'quit')
  assert.deepEqual(after({}, '/q'), { ...firstState, filter: 'q', typingOver: '' })
  for (const state of [{}, { isHelp: true }, { typingOver: '' }]) assert.equal(after(state, '\u0003'), 'quit')
  assert.equal(after({}, '\u001a'), 'suspend')
})
