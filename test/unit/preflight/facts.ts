// Facts of a pair of clusters, made up: two brokers each, nothing wrong, until a test says otherwise.

import { Secret } from '../../../src/base/logger.ts'
import type { Flow } from '../../../src/config/model.ts'
import type { ConfigEntry } from '../../../src/kafka/admin.ts'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import type { TopicPair } from '../../../src/preflight/basics.ts'
import type { BrokerFacts, Inventory, PartitionFacts, TopicFacts } from '../../../src/preflight/facts/inventory.ts'
import type { FlowFacts, Side } from '../../../src/preflight/facts.ts'
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
    return { index, leader: 1, replicas: [1], isr: [1], ...more.partition }
  })
  return { name, id: `id-of-${name}`, internal: false, partitions, configs: more.configs ?? [] }
}

/** @param produce newest version of Produce that it knows; 10 since Kafka 3.7 */
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
    ...{ alias, clusterId: `id-of-${alias}`, controllerId: 1, takenAt: NOW, brokers: [broker(1), broker(2)] },
    ...{ features: new Map(), topics: new Map(), unknown: [], clock: { aheadMs: 3, withinMs: 2 } },
    ...more,
  }
}

interface Wish {
  readonly flow?: Flow
  readonly flows?: readonly Flow[]
  readonly pairs?: readonly TopicPair[]
  readonly source?: Partial<Inventory>
  readonly target?: Partial<Inventory>
  readonly sides?: Partial<Record<'source' | 'target', Partial<Side>>>
  readonly more?: Partial<FlowFacts>
}

export const login = (username: string, password: string) =>
  ({ mechanism: 'SCRAM-SHA-512', username, password: new Secret(password) }) as const

export function facts(wish: Wish = {}): FlowFacts {
  const flow = wish.flow ?? flowOf()
  const { settings } = flow
  const side = (role: 'source' | 'target'): Side => {
    const own = role === 'source' ? flow.sourceAdmin : flow.targetAdmin
    const there = inventory(own.alias, wish[role])
    return {
      role,
      alias: own.alias,
      settings: own,
      principal: 'User:mm2',
      reached: [],
      inventory: there,
      ...wish.sides?.[role],
    }
  }
  return {
    ...{ settings, policy: newReplicationPolicy(settings.policy, settings.source), flows: wish.flows ?? [flow] },
    ...{
      source: side('source'),
      target: side('target'),
      pairs: wish.pairs ?? [],
      permissions: [],
      notMade: [],
      now: NOW,
    },
    lists: () => ['__.*'],
    file: 'mm2.properties',
    ...wish.more,
  }
}
