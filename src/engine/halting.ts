// Connectors that a user has paused or stopped. The flow keeps its lease and its positions. The halted state is kept in memory
// only: after a restart of the process all connectors run.
import { sentenceOf } from '../base/failure.ts'
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import { type ConnectorName, connectorNames, type Halt, tasksOf } from '../model/flow-status.ts'
import type { ActiveFlow } from './active-flow.ts'

/** How often to check whether all fetched records have arrived (ms). */
const LOOK_MS = 20

export class Halting {
  readonly #settings: FlowSettings
  readonly #log: Logger
  readonly #wanted = new Map<ConnectorName, Halt>()
  /** halted connectors that have no more work in progress */
  readonly #stopped = new Set<ConnectorName>()
  #run: ActiveFlow | undefined
  #pauses = 0

  constructor(settings: FlowSettings, log: Logger) {
    this.#settings = settings
    this.#log = log
  }

  /** Connectors that are halted completely, and how. */
  get status(): Partial<Record<ConnectorName, Halt>> {
    return Object.fromEntries([...this.#wanted].filter(([connector]) => this.#stopped.has(connector)))
  }

  /** Whether all connectors to be halted are halted completely. */
  get isHaltComplete(): boolean {
    return [...this.#wanted.keys()].every((connector) => this.#stopped.has(connector))
  }

  /** Takes a new active period; halted connectors stay halted. Call before anything is fetched. */
  attach(run: ActiveFlow): void {
    this.#run = run
    for (const connector of connectorNames) this.#apply(connector)
  }

  /** Halts a connector: its periodic tasks do not run and, for the source connector, fetching stops. */
  halt(connector: ConnectorName, how: Halt): void {
    if (this.#wanted.get(connector) === how) return
    this.#wanted.set(connector, how)
    this.#log.info('a connector is halted', { connector, state: how })
    this.#apply(connector)
  }

  resume(connector: ConnectorName): void {
    if (!this.#wanted.delete(connector)) return
    this.#log.info('a connector is resumed', { connector })
    this.#apply(connector)
  }

  /** Runs the periodic tasks of a connector now and, for the source connector, retries failed partitions. */
  restart(connector: ConnectorName): void {
    if (connector === 'MirrorSourceConnector') this.#run?.replication.retryNow()
    for (const task of this.#tasksOf(connector)) task.runNow()
  }

  #tasksOf(connector: ConnectorName) {
    return this.#run?.periodicTasks.filter(({ name }) => tasksOf[connector].includes(name)) ?? []
  }

  #apply(connector: ConnectorName): void {
    const isHalted = this.#wanted.has(connector)
    for (const task of this.#tasksOf(connector)) {
      if (isHalted) task.pause()
      else task.resume()
    }
    if (connector === 'MirrorSourceConnector') return this.#applyToCopying(isHalted)
    if (isHalted) this.#stopped.add(connector)
    else this.#stopped.delete(connector)
  }

  #applyToCopying(isHalted: boolean): void {
    const run = this.#run
    if (run?.replication.isPaused !== isHalted) this.#stopped.delete('MirrorSourceConnector')
    if (!run || run.replication.isPaused === isHalted) return
    run.replication.pause(isHalted)
    const pause = ++this.#pauses
    if (isHalted) void this.#awaitHalt(run, () => pause === this.#pauses && run === this.#run)
  }

  /** Waits until all fetched records have arrived, then writes positions. */
  async #awaitHalt(run: ActiveFlow, isCurrent: () => boolean): Promise<void> {
    const { closing } = run
    while (isBusy(run) && isCurrent() && !closing.aborted) await sleep(LOOK_MS, closing)
    await run.flush().catch((error: unknown) =>
      this.#log.debug('positions could not be written yet; godwit retries', {
        cluster: this.#settings.target,
        reason: sentenceOf(error),
      }),
    )
    if (isCurrent()) this.#stopped.add('MirrorSourceConnector')
  }
}

function isBusy(run: ActiveFlow): boolean {
  for (const copy of run.copies)
    if (copy.state === 'copying' && (copy.queue.hasWork || copy.queue.inFlight.length > 0)) return true
  return false
}
