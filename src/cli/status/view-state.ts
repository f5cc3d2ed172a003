// The state of the `status --watch` screen, and how keys change it. Pure.
import type { Key } from '../screen/keys.ts'
import { type Sort, sorts, type View, views } from './selection.ts'

export interface ViewState {
  readonly view: View
  /** undefined: all flows */
  readonly flow: string | undefined
  readonly sort: Sort
  /** a regular expression; empty: everything */
  readonly filter: string
  /** the previous filter while a new one is being typed; undefined: no filter is being typed */
  readonly typingOver: string | undefined
  /** index of the first visible row */
  readonly top: number
  readonly isPaused: boolean
  readonly isHelp: boolean
}

/** Facts of the last frame that keys depend on. */
export interface ViewExtent {
  /** the highest `top` without empty rows below */
  readonly lastTop: number
  /** number of rows that fit */
  readonly page: number
  readonly flows: readonly string[]
}

export const firstState: ViewState = {
  view: 'topics',
  flow: undefined,
  sort: 'lag',
  filter: '',
  typingOver: undefined,
  top: 0,
  isPaused: false,
  isHelp: false,
}

/** The state after a key; the caller handles `quit` and `suspend`. */
export function pressed(state: ViewState, key: Key, extent: ViewExtent): ViewState | 'quit' | 'suspend' {
  if (key === 'interrupt') return 'quit'
  if (key === 'suspend') return 'suspend'
  if (state.typingOver !== undefined) return typed(state, key)
  if (state.isHelp) return afterHelp(state, key)
  if (typeof key !== 'string') return characters(state, key.character, extent)
  return moved(state, key, extent)
}

function afterHelp(state: ViewState, key: Key): ViewState | 'quit' {
  if (typeof key !== 'string' && key.character === 'q') return 'quit'
  return { ...state, isHelp: false }
}

/** The state after a key while the filter is being typed; the filter applies immediately. */
function typed(state: ViewState, key: Key): ViewState {
  const { filter, typingOver } = state
  const become = (text: string): ViewState => ({ ...state, filter: text, top: 0 })
  if (typeof key !== 'string') return become(filter + key.character)
  if (key === 'backspace') return become([...filter].slice(0, -1).join(''))
  if (key === 'erase-line') return become('')
  if (key === 'enter') return { ...state, typingOver: undefined }
  if (key === 'escape') return { ...become(typingOver ?? ''), typingOver: undefined }
  return state
}

function moved(state: ViewState, key: Key, { lastTop, page }: ViewExtent): ViewState {
  const to = (top: number): ViewState => ({ ...state, top: Math.max(0, Math.min(lastTop, top)) })
  // There may be fewer rows now: start from the row that is actually visible.
  const top = Math.min(state.top, lastTop)
  if (key === 'up') return to(top - 1)
  if (key === 'down') return to(top + 1)
  if (key === 'page-up') return to(top - page)
  if (key === 'page-down') return to(top + page)
  if (key === 'home') return to(0)
  if (key === 'end') return to(lastTop)
  if (key === 'tab') return showing(state, next(views, state.view, 1))
  if (key === 'back-tab') return showing(state, next(views, state.view, -1))
  if (key === 'escape') return { ...state, filter: '', top: 0 }
  return state
}

function characters(state: ViewState, character: string, extent: ViewExtent): ViewState | 'quit' {
  const view = views[Number(character) - 1]
  if (view) return showing(state, view)
  if (character === 'q') return 'quit'
  if (character === 's') return { ...state, sort: next(sorts, state.sort, 1), top: 0 }
  if (character === 'S') return { ...state, sort: next(sorts, state.sort, -1), top: 0 }
  if (character === '/') return { ...state, typingOver: state.filter }
  if (character === 'p') return { ...state, isPaused: !state.isPaused }
  if (character === '?' || character === 'h') return { ...state, isHelp: true }
  if (character === 'f') return { ...state, flow: nextFlow(extent.flows, state.flow), top: 0 }
  if (character === 'j') return moved(state, 'down', extent)
  if (character === 'k') return moved(state, 'up', extent)
  if (character === ' ') return moved(state, 'page-down', extent)
  return state
}

const showing = (state: ViewState, view: View): ViewState => (view === state.view ? state : { ...state, view, top: 0 })

function next<T>(all: readonly T[], current: T, step: number): T {
  return all[(all.indexOf(current) + step + all.length) % all.length] ?? current
}

/** All flows, then one after the other. */
function nextFlow(flows: readonly string[], current: string | undefined): string | undefined {
  return flows.length < 2 ? current : flows[current === undefined ? 0 : flows.indexOf(current) + 1]
}
