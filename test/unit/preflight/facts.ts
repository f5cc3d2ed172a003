// Facts of two clusters without faults, with two brokers each. A test changes what it needs.

import { Secret } from '../../../src/base/logger.ts'
import type { Flow } from '../../../src/config/model.ts'
import type { ConfigEntry } from '../../../src/kafka/admin.ts'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import { shouldReplicate } from '../../../src/mirror/topic-selection.ts'
import type { PlannedPair } from '../../../src/preflight/facts/flow-basis.ts'
import type { FlowFacts, Side } from '../../../src/preflight/facts/flow-facts.ts'
import type { BrokerFacts, Inventory } from '../../../src/preflight/facts/inventory.ts'
import type { PartitionFacts, TopicFacts } from '../../../src/preflight/facts/topics.ts'
import type { PlanFacts } from '../../../src/preflight/plan/plan-facts.ts'
import { flowOf } from './flow.ts'

export const NOW = Date.parse('2026-11-01T00:00:00Z')
export const DAY = 86_400_000

/** Configs set on a topic. */
export function configs(values: Readonly<Record<string, string>>, source = 1): ConfigEntry[] {
  return Object.entries(values).map(([name, value]) => {
    return { name, value, source, isDefault: source === 5, readOnly: false, sensitive: false }
  })
}

export function topic(
  name: string,
  more: { partitions?: number; partition?: Partial<PartitionFacts>; configs?: readonly ConfigEntry[] } = {},
): TopicFacts {
  const partitions = Array.from({ length: more.partitions ?? 1 }, (_, index) => {
    return { index, replicas: [1], ...more.partition }
  })
  return { name, partitions, configs: more.configs ?? [] }
}

/** @param produce the newest Produce version of the broker; 10 since Kafka 3.7 */
export function broker(id: number, produce = 11): BrokerFacts {
  return {
    id,
    host: 'h',
    port: 9092,
    rack: null,
    apis: new Map([
      [0, produce],
      [44, 1],
      [61, 0],
    ]),
  }
}

export function inventory(alias: string, more: Partial<Inventory> = {}): Inventory {
  return {
    ...{ alias, clusterId: `id-of-${alias}`, brokers: [broker(1), broker(2)] },
    ...{ features: new Map(), topics: new Map(), unknown: [], clock: { aheadMs: 3, withinMs: 2 } },
    ...more,
  }
}

interface FactChanges {
  readonly flow?: Flow
  readonly flows?: readonly Flow[]
  readonly pairs?: readonly PlannedPair[]
  readonly source?: Partial<Inventory>
  readonly target?: Partial<Inventory>
  readonly sides?: Partial<Record<'source' | 'target', Partial<Side>>>
  readonly more?: Partial<FlowFacts>
}

export const login = (username: string, password: string) =>
  ({ mechanism: 'SCRAM-SHA-512', username, password: new Secret(password) }) as const

export function facts(changes: FactChanges = {}): FlowFacts {
  const flow = changes.flow ?? flowOf()
  const { settings } = flow
  const side = (role: 'source' | 'target'): Side => {
    const own = role === 'source' ? flow.sourceAdmin : flow.targetAdmin
    const there = inventory(own.alias, changes[role])
    return {
      alias: own.alias,
      settings: own,
      principal: 'User:mm2',
      reached: [],
      inventory: there,
      ...changes.sides?.[role],
    }
  }
  return {
    ...{ settings, policy: newReplicationPolicy(settings.policy, settings.source), flows: changes.flows ?? [flow] },
    ...{
      source: side('source'),
      target: side('target'),
      pairs: changes.pairs ?? [],
      permissions: [],
      notMade: [],
      now: NOW,
    },
    lists: () => ['__.*'],
    file: 'mm2.properties',
    ...changes.more,
  }
}

/** The stored positions of a flow. @param copied topics with a position and copied records */
export function stored(...copied: readonly string[]): PlanFacts['stored'] {
  return { known: new Set(copied), copied: new Set(copied), refused: new Map() }
}

/** Facts for a plan of the flow A->B, with these topics on both sides. @param lines additional lines of the file */
export function planFacts(
  topics: { readonly source?: readonly TopicFacts[]; readonly target?: readonly TopicFacts[] },
  lines: readonly string[] = [],
  more: Partial<PlanFacts> = {},
): PlanFacts {
  const { settings } = flowOf(...lines)
  const policy = newReplicationPolicy(settings.policy, settings.source)
  const of = (alias: string, some: readonly TopicFacts[] = []) =>
    inventory(alias, { topics: new Map(some.map((one) => [one.name, one])) })
  const [source, target] = [of('A', topics.source), of('B', topics.target)]
  const selected = [...source.topics.values()].filter(({ name }) => shouldReplicate(name, settings, policy).replicate)
  const pairs = selected.map((one): PlannedPair => {
    const targetName = policy.formatRemoteTopic(settings.sourceAlias, one.name)
    const there = target.topics.get(targetName)
    return { topic: one, targetName, ...(there && { there }) }
  })
  return { settings, policy, pairs, source, target, stored: stored(), ...more }
}
