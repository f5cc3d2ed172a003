// How many replicas a topic is created with: what the file asks for, or as many of a default as the cluster has brokers for.

/** A replication factor as the configuration gives it. */
export interface WantedFactor {
  /** -1: the broker's default */
  readonly replicationFactor: number
  /** the file does not set it: it is MirrorMaker 2's default, and lowered to the number of brokers */
  readonly factorIsDefault?: boolean
}

/**
 * The replication factor to create a topic with. One that the file sets is kept, whether it is possible or not.
 * @param brokers of the cluster that hosts the topic, when it is created
 */
export function factorFor({ replicationFactor, factorIsDefault }: WantedFactor, brokers: number): number {
  return factorIsDefault === true && brokers > 0 ? Math.min(replicationFactor, brokers) : replicationFactor
}
