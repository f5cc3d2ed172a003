// One round of one contestant: how it is started, its target topics, and the end offsets they must reach.
import type { BrokerClient, Partitions } from '../broker-client.ts'
import { Child, type Launch } from './child.ts'

export class Round {
  readonly launch: Launch
  readonly target: BrokerClient
  readonly targetTopics: Partitions
  /** end offsets the target must reach */
  readonly goal: ReadonlyMap<string, readonly number[]>
  readonly valueBytes: number
  readonly #log: string

  constructor(given: {
    launch: Launch
    target: BrokerClient
    targetTopics: Partitions
    goal: ReadonlyMap<string, readonly number[]>
    valueBytes: number
    log: string
  }) {
    this.launch = given.launch
    this.target = given.target
    this.targetTopics = given.targetTopics
    this.goal = given.goal
    this.valueBytes = given.valueBytes
    this.#log = given.log
  }

  get records(): number {
    return [...this.goal.values()].flat().reduce((total, offset) => total + offset, 0)
  }

  get partitions(): number {
    return [...this.targetTopics.values()].reduce((total, partitions) => total + partitions, 0)
  }

  start(): Child {
    return new Child(this.launch, this.#log)
  }
}
