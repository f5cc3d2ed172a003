// The flows of a model: every chosen pair that copies or emits heartbeats, with its four clients.
import type { Outside } from '../dialects/providers.ts'
import type { EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import type { Problems } from '../problems.ts'
import { type Entries, flowName } from '../resolve.ts'
import { adminDefinition, consumerDefinition, type Definition, producerDefinition } from '../settings/known.ts'
import { type ClientPlace, compileCluster, connectorClient, layered, recordProducer } from './cluster.ts'
import { newComplaints } from './complaints.ts'
import { compileFlow } from './flow.ts'
import { aliasesOf } from './names.ts'
import { refuseForeignCode } from './refusals.ts'

/** Compiles the pairs that have something to do; complains about what godwit cannot do for them. */
export function compileFlows(
  pairs: readonly EffectivePair[],
  file: Entries,
  outside: Outside,
  problems: Problems,
): Flow[] {
  return pairs.map((pair) => compileOne(pair, file, outside, problems)).filter(isAtWork)
}

/** Whether the pair does anything: it copies by the connector's own reading of `enabled`, which trims, or it emits heartbeats. */
const isAtWork = ({ settings }: Flow) => settings.enabled || settings.heartbeats.enabled

function compileOne(pair: EffectivePair, file: Entries, outside: Outside, problems: Problems): Flow {
  const { connector, worker, source, target } = pair
  const flow = flowName(pair)
  const name = connector.get('name')?.text ?? pair.connectorName
  const consumer = connectorClient(connector, 'source', 'consumer')
  const producer = recordProducer(worker, connector)
  const client = (entries: Entries, definition: Definition, place: ClientPlace) => {
    const fallbackKey = (key: string) => `${place.alias}.${key}`
    const complaints = newComplaints(problems, entries, { flow, stops: 'flow', fallbackKey })
    return compileCluster(entries, definition, place, outside.readFile, complaints)
  }
  const { sourceAlias, targetAlias } = aliasesOf(connector, pair)
  const label = `${sourceAlias}->${targetAlias}`
  const named = (alias: string, role: string) => ({ alias, clientId: `${label}|${role}`, isPrefixed: true })
  const admin = (side: 'source' | 'target') =>
    client(
      connectorClient(connector, side, 'admin'),
      adminDefinition,
      named(pair[side], `${name}|replication-${side}-admin`),
    )
  const about = { flow, stops: 'flow', fallbackKey: (key: string) => `${flow}.${key}` } as const
  const complaints = newComplaints(problems, layered(file, connector, consumer), about)
  refuseForeignCode(connector, complaints)
  return {
    settings: compileFlow({ pair, path: problems.file, file, connector, worker, consumer, producer }, complaints),
    sourceCluster: client(consumer, consumerDefinition, named(source, `${name}-0|replication-consumer`)),
    targetCluster: client(producer, producerDefinition, {
      alias: target,
      clientId: `connector-producer-${pair.connectorName}-0`,
      isPrefixed: false,
    }),
    sourceAdmin: admin('source'),
    targetAdmin: admin('target'),
  }
}
