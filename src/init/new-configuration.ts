// Writes a configuration for one flow from the known settings of its two clusters.
import { Failure } from '../base/failure.ts'
import { connectorDefault } from '../config/definitions.ts'
import { jaasLine } from '../config/text.ts'
import { type ClusterDraft, protocolOf } from './cluster-draft.ts'
import type { FileSection, FileSetting, NewFile, PathOf } from './sections.ts'
import { filesOf } from './sections.ts'

export interface DraftSide {
  /** as in the options of `godwit init` */
  readonly which: 'source' | 'target'
  readonly alias: string
  readonly draft: ClusterDraft
}

interface ConfigurationOptions {
  readonly source: DraftSide
  readonly target: DraftSide
  /** Java patterns, separated by commas */
  readonly topics: string
  /** in addition to the default ones */
  readonly topicsExclude?: string | undefined
  readonly groups: string
  readonly policy: 'identity' | 'default'
  /** -1: the target's default */
  readonly replicationFactor: number
  readonly syncGroups: boolean
  readonly syncAcls: boolean
  /** port of servers that are given without one */
  readonly port?: number | undefined
}

const identityPolicy = 'org.apache.kafka.connect.mirror.IdentityReplicationPolicy'

/**
 * The files to write: the configuration, its secrets, certificates. @param head comment lines at the top
 * @throws Failure USAGE that names the missing setting and the option for it
 */
export function newConfiguration(
  name: string,
  head: readonly string[],
  options: ConfigurationOptions,
  pathOf: PathOf,
): NewFile[] {
  const { source, target } = options
  const certificates = [source, target].flatMap((side) => certificateFiles(side))
  const sections: FileSection[] = [
    {
      title: 'Clusters and flow',
      settings: [
        { key: 'clusters', value: `${source.alias}, ${target.alias}` },
        { key: `${source.alias}->${target.alias}.enabled`, value: 'true' },
        {
          key: `${target.alias}->${source.alias}.enabled`,
          value: 'false',
          comment: 'The reverse direction: true only after clients have moved and records must be copied back.',
        },
      ],
    },
    ...[source, target].map((side) => clusterSection(side, options.port, pathOf)),
    flowSection(options),
  ]
  return [...filesOf(name, head, sections, pathOf), ...certificates]
}

function clusterSection(side: DraftSide, port: number | undefined, pathOf: PathOf): FileSection {
  const { alias, draft } = side
  const key = (name: string) => `${alias}.${name}`
  const protocol = protocolOf(draft)
  const settings: FileSetting[] = [
    { key: key('bootstrap.servers'), value: serversText(side, port) },
    { key: key('security.protocol'), value: protocol },
    ...(protocol.startsWith('SASL') ? saslSettings(side) : []),
    ...trustSettings(alias, draft, pathOf),
    ...Object.entries(draft.keys ?? {}).map(([name, value]) => ({ key: key(name), value })),
  ]
  const from = draft.from?.length ? [`From ${draft.from.join(', ')}.`] : []
  return { title: `The cluster ${alias}`, comment: [...from, ...(draft.notes ?? [])], settings: unique(settings) }
}

/** The first setting of each key: explicit options come before settings from files. */
function unique(settings: readonly FileSetting[]): FileSetting[] {
  return [...new Map(settings.toReversed().map((one) => [one.key, one])).values()].toReversed()
}

function serversText(side: DraftSide, port: number | undefined): string {
  const { servers = [] } = side.draft
  if (servers.length === 0) throw lacks(side, 'no addresses of brokers are', `--${side.which}-servers HOST:PORT,...`)
  const withPort = servers.map((server) => (/:\d+$/.test(server) || port === undefined ? server : `${server}:${port}`))
  const without = withPort.find((server) => !/:\d+$/.test(server))
  if (without !== undefined) throw lacks(side, `no port of ${without} is`, '--port N, for all servers without one')
  return withPort.join(',')
}

