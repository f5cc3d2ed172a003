// What `godwit status --watch` draws for given statuses.
import { noRates } from '../../../src/cli/output/pace.ts'
import { renderedSpans, type TerminalFeatures } from '../../../src/cli/screen/spans.ts'
import { type FrameData, frameOf, type ScreenFrame, type Size } from '../../../src/cli/status/frame.ts'
import { firstState, type ViewState } from '../../../src/cli/status/view-state.ts'
import type { FlowStatus, GroupStatus, PeriodicTaskStatus, Problem } from '../../../src/model/flow-status.ts'
import { partition } from './scripted.ts'

export const features: TerminalFeatures = { colours: false, unicode: true }
export const startedAt = Date.parse('2026-03-01T12:00:00Z')
export const at = startedAt + 62_000

export function topics(count: number) {
  return Array.from({ length: count }, (_, i) => ({
    ...{ topic: `t${String(i).padStart(4, '0')}`, targetTopic: `t${String(i).padStart(4, '0')}` },
    partitions: [partition({ lag: i * 1000, sourceEnd: 90 + i * 1000 })],
  }))
}

export function seen(flows: readonly FlowStatus[], given: Partial<FrameData> = {}): FrameData {
  const sample = { at, answer: { version: '1.2.3', startedAt, flows } }
  return { sample, rates: noRates, address: '127.0.0.1:9099', failure: undefined, now: at, ...given }
}

export function picture(
  what: FrameData,
  state: Partial<ViewState> = {},
  size: Size = { rows: 24, columns: 80 },
  how = features,
) {
  const frame = frameOf(what, { ...firstState, ...state }, size, how)
  return { ...frame, text: textOf(frame, size, how) }
}

const textOf = ({ lines }: ScreenFrame, { columns }: Size, how = features) =>
  lines.map((line) => renderedSpans(line, columns, how).trimEnd())

export const task: PeriodicTaskStatus = {
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
export const group: GroupStatus = {
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
export const problem: Problem = {
  ...{ code: 'TOO_LARGE', message: 'a record of 1.5 MB is larger than the target accepts', cluster: 'new' },
  ...{ topic: 'orders', partition: 3, remedy: 'raise max.message.bytes', since: at - 120_000 },
}
