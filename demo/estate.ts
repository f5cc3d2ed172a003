// The contents of the old cluster, created by Estate.java: reads its reports and sends its commands.
import { DemoProblem } from './problem.ts'
import type { Program } from './program.ts'

/** A topic (or, without partitions, a consumer group) that Estate.java has created. */
export interface Made {
  readonly name: string
  readonly partitions: number
  readonly records: number
  readonly what: string
}

/** One line of Estate.java; its kind follows from the fields it has. */
interface Line {
  readonly topic?: string
  readonly group?: string
  readonly partitions?: number
  readonly records?: number
  readonly what?: string
  readonly ready?: boolean
  /** log ends for a read_committed reader, by `topic-partition` */
  readonly ends?: Readonly<Record<string, number>>
}

export class Estate {
  readonly #program: Program
  readonly #ready = Promise.withResolvers<void>()
  readonly #ends = Promise.withResolvers<ReadonlyMap<string, number>>()

  /** Reads the program's output; `onMade` is called for each topic and group. */
  constructor(program: Program, onMade: (made: Made) => void) {
    this.#program = program
    for (const { promise } of [this.#ready, this.#ends]) promise.catch(() => {})
    this.#follow(onMade).catch((error: unknown) => {
      this.#ready.reject(error)
      this.#ends.reject(error)
    })
  }

  /** Resolves when everything is created; rejects with a DemoProblem when the program fails. */
  get ready(): Promise<void> {
    return this.#ready.promise
  }

  /** Requests one more topic during the migration; `onMade` is called when it exists. */
  growTopic(): void {
    this.#program.tell('more')
  }

  /** Ends the program; returns the end offset of every partition. Throws a DemoProblem when records could not be produced. */
  async ends(): Promise<ReadonlyMap<string, number>> {
    this.#program.endInput()
    const ends = await this.#ends.promise
    await this.#program.ended()
    return ends
  }

  async #follow(onMade: (made: Made) => void): Promise<void> {
    for await (const line of this.#program.lines()) this.#take(line as Line, onMade)
    await this.#program.ended()
    throw new DemoProblem('Estate.java ended too early')
  }

  #take(line: Line, onMade: (made: Made) => void): void {
    const { partitions = 0, records = 0, what = '' } = line
    const name = line.topic ?? line.group
    if (name) onMade({ name, partitions, records, what })
    if (line.ready) this.#ready.resolve()
    if (line.ends) this.#ends.resolve(new Map(Object.entries(line.ends)))
  }
}
