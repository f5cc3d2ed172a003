// Which clusters these are: never the same one twice; what their brokers are able to.
import { isSameCluster } from '../../kafka/cluster.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import { answeringBrokers, type Inventory } from '../facts/inventory.ts'
import type { Finding, FindingCode } from '../finding.ts'
import { advice, setting } from '../remedies/commands.ts'

/** Kafka's numbers of requests. */
const PRODUCE = 0
const INCREMENTAL_ALTER_CONFIGS = 44
const DESCRIBE_PRODUCERS = 61
/** Produce from this version on takes zstd (Kafka 2.1). */
const ZSTD_FROM = 7

export function clusterKinds({ settings, source, target }: FlowFacts): Finding[] {
  return [...sameCluster(source, target), ...[source, target].flatMap(brokers), ...abilities(settings, target)]
}

function sameCluster({ alias: a, inventory: here }: Side, { alias: b, inventory: there }: Side): Finding[] {
  if (!here || !there) return []
  if (here.clusterId === '' || there.clusterId === '') {
    const what = `cluster ${here.clusterId === '' ? a : b} tells no cluster id`
    return [note('cluster-id-unknown', what, 'so it cannot be ruled out that both are one and the same', undefined)]
  }
  if (!isSameCluster(here, there)) return []
  return [
    {
      code: 'same-cluster',
      check: 'clusters',
      severity: 'error',
      what: `${a} and ${b} are the same cluster (id ${here.clusterId})`,
      why: 'every copy would be a topic of the source again: it would be copied once more, without end',
      remedies: [advice(`correct ${a}.bootstrap.servers or ${b}.bootstrap.servers`)],
    },
  ]
}

/** Aliases of different flows that lead to one cluster; those of one flow are an error of that flow. @param flows ids by alias */
export function sameClusterTwice(flows: readonly Readonly<Record<string, string>>[]): Finding[] {
  const aliases = Map.groupBy(new Map(flows.flatMap((ids) => Object.entries(ids))), ([, id]) => id)
  const isOneFlow = (list: readonly string[]) => flows.some((ids) => list.every((alias) => alias in ids))
  return [...aliases].flatMap(([id, entries]) => {
    const list = entries.map(([alias]) => alias)
    if (id === '' || list.length < 2 || isOneFlow(list)) return []
    return [
      {
        code: 'cluster-twice',
        check: 'clusters',
        severity: 'warning',
        what: `${list.join(' and ')} are the same cluster (id ${id})`,
        why: 'flows take their names for different clusters: the same records would be copied twice',
        remedies: [advice(`correct the bootstrap.servers of ${list.join(' or ')}`)],
      } satisfies Finding,
    ]
  })
}

function brokers({ alias: cluster, inventory }: Side): Finding[] {
  if (!inventory) return []
  const kinds = Map.groupBy(answeringBrokers(inventory), ({ apis }) => [...apis].map(String).sort().join(' '))
  if (kinds.size < 2) return []
  const ids = [...kinds.values()].map((list) => list.map(({ id }) => id).join(', '))
  return [
    {
      code: 'brokers-of-different-versions',
      check: 'versions',
      severity: 'warning',
      cluster,
      what: `the brokers are of different versions: ${ids.join(' against ')}`,
      why: 'an upgrade seems to be under way: leaders will move, and the newest requests are not answered everywhere',
      remedies: [advice('finish the upgrade before the copying begins')],
    },
  ]
}

function abilities(settings: FlowFacts['settings'], { alias, inventory }: Side): Finding[] {
  if (!inventory || answeringBrokers(inventory).length === 0) return []
  const lacks = (key: number) => oldestOf(inventory, key) < 0
  const found: Finding[] = []
  if (lacks(DESCRIBE_PRODUCERS))
    found.push(
      note(
        'no-producer-state',
        'the brokers do not tell the state of producers (before Kafka 2.8)',
        'after a break it is found out from the log itself, which takes longer',
        alias,
      ),
    )
  if (
    settings.syncTopicConfigs.enabled &&
    settings.configProperties.incrementalAlter === 'required' &&
    lacks(INCREMENTAL_ALTER_CONFIGS)
  )
    found.push({
      ...note(
        'no-incremental-alter-configs',
        'the brokers cannot alter single configs (before Kafka 2.3)',
        'the periodic task topic-configs would fail',
        alias,
      ),
      severity: 'warning',
      remedies: [setting(`${settings.name}.use.incremental.alter.configs = requested`)],
    })
  if (oldestOf(inventory, PRODUCE) < ZSTD_FROM)
    found.push(note('no-zstd', 'the brokers do not take zstd (before Kafka 2.1)', 'batches with it are refused', alias))
  return found
}

/** Newest version that all brokers that answer know; -1 where one of them does not know the request. */
function oldestOf(inventory: Inventory, key: number): number {
  return Math.min(...answeringBrokers(inventory).map(({ apis }) => apis.get(key) ?? -1))
}

function note(code: FindingCode, what: string, why: string, cluster: string | undefined): Finding {
  return {
    code,
    check: 'versions',
    severity: 'note',
    what,
    why,
    remedies: [],
    ...(cluster !== undefined && { cluster }),
  }
}
