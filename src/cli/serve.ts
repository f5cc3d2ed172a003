// Runs a worker and its HTTP server, from start to shutdown.
import type { Logger } from '../base/logger.ts'
import type { Address } from '../http/address.ts'
import type { ConfigOf } from '../http/connectors.ts'
import { HttpListener } from '../http/face.ts'
import type { HttpBackend } from '../http/server.ts'
import type { Collector } from '../metrics/collect.ts'
import type { Exposed } from '../metrics/families.ts'
import { scrape } from '../metrics/scrape.ts'
import type { Worker } from '../worker/worker.ts'
import { exits } from './exit-codes.ts'

export interface Serving {
  /** not started yet */
  readonly worker: Worker
  /** the observer of the worker's flows */
  readonly collector: Collector
  /** which metrics are shown */
  readonly exposed: Exposed
  /** properties of a connector of a flow (`A->B`) as in MM2, secrets masked; undefined where MM2 creates no connector */
  readonly configOf: ConfigOf
  /** undefined: no HTTP */
  readonly address: Address | undefined
  readonly until: 'stopped' | 'in-sync'
  readonly log: Logger
  readonly signal: AbortSignal
  readonly version: string
}

/** Runs the worker and gives the exit code. @throws Failure USAGE when the address can never be used */
export async function serve(serving: Serving): Promise<number> {
  const { worker, address, until, log, signal, version } = serving
  // Opened before copying starts: an address that can never be used must fail the start.
  const listener = address && (await HttpListener.open(address, backendOf(serving), log))
  log.info('godwit starts', {
    version,
    flows: worker
      .status()
      .map(({ flow }) => flow)
      .join(', '),
  })
  worker.start()
  const exit = await worker.run(until, signal, { notYet: exits.notYet.code, nothing: exits.nothing.code })
  await listener?.close()
  log.info('godwit ends', { exit })
  return exit
}

function backendOf({ worker, collector, exposed, configOf, version }: Serving): HttpBackend {
  const status = (since = 0) => ({ version, startedAt: worker.startedAt, flows: worker.status(since) })
  return {
    check: (ageMs) => worker.check(ageMs),
    status,
    live: () => worker.live(),
    ready: () => worker.ready(),
    connect: { version, flows: () => worker.status(), configOf, control: (flow) => worker.control(flow) },
    metrics: (accept) => scrape(status(), collector, { accept, exposed, now: Date.now() }),
  }
}
