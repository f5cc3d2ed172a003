// KafkaMirrorMaker2 resources of Strimzi and Event Streams as configuration. The properties dialect returns entries that MM2
// resolves; this one returns the maps that the operator derives from the resource.

import { isOfProcess } from '../definitions.ts'
import type { Effective, EffectivePair } from '../effective.ts'
import type { Problems } from '../problems.ts'
import { type Entry, flowName } from '../resolve.ts'
import type { Providers, ResourceInput } from './providers.ts'
import { adviseOnMirror, adviseOnResource } from './resource/advice.ts'
import { connectionKeys } from './resource/connection.ts'
import { type MirrorInput, pairOf, type ReadCluster, rackEntry } from './resource/connectors.ts'
import { mirrorPair } from './resource/flow.ts'
import { adviseOnConnectorKeys, adviseOnSourceKeys, adviseOnTargetKeys } from './resource/key-advice.ts'
import { aliasOf, type Mirror, type Resource, readResource } from './resource/layout.ts'
import { Place } from './resource/place.ts'
import { resolveConfig, resourceProviders } from './resource/references.ts'
import { resourcesIn, Secrets } from './resource/secrets.ts'
import { parseYaml, type YamlMap } from './yaml.ts'

/** Reads the resources of a file; undefined, and problems, if the operator would refuse them. */
export function readResources(input: ResourceInput, problems: Problems): Effective | undefined {
  const text = new TextDecoder().decode(input.bytes)
  const { documents, problems: mistakes } = parseYaml(text)
  for (const { line, reason } of mistakes)
    problems.add('error', reason, 'correct the YAML; mind the indentation, and quotes around signs', {
      line,
      stops: 'process',
    })
  if (mistakes.length > 0) return undefined
  const maps = resourcesIn(documents)
  const found = maps.filter(isMirrorMaker)
  if (found.length === 0) refuseOthers(maps, problems)
  const secrets = new Secrets(maps, input)
  const resources = found.flatMap((map) => readResource(map, problems) ?? [])
  const read = resources.map((resource) => readMirrors(resource, { ...input, secrets }, problems))
  const pairs = read.flatMap((one) => one.pairs)
  refuseDuplicateFlows(pairs, problems)
  if (problems.has('process')) return undefined
  const clusters = [...new Set(resources.flatMap(({ aliases }) => aliases))]
  return { dialect: 'resource', clusters, pairs, file: new Map(read.flatMap((one) => one.own)) }
}

const groups = /^(?:kafka\.strimzi\.io|eventstreams\.ibm\.com)\//

function isMirrorMaker(map: YamlMap): boolean {
  const place = new Place(map, '')
  return place.text('kind') === 'KafkaMirrorMaker2' && groups.test(place.text('apiVersion') ?? '')
}

/** Reports what the file contains instead. */
function refuseOthers(maps: readonly YamlMap[], problems: Problems): void {
  const places = maps.map((map) => new Place(map, ''))
  const others = new Set(
    places.map((place) =>
      [place.text('apiVersion'), place.text('kind') ?? 'something without a kind'].filter(Boolean).join(' '),
    ),
  )
  const reason = `holds no KafkaMirrorMaker2 of kafka.strimzi.io or eventstreams.ibm.com, but ${[...others].join(', ') || 'nothing'}`
  problems.add('error', reason, 'give the file with the KafkaMirrorMaker2, or an mm2.properties', { stops: 'process' })
}

/** Two flows with one name cannot be distinguished. */
function refuseDuplicateFlows(pairs: readonly EffectivePair[], problems: Problems): void {
  const names = pairs.map(flowName)
  const twice = new Set(names.filter((name, at) => names.indexOf(name) < at))
  for (const name of twice)
    problems.add(
      'error',
      `holds two resources that mirror ${name}`,
      'give one of them other aliases, or a file of its own',
      {
        stops: 'process',
      },
    )
}

interface ReadMirrors {
  readonly pairs: readonly EffectivePair[]
  /** godwit's own keys, with their names in a properties file */
  readonly own: readonly (readonly [string, Entry])[]
}

type Surroundings = ResourceInput & { readonly secrets: Secrets }

function readMirrors(resource: Resource, around: Surroundings, problems: Problems): ReadMirrors {
  const { secrets } = around
  const { namespace } = resource
  const providers = resourceProviders(resource.target.entries('config'), around, { namespace, secrets, problems })
  const read = (place: Place): ReadCluster => ({
    place,
    connection: connectionKeys(place, { ...resource, secrets, problems }),
    config: resolveConfig(place.entries('config'), providers, problems),
  })
  const target = read(resource.target)
  const rack = rackEntry(resource.spec, around.environment, problems)
  adviseOnTargetKeys(target, resource, problems)
  const inputs = resource.mirrors.map((mirror): MirrorInput => {
    return problems.concerning(flowName(pairOf({ mirror, resource })), () => {
      const source = read(mirror.source)
      adviseOnSourceKeys(source.config, problems)
      return { resource, mirror, source, target, rack, configs: configsOf(mirror, providers, problems) }
    })
  })
  adviseOnResource(resource, problems)
  const pairs = inputs.map((input) => advisedPair(input, problems))
  return { pairs, own: [...inputs.flatMap(ownKeys), ...targetKeys(`${aliasOf(resource.target)}.`, target.config)] }
}

function advisedPair(input: MirrorInput, problems: Problems): EffectivePair {
  const pair = mirrorPair(input)
  adviseOnConnectorKeys(input, problems)
  adviseOnMirror(input, pair.connector, problems)
  return pair
}

function configsOf(mirror: Mirror, providers: Providers, problems: Problems): MirrorInput['configs'] {
  const read = Object.entries(mirror.connectors).map(([name, place]) => [
    name,
    resolveConfig(place.entries('config'), providers, problems),
  ])
  return Object.fromEntries(read)
}

/**
 * godwit's own keys: those of a flow in the config of its source connector; those of all flows and of the process in the
 * target's.
 */
const ownKeys = (input: MirrorInput) =>
  below(`${flowName(pairOf(input))}.`, input.configs.MirrorSourceConnector ?? new Map())

const targetKeys = (prefix: string, config: ReadonlyMap<string, Entry>): [string, Entry][] =>
  below('', config).map(([key, entry]) => [isOfProcess(key) ? key : prefix + key, entry])

const below = (prefix: string, config: ReadonlyMap<string, Entry>): [string, Entry][] =>
  [...config].filter(([key]) => key.startsWith('godwit.')).map(([key, entry]) => [prefix + key, entry])
