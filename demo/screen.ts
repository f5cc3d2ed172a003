// Shows progress: on a terminal a table that is redrawn in place, elsewhere plain lines for changes.
import type { Writable } from 'node:stream'
import {
  problemLines,
  progressLine,
  progressTable,
  type Sample,
  type TopicProgress,
  topicsProgress,
  totalProgress,
} from './progress.ts'
import { wrapped } from './table.ts'

export interface Screen {
  /** Shows a sample; called a few times per second. */
  show(sample: Sample): void
  /** Prints a permanent line above the table. */
  say(line: string): void
  /** Keeps the last table on the screen. */
  end(): void
}

/** Time over which rates are measured, so that they are steady enough to read. */
const rateWindowMs = 2000
const plainEveryMs = 1000
const plainTopicEveryMs = 5000
/** Width of the time before each sentence. */
const sayIndent = 9

/** A table taller than the terminal cannot be redrawn in place. */
const rowsNeeded = 24

/** The screen for the output: a redrawn table on a terminal with enough rows, else plain lines. */
export function screenFor(out: Writable & { isTTY?: boolean; columns?: number; rows?: number }): Screen {
  return out.isTTY && (out.rows ?? rowsNeeded) >= rowsNeeded ? terminalScreen(out) : plainScreen(out)
}

function terminalScreen(out: Writable & { columns?: number }): Screen {
  const earlier = rateReference()
  let drawn: string[] = []
  const columns = () => out.columns ?? 120
  // If the terminal has become narrower, the drawn lines now take more rows.
  const rows = () => drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns())), 0)
  const erase = () => (drawn.length > 0 ? `\x1b[${rows()}A\x1b[J` : '')
  const draw = (lines: string[], before = '') => {
    out.write(`${erase()}${before}${lines.map((line) => `${line}\n`).join('')}`)
    drawn = lines
  }
  return {
    show(sample) {
      if (sample.status.topics.length === 0) return
      // A wrapped line would take two rows, and redrawing relies on the number of rows.
      const width = columns() - 1
      const lines = progressTable(topicsProgress(earlier(sample), sample), sample.status, width)
      draw(lines.map((line) => line.slice(0, width)))
    },
    say(line) {
      draw(
        drawn,
        wrapped(line, columns() - 1, sayIndent)
          .map((part) => `${part}\n`)
          .join(''),
      )
    },
    end() {
      drawn = []
    },
  }
}

function plainScreen(out: Writable): Screen {
  const earlier = rateReference()
  const topics = new Map<string, { at: number; records: number; arrived: boolean }>()
  const problems = new Set<string>()
  let last = Number.NEGATIVE_INFINITY
  /** Whether to print a topic: it is new, it has caught up for the first time, or it moved and was last printed a while ago. */
  const isNews = (row: TopicProgress, at: number, everyMs: number) => {
    const told = topics.get(row.topic)
    const arrived = row.lag === 0
    const moved = told?.records !== row.records && at - (told?.at ?? 0) >= everyMs
    if (told && !moved && (told.arrived || !arrived)) return false
    topics.set(row.topic, { at, records: row.records, arrived: arrived || (told?.arrived ?? false) })
    return true
  }
  const write = (lines: readonly string[]) => lines.forEach((line) => void out.write(`${line}\n`))
  return {
    show(sample) {
      const reference = earlier(sample)
      if (sample.at - last < plainEveryMs) return
      last = sample.at
      const fresh = problemLines(sample.status).filter((line) => !problems.has(line))
      for (const line of fresh) problems.add(line)
      write(fresh)
      const rows = topicsProgress(reference, sample).filter((row) => row.known)
      if (rows.length === 0) return
      write(rows.filter((row) => isNews(row, sample.at, plainTopicEveryMs)).map(progressLine))
      const total = totalProgress(rows)
      if (isNews(total, sample.at, plainEveryMs)) write([progressLine(total)])
    },
    say: (line) => write([line]),
    end() {},
  }
}

/** Stores samples and returns the one that is about one rate window old. */
function rateReference(): (now: Sample) => Sample | undefined {
  const samples: Sample[] = []
  return (now) => {
    samples.push(now)
    while (samples.length > 2 && now.at - (samples[1]?.at ?? now.at) >= rateWindowMs) samples.shift()
    return samples.length > 1 ? samples[0] : undefined
  }
}
