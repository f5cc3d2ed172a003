// Decodes the input of a terminal in raw mode into keys.

export type Key =
  | 'up'
  | 'down'
  | 'page-up'
  | 'page-down'
  | 'home'
  | 'end'
  | 'tab'
  | 'back-tab'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'erase-line'
  | 'interrupt'
  | 'suspend'
  | { readonly character: string }

interface Pressed {
  readonly keys: readonly Key[]
  /** an incomplete sequence: put it before the next text */
  readonly rest: string
}

/** Sequences after ESC of xterm, the Linux console, tmux and PuTTY, in normal and in application mode. */
const sequences: Readonly<Record<string, Key>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[7~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[8~': 'end',
  '[Z': 'back-tab',
}
const controls: Readonly<Record<string, Key>> = {
  '\t': 'tab',
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0015': 'erase-line',
  '\u0003': 'interrupt',
  '\u001a': 'suspend',
}
// CSI (parameters, intermediates, final), SS3, or ESC with one character (Alt).
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send control characters
const sequence = /^\u001b(\[[0-?]*[ -/]*[@-~]|O[ -~]|[^[O\u001b])/u
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send control characters
const unfinished = /^\u001b(\[[0-?]*[ -/]*|O)$/

/** The keys of a text; unknown sequences are ignored. ESC at the end of the text is the Escape key. */
export function keysOf(text: string): Pressed {
  const keys: Key[] = []
  let left = text
  while (left !== '') {
    if (unfinished.test(left)) return { keys, rest: left }
    const found = sequence.exec(left)
    if (found) {
      const key = sequences[found[1] ?? '']
      if (key) keys.push(key)
      left = left.slice(found[0].length)
      continue
    }
    const [first = ''] = left
    left = left.slice(first.length)
    const key = first === '\u001b' ? 'escape' : controls[first]
    if (key) keys.push(key)
    else if (!/\p{Cc}/u.test(first)) keys.push({ character: first })
  }
  return { keys, rest: '' }
}
