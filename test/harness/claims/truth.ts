// Java counts the records on both sides of a flow. It lists the source repeatedly and checks each claim of godwit.
import { type JavaProcess, startJava } from '../java.ts'

export interface Watched {
  /** bootstrap servers */
  readonly source: string
  readonly target: string
  /** a Java regular expression that matches whole names of source topics */
  readonly topics: string
  /** read_committed by default */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** the prefix of target topic names; empty by default */
  readonly prefix?: string
  /** by topic-partition: the first source offset that the flow has to copy; 0 by default */
  readonly from?: Readonly<Record<string, number>>
}

/** How many of the records that the source held at one time the target held at a later time. */
export interface Verdict {
  /** false: unknown, see `reason` */
  readonly known: boolean
  readonly reason?: string
  /** when the listing of the source was complete, and when the target's end offsets were read; ms since the epoch */
  readonly listed: number
  readonly judged: number
  readonly topics: number
  readonly partitions: number
  /** visible records on the source, and how many of them are missing on the target */
  readonly expected: number
  readonly missing: number
  /** source offsets after the last stable offset, that is within an open transaction */
  readonly undecided: number
  /** records on the target that are not on the source; counted by `now` only */
  readonly extra: number
  readonly inOrder: boolean
  /** examples of partitions with missing records */
  readonly examples: Readonly<Record<string, string>>
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** One Java program that serves all flows of a test file. */
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

  /** Starts to watch a flow. @param name any name, unique per flow */
  async watch(name: string, watched: Watched): Promise<FlowTruth> {
    await this.ask({ do: 'watch', flow: name, ...watched })
    return new FlowTruth(this, name)
  }

  /** @throws Error with the output of the Java program */
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

/** What Java counted for one flow. */
export class FlowTruth implements AsyncDisposable {
  readonly #truth: Truth
  readonly #name: string

  constructor(truth: Truth, name: string) {
    this.#truth = truth
    this.#name = name
  }

  /** How many of the records that were on the source at `asOf` (ms since the epoch) are on the target now. */
  judge(asOf: number): Promise<Verdict> {
    return this.#truth.ask({ do: 'judge', flow: this.#name, asOf })
  }

  /** How many of the records that are on the source now are on the target. @throws Error if a cluster does not answer */
  now(): Promise<Verdict> {
    return this.#truth.ask({ do: 'now', flow: this.#name })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#truth.ask({ do: 'end', flow: this.#name })
  }
}
