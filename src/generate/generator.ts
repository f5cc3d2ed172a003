// Generates records and writes them until a number or a duration is reached, or it is stopped.
import { sleep } from '../base/retry.ts'
import { type Due, type PaceSettings, pacing } from './pace.ts'
import type { Invented } from './subjects.ts'
import type { GeneratedRecord } from './topic-writer.ts'

export interface GeneratorSettings extends PaceSettings {
  /** 0: no limit */
  readonly records: number
  /** ms after which it ends; 0: never */
  readonly durationMs: number
  readonly keys: boolean
  /** each record gets two headers: the producer, and a trace id */
  readonly headers: boolean
}

export interface GeneratorParts {
  readonly settings: GeneratorSettings
  readonly invent: (n: number, now: number) => Invented
  readonly write: (records: readonly GeneratedRecord[]) => Promise<void>
  /** called after each write with the sums so far */
  readonly onWritten?: (sums: Generated) => void
  readonly signal: AbortSignal
}

export interface Generated {
  readonly records: number
  /** of keys and values */
  readonly bytes: number
  /** why it ended */
  readonly end: 'limit' | 'time' | 'stopped' | 'none'
}

/** Runs until one of the limits, or the signal; returns what was acknowledged. @throws what `write` throws */
export async function generate(parts: GeneratorParts): Promise<Generated> {
  const { settings, signal } = parts
  const due = pacing(settings, Math.random)
  const started = Date.now()
  let sums = { records: 0, bytes: 0 }
  for (;;) {
    const elapsed = Date.now() - started
    const end = endOf(settings, sums.records, elapsed, signal)
    if (end !== 'none') return { ...sums, end }
    const now = limited(due(elapsed, sums.records), settings, sums.records)
    if (now.records > 0) sums = await writeSome(parts, sums, now.records)
    parts.onWritten?.({ ...sums, end: 'none' })
    if (now.waitMs > 0) await sleep(now.waitMs, signal)
  }
}

function endOf(settings: GeneratorSettings, made: number, elapsed: number, signal: AbortSignal): Generated['end'] {
  if (settings.records > 0 && made >= settings.records) return 'limit'
  if (signal.aborted) return 'stopped'
  return settings.durationMs > 0 && elapsed >= settings.durationMs ? 'time' : 'none'
}

function limited(due: Due, { records }: GeneratorSettings, made: number): Due {
  return records > 0 ? { ...due, records: Math.min(due.records, records - made) } : due
}

async function writeSome(parts: GeneratorParts, sums: { records: number; bytes: number }, count: number) {
  const made = Array.from({ length: count }, (_, i) => newRecord(parts, sums.records + i))
  await parts.write(made)
  const bytes = made.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), sums.bytes)
  return { records: sums.records + count, bytes }
}

function newRecord({ settings, invent }: GeneratorParts, n: number): GeneratedRecord {
  const now = Date.now()
  const { key, value } = invent(n, now)
  const headers = [
    { key: 'producer', value: Buffer.from('godwit generate') },
    { key: 'trace-id', value: Buffer.from(`${now.toString(16)}-${n}`) },
  ]
  return {
    key: settings.keys ? Buffer.from(key) : null,
    value: Buffer.from(JSON.stringify(value)),
    timestamp: now,
    ...(settings.headers && { headers }),
  }
}
