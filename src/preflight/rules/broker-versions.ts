// How old the brokers of a cluster are at most, by the requests that they know.
import { answeringBrokers, type Inventory } from '../facts/inventory.ts'

/** The first release that knows a request, or this version of it: Kafka's key of the request, its version. */
const firstWith = {
  /** Produce that takes zstd */
  '2.1': { request: 0, version: 7 },
  /** IncrementalAlterConfigs */
  '2.3': { request: 44, version: 0 },
  /** DescribeProducers */
  '2.8': { request: 61, version: 0 },
  /** Produce of brokers with an effective min.insync.replicas (KIP-966) */
  '3.7': { request: 0, version: 10 },
} as const

/** Whether a broker of the cluster is older than this release of Kafka; false where no broker tells which requests it knows. */
export function hasBrokerBefore(release: keyof typeof firstWith, inventory: Inventory | undefined): boolean {
  const { request, version } = firstWith[release]
  const brokers = inventory ? answeringBrokers(inventory) : []
  return brokers.some(({ apis }) => (apis.get(request) ?? -1) < version)
}
