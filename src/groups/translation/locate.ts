// Finds the place of a source offset on the target by comparing both logs: for records that were copied without a note of where they
// went, by MirrorMaker 2 or before the map of offsets was lost.
//
// First the places it must have if nothing shifted between it and a known place, which is one look each. Then the target is searched,
// from the first record as young as the one that is looked for. A place counts when the record there and those behind it are the
// source's, at first without others among them; where a stretch was copied twice, the later copy is taken, so that nothing is read again.
import type { BatchRecord } from '../../batch/records.ts'
import type { Point } from '../../mirror/offset-map.ts'
import type { Log } from './log-peek.ts'

interface Search {
  readonly source: Log
  readonly target: Log
  /** next offset of a group on the source */
  readonly upstream: number
  /** a known place before it, if any; and one behind it */
  readonly before: Point | undefined
  readonly after: Point
  /** equal records have equal marks on both sides */
  readonly markOf: (record: BatchRecord) => string
  readonly withTime: boolean
}

/** So many records in a row must be equal, as far as there are so many: one alone may occur often (records). */
const IN_A_ROW = 12
/** So many records of others may stand among them (records). */
const MIXED = 64
/** Looks of a megabyte each, at most, for one place. */
const MOST_READS = 64

/** The target offset of the first record at or behind `upstream`; undefined when it cannot be found. @throws Failure */
export async function locate(search: Search): Promise<number | undefined> {
  const { source, upstream, before, after } = search
  const wanted = (await readSome(source, upstream, after.upstream)).slice(0, IN_A_ROW)
  const [first] = wanted
  // Nothing lies between it and what is known: compacted, aborted, or markers only.
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
 * Goes through the target up to the known place, and takes the last match within what may be read.
 * @param span so many records of the target may hold the wanted ones, in order: more than those if others write there too
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
    // A second copy begins right where the first one broke off, if there is one: one more look is enough.
    if (found !== undefined && reads > 0) return found
  }
  while (window.length >= marks.length) look()
  return found
}

/** Whether the records of the window have these marks in order. */
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
