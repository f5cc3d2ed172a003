// The flows of a model: every chosen pair that copies, with its four clients.
import type { Outside } from '../dialects/providers.ts'
import type { EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import type { Problems } from '../problems.ts'
import { type Entries, flowName } from '../resolve.ts'
import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  type Definition,
  producerDefinition,
} from '../settings/known.ts'
import { compileCluster, connectorClient, layered, recordProducer } from './cluster.ts'
import { newComplaints } from './complaints.ts'
import { compileFlow } from './flow.ts'
import { Reader } from './reader.ts'
import { refuseForeignCode } from './refusals.ts'

/** Compiles the pairs that are enabled; complains about what godwit cannot do for them. */
export function compileFlows(
  pairs: readonly EffectivePair[],
  file: Entries,
  outside: Outside,
  problems: Problems,
): Flow[] {
  return pairs.filter(isEnabled).map((pair) => compileOne(pair, file, outside, problems))
}

/** Whether the pair copies: the connector's own reading of `enabled`, which trims, unlike the choice of pairs. */
const isEnabled = ({ connector }: EffectivePair) =>
  new Reader(connector, connectorDefinitions.MirrorSourceConnector).flag('enabled')

function compileOne(pair: EffectivePair, file: Entries, outside: Outside, problems: Problems): Flow {
  const { connector, worker, source, target } = pair
  const flow = flowName(pair)
  const consumer = connectorClient(connector, 'source', 'consumer')
  const producer = recordProducer(worker, connector)
  const client = (entries: Entries, definition: Definition, alias: string, clientId: string) => {
    const complaints = newComplaints(problems, entries, {
      flow,
      stops: 'flow',
      fallbackKey: (key) => `${alias}.${key}`,
    })
    return compileCluster(entries, definition, { alias, clientId }, outside.readFile, complaints)
  }
  const about = { flow, stops: 'flow', fallbackKey: (key: string) => `${flow}.${key}` } as const
  const complaints = newComplaints(problems, layered(file, connector, consumer), about)
  refuseForeignCode(connector, complaints)
  return {
    settings: compileFlow({ pair, file, connector, worker, consumer, producer }, complaints),
    sourceCluster: client(consumer, consumerDefinition, source, `${flow}|MirrorSourceConnector-0|replication-consumer`),
    targetCluster: client(producer, producerDefinition, target, 'connector-producer-MirrorSourceConnector-0'),
    sourceAdmin: client(
      connectorClient(connector, 'source', 'admin'),
      adminDefinition,
      source,
      `${flow}|MirrorSourceConnector|replication-source-admin`,
    ),
    targetAdmin: client(
      connectorClient(connector, 'target', 'admin'),
      adminDefinition,
      target,
      `${flow}|MirrorSourceConnector|replication-target-admin`,
    ),
  }
}
