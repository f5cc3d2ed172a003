// Draws progress: on a terminal the same table again and again in place, elsewhere plain lines for what has changed.
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

export interface Screen {
  /** Shows a sample; called a few times per second. */
  show(sample: Sample): void
  /** A sentence that stays; the table goes on below it. */
  say(line: string): void
  /** Leaves the last table standing. */
  end(): void
}

/** Rates are measured over about this long, so that they can be read. */
const rateWindowMs = 2000
const plainEveryMs = 1000

/** The screen that fits the output: `isTTY` decides. */
export function screenFor(out: Writable & { isTTY?: boolean; columns?: number }): Screen {
  return out.isTTY ? terminalScreen(out) : plainScreen(out)
}

function terminalScreen(out: Writable & { columns?: number }): Screen {
  const earlier = rateReference()
  let drawn: string[] = []
  const erase = () => (drawn.length > 0 ? `\x1b[${drawn.length}A\x1b[J` : '')
  const draw = (lines: string[], before = '') => {
    out.write(`${erase()}${before}${lines.map((line) => `${line}\n`).join('')}`)
    drawn = lines
  }
  return {
    show(sample) {
      // A line that wraps would take two rows and break the count that redrawing relies on.
      const width = (out.columns ?? 120) - 1
      const lines = progressTable(topicsProgress(earlier(sample), sample), sample.status)
      draw(lines.map((line) => line.slice(0, width)))
    },
    say(line) {
      draw(drawn, `${line}\n`)
    },
    end() {
      drawn = []
    },
  }
}

function plainScreen(out: Writable): Screen {
  const earlier = rateReference()
  const told = new Map<string, string>()
  let last = Number.NEGATIVE_INFINITY
  const tell = (key: string, fact: string, line: string) => {
    if (told.get(key) === fact) return false
    told.set(key, fact)
    out.write(`${line}\n`)
    return true
  }
  const tellRow = (row: TopicProgress) =>
    tell(row.topic, `${row.partitions} ${row.records} ${row.lag}`, progressLine(row))
  return {
    show(sample) {
      const reference = earlier(sample)
      if (sample.at - last < plainEveryMs) return
      last = sample.at
      const rows = topicsProgress(reference, sample)
      const changed = rows.filter((row) => tellRow(row)).length
      if (changed > 1) tellRow(totalProgress(rows))
      for (const line of problemLines(sample.status)) tell(line, line, line)
    },
    say(line) {
      out.write(`${line}\n`)
    },
    end() {},
  }
}

/** Remembers samples and gives back the one that is about a rate window old. */
function rateReference(): (now: Sample) => Sample | undefined {
  const samples: Sample[] = []
  return (now) => {
    samples.push(now)
    while (samples.length > 2 && now.at - (samples[1]?.at ?? now.at) >= rateWindowMs) samples.shift()
    return samples.length > 1 ? samples[0] : undefined
  }
}
