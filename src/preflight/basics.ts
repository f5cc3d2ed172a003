// What the further looks at a flow start from: its settings, the topics it copies, both inventories.

import type { ReplicationPolicy } from '../mirror/replication-policy.ts'
import type { FlowSettings } from '../model/flow-settings.ts'
import type { Inventory, TopicFacts } from './facts/inventory.ts'

/** A topic that is to be copied. */
export interface TopicPair {
  readonly topic: TopicFacts
  readonly targetName: string
  /** absent where it is still to be made */
  readonly there?: TopicFacts
}

export interface Basics {
  readonly settings: FlowSettings
  readonly policy: ReplicationPolicy
  readonly pairs: readonly TopicPair[]
  readonly source: Inventory | undefined
  readonly target: Inventory | undefined
}