function saslSettings(side: DraftSide): FileSetting[] {
  const { which, alias, draft } = side
  const { mechanism, username, password, keys = {} } = draft
  const how = mechanism ?? keys['sasl.mechanism'] ?? 'SCRAM-SHA-512'
  const settings = [{ key: `${alias}.sasl.mechanism`, value: how }]
  if (keys['sasl.jaas.config'] !== undefined) return settings
  if (username === undefined)
    throw lacks(side, 'no user is', `--${which}-username NAME, or a file that names one with --${which}`)
  if (password === undefined)
    throw lacks(
      side,
      `no password of ${username} is`,
      `GODWIT_${which.toUpperCase()}_PASSWORD in the environment, or a file that holds it with --${which}`,
    )
  return [...settings, { key: `${alias}.sasl.jaas.config`, value: jaasLine(how, username, password.reveal()) }]
}

/** @param what the missing setting, as the beginning of a sentence, e.g. `no user is` */
function lacks({ which, alias }: DraftSide, what: string, remedy: string): Failure {
  const sentence = `${what} given for the ${which}`
  return new Failure('USAGE', sentence, { cluster: alias, remedy: `give ${remedy}` })
}

const caName = (alias: string) => `${alias}-ca.pem`
const clientName = (alias: string) => `${alias}-client.pem`

function trustSettings(alias: string, { ca, certificate }: ClusterDraft, pathOf: PathOf): FileSetting[] {
  const store = (kind: string, name: string) => [
    { key: `${alias}.ssl.${kind}.type`, value: 'PEM' },
    { key: `${alias}.ssl.${kind}.location`, value: pathOf(name) },
  ]
  return [
    ...(ca === undefined ? [] : store('truststore', caName(alias))),
    ...(certificate === undefined ? [] : store('keystore', clientName(alias))),
  ]
}

function certificateFiles({ alias, draft: { ca, certificate, key } }: DraftSide): NewFile[] {
  return [
    ...(ca === undefined ? [] : [{ name: caName(alias), text: ca, mode: 0o644 }]),
    ...(certificate === undefined
      ? []
      : [{ name: clientName(alias), text: `${key?.reveal() ?? ''}\n${certificate}`, mode: 0o600 }]),
  ]
}

/** A value replaces MM2's default, which is therefore repeated. */
const excludeSetting = (more: string): FileSetting => ({
  key: 'topics.exclude',
  value: `${connectorDefault('MirrorSourceConnector', 'topics.exclude')},${more}`,
})

function flowSection({
  topics,
  topicsExclude,
  groups,
  policy,
  replicationFactor,
  syncGroups,
  syncAcls,
}: ConfigurationOptions): FileSection {
  const identity = { key: 'replication.policy.class', value: identityPolicy }
  return {
    title: 'What is copied, and under which names',
    settings: [
      { key: 'topics', value: topics, comment: 'Java patterns, separated by commas; topics.exclude leaves some out.' },
      ...(topicsExclude === undefined ? [] : [excludeSetting(topicsExclude)]),
      { key: 'groups', value: groups },
      policy === 'identity'
        ? { ...identity, comment: 'Topic names are kept: clients move without a change.' }
        : {
            ...identity,
            isSuggestion: true,
            comment: "Copies have the source's alias as a prefix: source.orders. To keep topic names:",
          },
      {
        key: 'replication.factor',
        value: String(replicationFactor),
        comment: "Of topics that are created; -1: the target's default.",
      },
      {
        key: 'sync.group.offsets.enabled',
        value: String(syncGroups),
        comment:
          'Exact translated offsets of consumer groups are committed on the target while the group has no active members there.',
      },
      {
        key: 'sync.topic.acls.enabled',
        value: String(syncAcls),
        comment: 'Needs Describe on the source cluster and Alter on the target.',
      },
      { key: 'refresh.topics.interval.seconds', value: '30', comment: 'How soon new topics and partitions are found.' },
      { key: 'refresh.groups.interval.seconds', value: '30' },
      { key: 'emit.checkpoints.interval.seconds', value: '20' },
      { key: 'sync.group.offsets.interval.seconds', value: '20' },
      ...['offset-syncs', 'checkpoints', 'heartbeats'].map((topic) => ({
        key: `${topic}.topic.replication.factor`,
        value: String(replicationFactor),
      })),
      ...['offset.storage', 'config.storage', 'status.storage'].map((topic) => ({
        key: `${topic}.replication.factor`,
        value: String(replicationFactor),
      })),
      {
        key: 'offset-syncs.topic.location',
        value: 'target',
        comment: 'The user on the source then needs no permission to write.',
      },
    ],
  }
}
