// The problems of a configuration file: collected, not thrown.
import type { Entries, Entry } from './resolve.ts'

/** note: not a mistake, but the effect may be unexpected */
type Severity = 'error' | 'warning' | 'note'

/**
 * What a problem stops. process: MM2 would end, so the file is refused. connector: MM2 would continue without one of the three
 * connectors of a flow. flow: MM2 might run it, godwit cannot. Absent: nothing.
 */
export type Stops = 'process' | 'connector' | 'flow'

export interface ConfigProblem {
  readonly severity: Severity
  readonly file: string
  /** line in the file; absent if the problem has none */
  readonly line?: number
  /** the key as written in the file */
  readonly key?: string
  readonly reason: string
  readonly remedy: string
  readonly stops?: Stops
  readonly flow?: string
  readonly connector?: string
}

type Details = Partial<Pick<ConfigProblem, 'line' | 'key' | 'stops' | 'flow' | 'connector'>>

/** Collects the problems of one file. Equal problems are kept once, even if several flows and connectors have them. */
export class Problems {
  readonly file: string
  /** name of a flow -> errors that stop only this flow */
  readonly #stopped = new Map<string, Map<string, ConfigProblem>>()
  #concerned: string | undefined
  readonly #found = new Map<string, ConfigProblem>()
  readonly #hints: ConfigProblem[] = []
  readonly #remarks: ConfigProblem[] = []

  constructor(file: string) {
    this.file = file
  }

  add(severity: Severity, reason: string, remedy: string, details: Details = {}): void {
    const isOfFlow = severity === 'error' && details.stops !== 'process'
    const flow = details.flow ?? (isOfFlow ? this.#concerned : undefined)
    const problem: ConfigProblem = {
      severity,
      file: this.file,
      reason,
      remedy,
      ...details,
      ...(flow !== undefined && { flow }),
    }
    const identity = JSON.stringify([problem.line, problem.key, reason])
    if (isOfFlow && flow !== undefined) this.#stop(flow, identity, problem)
    const known = this.#found.get(identity)
    if (known === undefined || rank(problem) > rank(known)) this.#found.set(identity, problem)
  }

  #stop(flow: string, identity: string, problem: ConfigProblem): void {
    const errors = this.#stopped.get(flow) ?? new Map<string, ConfigProblem>()
    this.#stopped.set(flow, errors.set(identity, problem))
  }

  /** Problems found while `action` runs concern only this flow, unless they name another. Returns the result of `action`. */
  concerning<T>(flow: string, action: () => T): T {
    this.#concerned = flow
    try {
      return action()
    } finally {
      this.#concerned = undefined
    }
  }

  /** The flows that have errors of their own, with these errors. */
  get stopped(): ReadonlyMap<string, readonly ConfigProblem[]> {
    return new Map([...this.#stopped].map(([flow, errors]) => [flow, [...errors.values()]]))
  }

  /** Whether an error concerns more than single flows, so that nothing of the file can be used. */
  get stopsAll(): boolean {
    const found = [...this.#found.values()]
    return found.some(
      ({ severity, flow, stops }) => severity === 'error' && (flow === undefined || stops === 'process'),
    )
  }

  /** An error or warning about an entry of the file. */
  about(severity: Severity, entry: Entry, reason: string, remedy: string, details: Details = {}): void {
    this.add(severity, reason, remedy, { ...(entry.line > 0 && { line: entry.line }), key: entry.key, ...details })
  }

  /** A warning that is left out if there is an error about the same entry. */
  hint(entry: Entry, reason: string, remedy: string): void {
    this.#hints.push({ severity: 'warning', file: this.file, line: entry.line, key: entry.key, reason, remedy })
  }

  /** A warning after all other problems of the line. */
  remark(entry: Entry, reason: string, remedy: string): void {
    this.#remarks.push({ severity: 'warning', file: this.file, line: entry.line, key: entry.key, reason, remedy })
  }

  /** All problems, sorted by line; those without a line first. */
  get list(): ConfigProblem[] {
    const found = [...this.#found.values()]
    const erroneous = new Set(found.filter(({ severity }) => severity === 'error').map(({ line }) => line))
    const hints = this.#hints.filter(({ line }) => !erroneous.has(line))
    return [...found, ...hints, ...this.#remarks].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
  }

  has(stops: Stops): boolean {
    return [...this.#found.values()].some((problem) => problem.severity === 'error' && problem.stops === stops)
  }

  get hasErrors(): boolean {
    return this.count > 0
  }

  /** The number of errors. */
  get count(): number {
    return [...this.#found.values()].filter(({ severity }) => severity === 'error').length
  }
}

const weight: Readonly<Record<Stops, number>> = { process: 3, flow: 2, connector: 1 }
const rank = ({ severity, stops }: ConfigProblem) => grade[severity] + (stops ? weight[stops] : 0)
const grade: Readonly<Record<Severity, number>> = { error: 10, warning: 0, note: -10 }

/** The problems of one client or connector: knows which line of the file a derived key came from, and which flow it concerns. */
export interface ScopedProblems {
  /** `key` is the name in the derived map; the problem names the key and line of the file. */
  error(key: string, reason: string, remedy: string): void
  warning(key: string, reason: string, remedy: string): void
  /** the key as it is, or has to be, written in the file: with the prefix of `beside`, if the file has that */
  keyOf(key: string, beside?: string): string
}

/** What the problems of one client or connector have in common. */
interface Scope {
  readonly flow: string
  readonly stops: Stops
  /** the name to show for a key that the file does not have, e.g. `old.sasl.jaas.config` */
  readonly fallbackKey: (key: string) => string
}

/** Problems about `entries`, the derived map of one client or connector. They are added to `problems`. */
export function scopedProblems(problems: Problems, entries: Entries, scope: Scope): ScopedProblems {
  const isWritten = (entry: Entry | undefined): entry is Entry => entry !== undefined && entry.line > 0
  const writtenKey = (key: string) => (isWritten(entries.get(key)) ? entries.get(key)?.key : undefined)
  const add = (severity: Severity, key: string, reason: string, remedy: string) => {
    const entry = entries.get(key)
    const details = { flow: scope.flow, ...(severity === 'error' && { stops: scope.stops }) }
    if (isWritten(entry)) problems.about(severity, entry, reason, remedy, details)
    else problems.add(severity, reason, remedy, { key: scope.fallbackKey(key), ...details })
  }
  return {
    error: (key, reason, remedy) => add('error', key, reason, remedy),
    warning: (key, reason, remedy) => add('warning', key, reason, remedy),
    keyOf: (key, beside) => {
      const near = beside === undefined ? undefined : writtenKey(beside)
      const prefix = near?.endsWith(beside ?? '') ? near.slice(0, near.length - (beside ?? '').length) : undefined
      return writtenKey(key) ?? (prefix === undefined ? scope.fallbackKey(key) : prefix + key)
    },
  }
}

/** One problem as a printed line, with its remedy on the next line. */
export function describeProblem({ severity, file, line, key, reason, remedy, flow }: ConfigProblem): string {
  const place = line === undefined ? file : `${file}:${line}`
  const concerns = flow === undefined ? '' : ` (flow ${flow})`
  return `${severity}: ${place}: ${key === undefined ? '' : `${key} `}${reason}${concerns}\n  remedy: ${remedy}`
}
