// Collects the input of `godwit init` (options, files, answers) and creates the files to write.
import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Failure } from '../../base/failure.ts'
import { connectorDefault } from '../../config/definitions.ts'
import { describeProblem } from '../../config/problems.ts'
import { type ClusterDraft, mergedDrafts, protocolOf, secretOf } from '../../init/cluster-draft.ts'
import { connectorsOfText } from '../../init/connector-file.ts'
import { type ConnectorConfig, sectionsOfConnectors } from '../../init/connectors.ts'
import { draftsOf, serversOf } from '../../init/descriptions.ts'
import { isMirrorMakerFile, sectionsOfFile } from '../../init/existing.ts'
import { type DraftSide, newConfiguration } from '../../init/new-configuration.ts'
import { askConnect, askJuju } from '../../init/outside.ts'
import { filesOf, type NewFile } from '../../init/sections.ts'
import { type Context, flagOf, listOf, textOf } from '../command.ts'
import { wholeNumberOf } from '../numbers.ts'
import { readConfiguration } from '../read-configuration.ts'

export interface Gathered {
  readonly files: readonly NewFile[]
  /** absolute path */
  readonly directory: string
}

/** The files to write, the configuration first. @throws Failure USAGE for missing input; CONFIG_INVALID for unreadable input */
export async function configurationFiles(context: Context): Promise<Gathered> {
  const { values, version } = context
  const path = resolve(textOf(values, 'file') ?? 'mm2.properties')
  const [name, directory] = [basename(path), dirname(path)]
  const pathOf = (file: string) => join(directory, file)
  const head = [
    `Written by godwit ${version}. 'godwit check ${name}' checks both clusters, 'godwit run ${name}' copies.`,
    'MirrorMaker 2 can use this file too.',
  ]
  const from = textOf(values, 'from')
  if (from !== undefined) {
    return { directory, files: filesOf(name, head, await existingSections(context, from), pathOf) }
  }
  const source = await clusterSide(context, 'source')
  const target = await clusterSide(context, 'target')
  if (source.alias === target.alias) {
    throw new Failure('USAGE', 'both clusters have the same alias', {
      remedy: 'give --source-alias and --target-alias',
    })
  }
  const request = {
    source,
    target,
    topics:
      textOf(values, 'topics') ??
      (await answer(context, 'Topics to copy (Java patterns)', connectorDefault('MirrorSourceConnector', 'topics'))),
    topicsExclude: textOf(values, 'topics-exclude'),
    groups: textOf(values, 'groups') ?? connectorDefault('MirrorCheckpointConnector', 'groups'),
    policy: textOf(values, 'policy') === 'default' ? ('default' as const) : ('identity' as const),
    replicationFactor: wholeNumberOf(values, 'replication-factor', -1, 1),
    syncGroups: !flagOf(values, 'no-sync-groups'),
    syncAcls: flagOf(values, 'sync-acls'),
    port: wholeNumberOf(values, 'port', 0, 1) || undefined,
  }
  return { directory, files: newConfiguration(name, head, request, pathOf) }
}

/** The answer at the terminal, or the fallback without a terminal. */
async function answer({ ask }: Context, question: string, fallback: string): Promise<string> {
  return ask ? ask(question, { fallback }) : fallback
}

async function clusterSide(context: Context, which: 'source' | 'target'): Promise<DraftSide> {
  const { values } = context
  const given = (name: string) => textOf(values, `${which}-${name}`)
  const alias = given('alias') ?? which
  const drafts: ClusterDraft[] = []
  for (const file of listOf(values, which)) drafts.push(...draftsOf(await described(context, file), file))
  const unit = given('juju')
  if (unit !== undefined) {
    const texts = await askJuju(unit, { ...context.environment })
    drafts.push(...texts.flatMap((text) => draftsOf(text, unit)))
  }
  const draft = mergedDrafts([...drafts, optionsDraft(given)])
  return { which, alias, draft: await completed(context, alias, draft) }
}

function optionsDraft(given: (name: string) => string | undefined): ClusterDraft {
  const [servers, protocol, mechanism, username] = ['servers', 'security-protocol', 'sasl-mechanism', 'username'].map(
    given,
  )
  const [password, ca] = [secretOf(given('password')), given('ca')]
  return {
    ...(servers !== undefined && { servers: servers.split(',').map((one) => one.trim()) }),
    ...(protocol !== undefined && { protocol }),
    ...(mechanism !== undefined && { mechanism }),
    ...(username !== undefined && { username }),
    ...(password && { password }),
    ...(ca !== undefined && { ca: fileText(ca) }),
  }
}

/** Asks for missing values at a terminal. Without one, newConfiguration reports them. */
async function completed({ ask }: Context, alias: string, draft: ClusterDraft): Promise<ClusterDraft> {
  if (!ask) return draft
  let known = draft
  if (!known.servers?.length) {
    const servers = serversOf(await ask(`Brokers of ${alias}, HOST:PORT, separated by commas`))
    const protocol = await ask(`Security protocol of ${alias}: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL`, {
      fallback: 'PLAINTEXT',
    })
    known = { ...known, servers, protocol }
  }
  if (!protocolOf(known).startsWith('SASL') || known.keys?.['sasl.jaas.config'] !== undefined) return known
  if (known.mechanism === undefined) {
    known = { ...known, mechanism: await ask(`SASL mechanism of ${alias}`, { fallback: 'SCRAM-SHA-512' }) }
  }
  if (known.username === undefined) known = { ...known, username: await ask(`User of ${alias}`) }
  if (known.password !== undefined) return known
  const password = secretOf(await ask(`Password of ${known.username}`, { isSecret: true }))
  return password ? { ...known, password } : known
}

async function described({ readInput }: Context, file: string): Promise<string> {
  return file === '-' && readInput ? readInput() : fileText(file)
}

function fileText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new Failure('CONFIG_INVALID', 'the file cannot be read', {
      file,
      cause,
      remedy: 'check its path and its permissions',
    })
  }
}

async function existingSections(context: Context, from: string) {
  if (/^https?:\/\//.test(from)) {
    const address = from.replace(/\/\/[^@/]*@/, '//')
    return sectionsOfConnectors(await askConnect(from, context.signal), address)
  }
  const text = fileText(from)
  if (isMirrorMakerFile(text)) return sectionsOfFile(text, basename(from))
  const connectors = connectorsOfText(text, basename(from))
  if (connectors.length > 0) return sectionsOfConnectors(connectors, basename(from), 'nowhere')
  return sectionsOfConnectors(resourceConnectors(context, from), basename(from))
}

/** The connectors that the operator would create. @throws Failure CONFIG_INVALID with every error of the file */
function resourceConnectors({ environment, values }: Context, file: string): ConnectorConfig[] {
  const { effective, problems } = readConfiguration(file, { environment, secretsDir: textOf(values, 'secrets-dir') })
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (!effective || errors.length > 0) {
    throw new Failure('CONFIG_INVALID', errors.map(describeProblem).join('\n'), {
      file,
      remedy: 'give an mm2.properties, a KafkaMirrorMaker2 as YAML, or http://CONNECT:8083',
    })
  }
  return effective.pairs.flatMap(({ source, target, checked }) =>
    Object.entries(checked).map(([kind, entries]) => ({
      name: `${source}->${target}.${kind}`,
      config: {
        'connector.class': kind,
        'source.cluster.alias': source,
        'target.cluster.alias': target,
        ...Object.fromEntries([...entries].map(([key, { text: value }]) => [key, value])),
      },
    })),
  )
}
