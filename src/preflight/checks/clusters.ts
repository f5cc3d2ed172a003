// Which clusters these are: never the same one twice; how old their brokers are.
import { isSameCluster } from '../../kafka/cluster.ts'
import type { FlowSettings } from '../../model/flow-settings.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import { answeringBrokers } from '../facts/inventory.ts'
import type { Finding, FindingCode } from '../finding.ts'
import { advice, setting } from '../remedies/commands.ts'
import { hasBrokerBefore } from '../rules/broker-versions.ts'

/** Findings about both clusters as such: their ids, and the versions of their brokers. */
export function clusterKinds({ settings, source, target }: FlowFacts): Finding[] {
  return [...sameCluster(source, target), ...[source, target].flatMap(mixedVersions), ...oldBrokers(settings, target)]
}

function sameCluster({ alias: a, inventory: here }: Side, { alias: b, inventory: there }: Side): Finding[] {
  if (!here || !there) return []
  if (here.clusterId === '' || there.clusterId === '') {
    const what = `cluster ${here.clusterId === '' ? a : b} tells no cluster id`
    return [note('cluster-id-unknown', what, 'so it cannot be ruled out that both are one and the same')]
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

function mixedVersions({ alias: cluster, inventory }: Side): Finding[] {
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

/** What the target's brokers are too old for. */
function oldBrokers(settings: FlowSettings, { alias: cluster, inventory }: Side): Finding[] {
  const found: Finding[] = []
  if (hasBrokerBefore('2.8', inventory)) {
    const what = 'the brokers do not tell the state of producers (before Kafka 2.8)'
    const why = 'after a break it is found out from the log itself, which takes longer'
    found.push({ ...note('no-producer-state', what, why), cluster })
  }
  const { syncTopicConfigs, configProperties } = settings
  if (syncTopicConfigs.enabled && configProperties.incrementalAlter === 'required' && hasBrokerBefore('2.3', inventory))
    found.push({ ...noIncrementalAlter(settings), cluster })
  if (hasBrokerBefore('2.1', inventory)) {
    const what = 'the brokers do not take zstd (before Kafka 2.1)'
    found.push({ ...note('no-zstd', what, 'batches with it are refused'), cluster })
  }
  return found
}

function noIncrementalAlter({ name }: FlowSettings): Finding {
  const what = 'the brokers cannot alter single configs (before Kafka 2.3)'
  return {
    ...note('no-incremental-alter-configs', what, 'the periodic task topic-configs would fail'),
    severity: 'warning',
    remedies: [setting(`${name}.use.incremental.alter.configs = requested`)],
  }
}

function note(code: FindingCode, what: string, why: string): Finding {
  return { code, check: 'versions', severity: 'note', what, why, remedies: [] }
}
