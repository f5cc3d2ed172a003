// The composition root: creates the flows of one process from a configuration.
import type { Logger } from '../base/logger.ts'
import type { Model } from '../config/model.ts'
import { FlowRunner } from '../engine/flow.ts'
import { HeartbeatFlow } from '../engine/heartbeat-flow.ts'
import type { Observer } from '../model/observer.ts'
import { Worker } from './worker.ts'

/** A worker with one engine flow per flow of the model, not started yet. */
export function composeWorker(model: Model, observer: Observer, log: Logger): Worker {
  const flows = model.flows.map((flow) =>
    flow.settings.enabled ? new FlowRunner({ ...flow, observer, log }) : new HeartbeatFlow({ ...flow, log }),
  )
  return new Worker(flows, log)
}
