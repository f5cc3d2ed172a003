// Random configuration files with keys of all tables, with every prefix, and valid and invalid values.

import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../../src/config/definitions.ts'
import type { Setting } from '../../src/config/setting.ts'
import { flowOnlySettings } from '../../src/config/settings/flow-only.ts'
import type { AwkwardConfiguration } from './awkward-configurations.ts'

/** A repeatable sequence of numbers below `limit`. */
export function numbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
}

/** Settings whose classes Java would load or ask for versions are not compared. */
const isComparable = ({ name, type }: Setting) =>
  type !== 'class' &&
  !/^(?:connector\.class|name|plugin\.path|transforms|predicates|inter\.worker\..*)$|plugin\.version$|^clusters$|^config\.providers$/.test(
    name,
  )

const definitions = [topDefinition, ...Object.values(connectorDefinitions), workerDefinition]
const settings: readonly Setting[] = [
  ...definitions.flatMap((definition) => [...definition.values()]),
  ...flowOnlySettings,
].filter(isComparable)
const clientSettings = [consumerDefinition, producerDefinition, adminDefinition].flatMap((definition) => [
  ...definition.values(),
])

const aliasSets = [
  ['a', 'b'],
  ['us', 'us.west'],
  ['a', 'b', 'c'],
  ['old-1', 'new_2'],
  ['a', 'a->b', 'b'],
]

const good: Readonly<Record<Setting['type'], readonly string[]>> = {
  boolean: ['true', 'false', 'TRUE ', ' False'],
  int: ['1', '3', '+5', '-1', ' 7 '],
  short: ['1', '2', '+5'],
  long: ['1', '60', '+600'],
  double: ['0.8', '.5', '6e-1'],
  list: ['x', 'x, y', 'x.*,y', ' x ', ''],
  string: ['x', ' x ', 'x y'],
  class: [''],
  password: ['p', ' p '],
}
const bad = [
  '',
  'maybe',
  '1.5',
  '5s',
  '99999999999',
  '9999999999999999999',
  'a,,b',
  'a,a',
  ',',
  '0',
  '-2',
  '1,',
  'x # y',
]

/** A file that is determined by the seed. */
export function randomConfiguration(seed: number): AwkwardConfiguration {
  const next = numbers(seed * 7919 + 1)
  const pick = <T>(items: readonly T[], otherwise: T): T => items[next(items.length)] ?? otherwise
  const aliases = pick(aliasSets, ['a', 'b'])
  const prefix = () => {
    const [source, target] = [pick(aliases, 'a'), pick(aliases, 'b')]
    return pick(['', '', `${source}.`, `${target}.`, `${source}->${target}.`], '')
  }
  const line = () => {
    const isClient = next(4) === 0
    const setting = isClient ? pick(clientSettings, undefined) : pick(settings, undefined)
    if (setting === undefined) return ''
    const role = isClient
      ? pick(['consumer.', 'producer.', 'admin.', 'source.consumer.', 'producer.override.', 'source.cluster.'], '')
      : ''
    const values = next(12) === 0 ? bad : [...(setting.range?.choices ?? good[setting.type]), setting.default ?? 'x']
    return `${prefix()}${role}${setting.name} = ${pick(values, '')}`
  }
  const servers = aliases.map((alias, at) => `${alias}.bootstrap.servers = h${at}:9092`)
  const lines = Array.from({ length: 1 + next(25) }, line)
  const [first = '', second = ''] = aliases
  const text = [`clusters = ${aliases.join(', ')}`, ...servers, `${first}->${second}.enabled = true`, ...lines].join(
    '\n',
  )
  return { name: `random file ${seed}`, text: `${text}\n` }
}
