// Warnings and notes about a resource that the operator would accept: unexpected effects, and fields without effect.

import { connectorDefinitions } from '../../definitions.ts'
import { javaTrim } from '../../parse.ts'
import type { Problems } from '../../problems.ts'
import type { Entries, Entry } from '../../resolve.ts'
import { type MirrorInput, pairOf } from './connectors.ts'
import { internalSeparator, stoppedBy } from './flow.ts'
import type { Mirror, Resource } from './layout.ts'
import type { Place } from './place.ts'

/** Warnings and notes about a resource as a whole. */
export function adviseOnResource(resource: Resource, problems: Problems): void {
  const { spec, mirrors } = resource
  const replicas = spec.entry('replicas')
  if (replicas?.text === '0')
    problems.about('warning', replicas, 'is 0: the operator would run nothing, godwit copies all the same', 'remove it')
  noteWithoutEffect(spec, mirrors, problems)
  for (const mirror of mirrors) adviseOnConnectors(mirror, problems)
}

const metrics = 'metrics are always served, see --http'
const memory = 'godwit.memory.bytes bounds the memory'

/** Fields that suggest an effect which godwit does not have, and what to use instead. */
const instead: Readonly<Record<string, string>> = {
  replicas: 'a second process on the same file stands by for the first',
  resources: memory,
  jvmOptions: memory,
  jmxOptions: metrics,
  metricsConfig: metrics,
  metrics,
  logging: '--log-level and --log-format rule the log',
  tracing: 'nothing is traced',
  externalConfiguration: 'what is mounted there has to be readable for godwit under the same path',
  tasksMax: 'one process copies all partitions of a flow',
  autoRestart: 'a flow tries again by itself',
  listOffsets: '`godwit positions show` shows offsets',
  alterOffsets: '`godwit positions reset` alters offsets',
}

/** One note for all of them. */
function noteWithoutEffect(spec: Place, mirrors: readonly Mirror[], problems: Problems): void {
  const places = [spec, ...mirrors.flatMap(({ connectors }) => Object.values(connectors))]
  const found = places.flatMap((place) =>
    Object.keys(instead).flatMap((name) => {
      const isOne = /^(?:0|1)$/.test(place.text(name) ?? '')
      return place.has(name) && !isOne ? [{ name, line: place.lineOf(name), key: place.pathOf(name) }] : []
    }),
  )
  if (found.length === 0) return
  const names = found.map(({ key, line }) => `${key} (line ${line})`)
  const hints = new Set(found.map(({ name }) => instead[name] ?? ''))
  problems.add('note', `accepted, but without effect here: ${names.join(', ')}`, [...hints].join('; '))
}

/** Connectors that are not created, or not running. */
function adviseOnConnectors({ place, connectors, layout }: Mirror, problems: Problems): void {
  const line = (name: string) => ({ line: place.lineOf(name), key: place.pathOf(name) })
  for (const name of ['sourceConnector', 'checkpointConnector', 'heartbeatConnector']) {
    if (!place.names.includes(name) || place.has(name)) continue
    const reason = 'has nothing behind it, which Kubernetes takes for absent: the connector is not made'
    problems.add('warning', reason, `write ${name}: {} for its defaults, or remove it`, line(name))
  }
  if (connectors.MirrorSourceConnector === undefined && !place.names.includes('sourceConnector'))
    problems.add(
      'warning',
      'has no sourceConnector, so nothing is copied',
      'write sourceConnector: {} for its defaults',
      {
        line: place.line,
        key: place.path,
      },
    )
  for (const connector of Object.values(connectors)) {
    const { key, line: at } = stoppedBy(connector, layout) ?? {}
    if (key !== undefined && at !== undefined)
      problems.add('warning', 'keeps the connector from working, here too', 'write state: running when it is to work', {
        line: at,
        key,
      })
  }
}

/** Warnings about the configuration of a mirror's connectors. */
export function adviseOnMirror(input: MirrorInput, connector: Entries, problems: Problems): void {
  adviseOnPolicy(input, connector, problems)
  adviseOnAgreement(input, problems)
  adviseOnGroups(input, problems)
}

const strimziPolicy = 'io.strimzi.kafka.connect.mirror.IdentityReplicationPolicy'

function adviseOnPolicy(input: MirrorInput, connector: Entries, problems: Problems): void {
  const policy = connector.get('replication.policy.class')
  if (policy && javaTrim(policy.text) === strimziPolicy)
    problems.about(
      'warning',
      policy,
      "is a class of an extension that is shipped no more; it is taken for Kafka's own, which does the same",
      'write org.apache.kafka.connect.mirror.IdentityReplicationPolicy',
    )
  const separator = connector.get('replication.policy.separator')
  if (separator?.text !== '' || connector.get(internalSeparator)?.key !== separator.key) return
  const { source } = pairOf(input)
  problems.about(
    'warning',
    separator,
    `is empty: Kafka since 3.1 would also name its own topics without dots (${source}checkpointsinternal); godwit keeps the dots (${source}.checkpoints.internal)`,
    `remove it, or write ${internalSeparator}: true for the names without dots`,
  )
}

/** Keys that must be equal in source and checkpoint connector; otherwise groups are not translated. */
const shared = [
  'replication.policy.class',
  'replication.policy.separator',
  internalSeparator,
  'offset-syncs.topic.location',
  'topic.filter.class',
] as const

function adviseOnAgreement({ configs, mirror }: MirrorInput, problems: Problems): void {
  const { MirrorSourceConnector: source, MirrorCheckpointConnector: checkpoint } = configs
  if (!source || !checkpoint) return
  for (const key of shared) {
    const [here, there] = [source.get(key), checkpoint.get(key)]
    const blamed = there ?? here
    if (blamed === undefined || effectiveText(key, here) === effectiveText(key, there)) continue
    const where =
      there === undefined || here === undefined ? 'is only in one of the two' : `is another one on line ${here.line}`
    const reason = `has to be the same in sourceConnector and checkpointConnector, but ${where}: groups are then not translated`
    problems.about('warning', blamed, reason, `write ${key} into both, with the same value (${mirror.place.path})`)
  }
}

const effectiveText = (key: string, entry: Entry | undefined): string | null | undefined =>
  entry?.text ?? connectorDefinitions.MirrorSourceConnector.get(key)?.default

function adviseOnGroups({ configs, mirror }: MirrorInput, problems: Problems): void {
  const key = 'sync.group.offsets.enabled'
  const checkpoint = mirror.connectors.MirrorCheckpointConnector
  if (checkpoint === undefined || stoppedBy(checkpoint, mirror.layout) || configs.MirrorCheckpointConnector?.has(key))
    return
  problems.add(
    'warning',
    `asks for checkpoints only: without ${key} no group gets an offset on the target, and kafka-consumer-groups.sh --reset-offsets --all-topics finds no topics for a group there`,
    `write ${key}: true into its config, or name the topics when offsets are reset`,
    { line: checkpoint.line, key: checkpoint.path },
  )
}
