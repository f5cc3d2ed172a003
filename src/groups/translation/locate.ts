// Finds the target offset of a source offset by comparing both logs. Needed for records whose target offsets were not stored: they were
// copied by MirrorMaker 2, or the offset map was lost.
//
// First it tries the offsets that follow from known pairs if nothing shifted in between: one read each. Then it searches the target from
// the first record with the timestamp of the wanted one. An offset matches when its record and the following ones are the source's, at
// first without other records in between. Where records were copied twice, the later copy wins, so that no record is read again.
import type { BatchRecord } from '../../batch/records.ts'
import type { Point } from '../../mirror/offset-map.ts'
import type { Log } from './log-peek.ts'

interface Search {
  readonly source: Log
  readonly target: Log
  /** next offset of a group on the source */
  readonly upstream: number
  /** a known pair of offsets before it, if any, and one after it */
  readonly before: Point | undefined
  readonly after: Point
  /** gives equal marks for equal records of both clusters */
  readonly markOf: (record: BatchRecord) => string
  readonly withTime: boolean
}

/** How many consecutive records must be equal: a single one may occur often. */
const IN_A_ROW = 12
/** How many records of other producers may be between them. */
const MIXED = 64
/** Maximum number of reads, 1 MiB each, for one offset. */
const MOST_READS = 64

/** The target offset of the first record at or after `upstream`; undefined when it is not found. @throws Failure */
export async function locate(search: Search): Promise<number | undefined> {
  const { source, upstream, before, after } = search
  const wanted = (await readSome(source, upstream, after.upstream)).slice(0, IN_A_ROW)
  const [first] = wanted
  // No visible record up to the known pair: compacted, aborted, or markers only.
  if (!first) return after.downstream
  const marks = wanted.map(search.markOf)
  const guesses = [
    after.downstream - (after.upstream - first.offset),
    ...(before ? [before.downstream + first.offset - before.upstream] : []),
  ]
  const start = Math.max(await search.target.start(), before?.downstream ?? 0)
  for (const guess of guesses) {
    if (guess < start || guess >= after.downstream) continue
    const seen = await readSome(search.target, guess, after.downstream, marks.length)
    if (seen[0]?.offset === guess && startsWith(seen.map(search.markOf), marks)) return guess
  }
  const from = search.withTime ? await search.target.since(first.timestamp) : start
  if (from === undefined) return undefined
  const at = Math.max(start, from)
  return (await find(search, marks, at, marks.length)) ?? (await find(search, marks, at, marks.length + MIXED))
}

/**
 * Searches the target up to the known pair and gives the last match, within the limit of reads.
 * @param span how many consecutive target records may contain the wanted ones, in order; more than those where others write there too
 */
async function find(
  { target, after, markOf }: Search,
  marks: readonly string[],
  from: number,
  span: number,
): Promise<number | undefined> {
  const window: { mark: string; offset: number }[] = []
  let found: number | undefined
  const look = () => {
    if (window[0]?.mark === marks[0] && holds(window, marks)) found = window[0]?.offset
    window.shift()
  }
  let at = from
  for (let reads = 0; reads < MOST_READS && at < after.downstream; reads++) {
    const { records, next } = await target.read(at)
    for (const record of records) {
      if (record.offset >= after.downstream) break
      window.push({ mark: markOf(record), offset: record.offset })
      if (window.length >= span) look()
    }
    if (next <= at) break
    at = next
    // A second copy, if there is one, begins right where the first one ended: one more read is enough.
    if (found !== undefined && reads > 0) return found
  }
  while (window.length >= marks.length) look()
  return found
}

/** Whether the window contains these marks in order. */
function holds(window: readonly { readonly mark: string }[], marks: readonly string[]): boolean {
  let next = 0
  for (const { mark } of window) if (mark === marks[next]) next++
  return next === marks.length
}

const startsWith = (all: readonly string[], beginning: readonly string[]) =>
  beginning.every((mark, index) => all[index] === mark)

/** Visible records from `offset` on, below `end`, up to `most`. */
async function readSome(log: Log, offset: number, end: number, most = IN_A_ROW): Promise<BatchRecord[]> {
  const found: BatchRecord[] = []
  for (let at = offset, reads = 0; at < end && found.length < most && reads < MOST_READS; reads++) {
    const { records, next } = await log.read(at)
    found.push(...records.filter((record) => record.offset >= offset && record.offset < end))
    if (next <= at) break
    at = next
  }
  return found.slice(0, most)
}
