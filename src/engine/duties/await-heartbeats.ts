// The heartbeats topic of the source is often created by the very start: by the flow in the other direction, in this process or
// another. It is looked for until it is there, so that it is not first copied after a whole interval of refresh.topics.
import { sleep } from '../../base/retry.ts'
import type { Cluster } from '../../kafka/cluster.ts'

/** How often it is looked for, and for how long (ms). */
const EVERY_MS = 1000
const FOR_MS = 60_000
const TOPIC = 'heartbeats'

/** Resolves with whether the topic has come, after a minute at the latest. Never rejects: a cluster that does not answer is asked again. */
export async function awaitHeartbeats(source: Pick<Cluster, 'metadata'>, signal: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + FOR_MS
  while (!signal.aborted && Date.now() < deadline) {
    const metadata = await source.metadata([TOPIC]).catch(() => undefined)
    if (metadata?.topics.get(TOPIC)?.error === 0) return true
    await sleep(EVERY_MS, signal)
  }
  return false
}
