// The flows of a model: every selected pair that copies or emits heartbeats, with its four clients.
import {
  adminDefinition,
  anyConnectorDefinition,
  type ClientDefinition,
  consumerDefinition,
  isClientKey,
  producerDefinition,
} from '../definitions.ts'
import type { Outside } from '../dialects/providers.ts'
import type { EffectivePair } from '../effective.ts'
import type { Flow } from '../model.ts'
import { type Problems, type ScopedProblems, scopedProblems } from '../problems.ts'
import { type Entries, flowName } from '../resolve.ts'
import { type ClientPlace, compileCluster, connectorClient, layered, recordProducer } from './cluster.ts'
import { compileFlow } from './flow.ts'
import { aliasesOf } from './names.ts'
import { refuseJavaCode } from './security.ts'

/** Compiles the pairs that have work. What godwit cannot do is added to `problems`. */
export function compileFlows(
  pairs: readonly EffectivePair[],
  file: Entries,
  outside: Outside,
  problems: Problems,
): Flow[] {
  return pairs.map((pair) => compileOne(pair, file, outside, problems)).filter(isAtWork)
}

/** Whether the pair has work: it copies (`enabled` is trimmed, as by the connector) or emits heartbeats. */
const isAtWork = ({ settings }: Flow) => settings.enabled || settings.heartbeats.enabled

function compileOne(pair: EffectivePair, file: Entries, outside: Outside, problems: Problems): Flow {
  const { connector, worker } = pair
  const flow = flowName(pair)
  const consumer = connectorClient(connector, 'source', 'consumer')
  const producer = recordProducer(worker, connector)
  const own = scopedProblems(problems, layered(file, connector, consumer), {
    flow,
    stops: 'flow',
    fallbackKey: (key) => `${flow}.${key}`,
  })
  refuseConnectorCode(connector, own)
  const input = { pair, path: problems.file, file, connector, worker, consumer, producer, problems: own }
  const client = (entries: Entries, definition: ClientDefinition, place: ClientPlace) => {
    const fallbackKey = (key: string) => `${place.alias}.${key}`
    const scoped = scopedProblems(problems, entries, { flow, stops: 'flow', fallbackKey })
    return compileCluster(entries, definition, place, { readFile: outside.readFile, problems: scoped })
  }
  const places = clientPlaces(pair)
  return {
    settings: compileFlow(input),
    sourceCluster: client(consumer, consumerDefinition, places.consumer),
    targetCluster: client(producer, producerDefinition, places.producer),
    sourceAdmin: client(connectorClient(connector, 'source', 'admin'), adminDefinition, places.sourceAdmin),
    targetAdmin: client(connectorClient(connector, 'target', 'admin'), adminDefinition, places.targetAdmin),
  }
}

/** Refuses Java code that a connector would run: filters, transforms. Code for logins is checked with the clients. */
function refuseConnectorCode(connector: Entries, problems: ScopedProblems): void {
  const settings = [...anyConnectorDefinition.values()].filter(({ name }) => !isClientKey(name))
  refuseJavaCode(connector, settings, problems)
}

/** The four clients of a flow, with MM2's names. */
function clientPlaces(
  pair: EffectivePair,
): Readonly<Record<'consumer' | 'producer' | 'sourceAdmin' | 'targetAdmin', ClientPlace>> {
  const { connector, connectorName, source, target } = pair
  const name = connector.get('name')?.text ?? connectorName
  const { sourceAlias, targetAlias } = aliasesOf(connector, pair)
  const place = (alias: string, role: string) => ({
    alias,
    clientId: `${sourceAlias}->${targetAlias}|${role}`,
    isPrefixed: true,
  })
  return {
    consumer: place(source, `${name}-0|replication-consumer`),
    producer: { alias: target, clientId: `connector-producer-${connectorName}-0`, isPrefixed: false },
    sourceAdmin: place(source, `${name}|replication-source-admin`),
    targetAdmin: place(target, `${name}|replication-target-admin`),
  }
}
