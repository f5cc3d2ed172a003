// What really is on both sides of a flow, counted by Java: it lists the source again and again, and is asked at every claim.
import { type JavaProcess, startJava } from '../java.ts'

export interface Watched {
  /** bootstrap servers */
  readonly source: string
  readonly target: string
  /** regular expression of whole names of source topics, as Java reads it */
  readonly topics: string
  /** read_committed unless given */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** what target topics have before the name of their source topic; nothing unless given */
  readonly prefix?: string
  /** the first source offset that the flow has to deliver, by topic-partition; 0 unless given */
  readonly from?: Readonly<Record<string, number>>
}

/** How much of what the source held at a moment the target held at a later one. */
export interface Verdict {
  /** false: it cannot be told, see `reason` */
  readonly known: boolean
  readonly reason?: string
  /** when the listing of the source was complete, and when the ends of the target were read; ms since the epoch */
  readonly listed: number
  readonly judged: number
  readonly topics: number
  readonly partitions: number
  /** visible records that were on the source, and how many of them the target does not hold */
  readonly expected: number
  readonly missing: number
  /** source offsets that an open transaction still holds back */
  readonly undecided: number
  /** records of the target beyond those of the source; counted by `now` only */
  readonly extra: number
  readonly inOrder: boolean
  /** some partitions with something missing */
  readonly examples: Readonly<Record<string, string>>
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** One Java program for all flows of a test file. */
export class Truth implements AsyncDisposable {
  readonly #java: JavaProcess
  readonly #waiting: Map<number, (answer: Answer) => void>
  #last = 0

  private constructor(java: JavaProcess, waiting: Map<number, (answer: Answer) => void>) {
    this.#java = java
    this.#waiting = waiting
  }

  static async start(): Promise<Truth> {
    const waiting = new Map<number, (answer: Answer) => void>()
    const onLine = (line: string) => {
      const answer = JSON.parse(line) as Answer
      waiting.get(answer.id)?.(answer)
      waiting.delete(answer.id)
    }
    const java = await startJava('Truth.java', [], { interactive: true, heapMb: 320, logLevel: 'off', onLine })
    void java.ended.then(({ stderr }) => {
      for (const [id, tell] of waiting) tell({ id, error: `the program ended: ${stderr}` })
    })
    return new Truth(java, waiting)
  }

  /** Looks at a flow from now on. @param name any, one for each flow */
  async watch(name: string, watched: Watched): Promise<FlowTruth> {
    await this.ask({ do: 'watch', flow: name, ...watched })
    return new FlowTruth(this, name)
  }

  /** @throws Error with what Java said */
  async ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
    const id = ++this.#last
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve)
      this.#java.child.stdin.write(`${JSON.stringify({ id, ...request })}\n`)
    })
    if (error !== undefined) throw new Error(`${JSON.stringify(request)}: ${error}`)
    return result as T
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#java.child.stdin.end()
    await this.#java.ended
  }
}

/** The truth about one flow. */
export class FlowTruth implements AsyncDisposable {
  readonly #truth: Truth
  readonly #name: string

  constructor(truth: Truth, name: string) {
    this.#truth = truth
    this.#name = name
  }

  /** How much of what was on the source by then (ms since the epoch) the target holds now. */
  judge(asOf: number): Promise<Verdict> {
    return this.#truth.ask({ do: 'judge', flow: this.#name, asOf })
  }

  /** How much of what is on the source now the target holds. @throws Error when a cluster does not answer */
  now(): Promise<Verdict> {
    return this.#truth.ask({ do: 'now', flow: this.#name })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#truth.ask({ do: 'end', flow: this.#name })
  }
}
