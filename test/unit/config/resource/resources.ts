// Loads KafkaMirrorMaker2 resources from text in both layouts. Additional files are given as a record.
import { type Loaded, loadConfiguration } from '../../../../src/config/load.ts'
import type { Flow } from '../../../../src/config/model.ts'
import type { ConfigProblem } from '../../../../src/config/problems.ts'
import { type ShownPair, shownPairs } from '../../../../src/config/show.ts'

export interface Inputs {
  /** path -> content; the resource itself is `/k8s/mm2.yaml` unless `file` says otherwise */
  readonly files?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  readonly secretsDir?: string
  readonly file?: string
}

/** The old layout: west is copied to east, with defaults. The pieces are inserted after the fields they belong to. */
export interface OldPieces {
  readonly spec?: string
  readonly west?: string
  readonly east?: string
  readonly mirror?: string
  /** replaces the source and checkpoint connectors of the mirror */
  readonly connectors?: string
}

const indented = (text: string, by: number) =>
  text === '' ? '' : `${text.replaceAll(/^(?=.)/gm, ' '.repeat(by)).trimEnd()}\n`

export const old = ({ spec = '', west = '', east = '', mirror = '', connectors }: OldPieces = {}): string =>
  `apiVersion: kafka.strimzi.io/v1beta2
kind: KafkaMirrorMaker2
metadata:
  name: bridge
  namespace: move
spec:
  connectCluster: east
  clusters:
    - alias: west
      bootstrapServers: west:9092
${indented(west, 6)}    - alias: east
      bootstrapServers: east:9092
${indented(east, 6)}  mirrors:
    - sourceCluster: west
      targetCluster: east
${indented(connectors ?? 'sourceConnector: {}\ncheckpointConnector: {}', 6)}${indented(mirror, 6)}${indented(spec, 2)}`

export interface NewPieces {
  readonly spec?: string
  readonly target?: string
  readonly source?: string
  readonly mirror?: string
  readonly connectors?: string
}

export const fresh = ({ spec = '', target = '', source = '', mirror = '', connectors }: NewPieces = {}): string =>
  `apiVersion: kafka.strimzi.io/v1
kind: KafkaMirrorMaker2
metadata:
  name: bridge
spec:
  target:
    alias: east
    bootstrapServers: east:9092
    groupId: bridge-group
    configStorageTopic: bridge-configs
    offsetStorageTopic: bridge-offsets
    statusStorageTopic: bridge-status
${indented(target, 4)}  mirrors:
    - source:
        alias: west
        bootstrapServers: west:9092
${indented(source, 8)}${indented(connectors ?? 'sourceConnector: {}\ncheckpointConnector: {}', 6)}${indented(mirror, 6)}${indented(spec, 2)}`

/** A Secret with these plain texts. */
export const secret = (name: string, values: Readonly<Record<string, string>>, namespace = 'move'): string =>
  `---
apiVersion: v1
kind: Secret
metadata:
  name: ${name}
  namespace: ${namespace}
data:
${Object.entries(values)
  .map(([key, value]) => `  ${key}: "${Buffer.from(value).toString('base64')}"\n`)
  .join('')}`

export const certificate = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`
export const privateKey = '-----BEGIN PRIVATE KEY-----\nS0VZ\n-----END PRIVATE KEY-----\n'

export function load(
  text: string,
  { files = {}, environment = {}, file = '/k8s/mm2.yaml', ...more }: Inputs = {},
): Loaded {
  const all: Record<string, string> = { ...files, [file]: text }
  return loadConfiguration({
    ...more,
    file,
    bytes: Buffer.from(text),
    environment: (name) => environment[name],
    readFile(path) {
      const content = all[path]
      if (content === undefined) throw new Error(`ENOENT: ${path}`)
      return Buffer.from(content)
    },
    listDirectory(path) {
      const names = Object.keys(all).filter((name) => name.startsWith(`${path}/`))
      if (names.length === 0) throw new Error(`ENOENT: ${path}`)
      return names.map((name) => name.slice(path.length + 1)).filter((name) => !name.includes('/'))
    },
  })
}

/** The only flow of a valid resource. */
export function onlyFlow(text: string, inputs: Inputs = {}): Flow {
  const { model, problems } = load(text, inputs)
  const [flow] = model?.flows ?? []
  if (flow === undefined) throw new Error(`no flow: ${JSON.stringify(problems, null, 1)}`)
  return flow
}

/** The maps of the first pair in `config show --output json`. */
export function maps(text: string, inputs: Inputs = {}): ShownPair {
  const { effective, problems } = load(text, inputs)
  const [pair] = effective === undefined ? [] : shownPairs(effective, true).clusterPairs
  if (pair === undefined) throw new Error(`no pair: ${JSON.stringify(problems, null, 1)}`)
  return pair
}

/** All problems as `severity key reason`. */
export const said = (problems: readonly ConfigProblem[]): string[] =>
  problems.map(({ severity, key, reason }) => [severity, key, reason].filter(Boolean).join(' '))

/** The problems of one key, including remedies. */
export const saidOf = (problems: readonly ConfigProblem[], key: string): string =>
  problems
    .filter((problem) => problem.key === key)
    .map(({ severity, reason, remedy }) => `${severity}: ${reason} | ${remedy}`)
    .join('\n')

/** The number of the first line that contains `part`. */
export const lineOf = (text: string, part: string): number =>
  text.split('\n').findIndex((line) => line.includes(part)) + 1
