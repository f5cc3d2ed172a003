// Checks a resource against its definition, as the Kubernetes API does. Unknown fields, which Kubernetes drops, are warnings.
import { nearest } from '../../../base/nearest.ts'
import type { Problems } from '../../problems.ts'
import type { YamlNode } from '../yaml.ts'
import { Place } from './place.ts'

export type Shape =
  | { readonly kind: 'text'; readonly choices?: readonly string[]; readonly pattern?: RegExp; readonly words?: string }
  | { readonly kind: 'whole'; readonly min: number }
  | { readonly kind: 'flag' }
  /** a map of scalars */
  | { readonly kind: 'config' }
  /** a map that is checked elsewhere */
  | { readonly kind: 'map' }
  /** any value, not checked */
  | { readonly kind: 'free' }
  | { readonly kind: 'list'; readonly items: Shape }
  | ObjectShape

export interface ObjectShape {
  readonly kind: 'object'
  readonly fields: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  /** fields of the other layout, each with what to do instead */
  readonly former?: Readonly<Record<string, string>>
}

/** Reports everything in `place` that Kubernetes would refuse, and warns of what it would drop. */
export function checkShape(place: Place, shape: ObjectShape, problems: Problems): void {
  for (const name of shape.required ?? []) {
    if (place.has(name)) continue
    refuse(problems, place.line, place.pathOf(name), ['is missing', `add ${name}`])
  }
  for (const name of place.names) {
    const node = place.node(name)
    const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined
    if (field === undefined) warnOfUnknown(place, name, shape, problems)
    else if (node !== undefined && node.kind !== 'nothing')
      checkNode(node, field, { path: place.pathOf(name), line: place.lineOf(name), problems })
  }
}

interface Spot {
  readonly path: string
  readonly line: number
  readonly problems: Problems
}

function checkNode(node: YamlNode, shape: Shape, spot: Spot): void {
  switch (shape.kind) {
    case 'object':
      return node.kind === 'map'
        ? checkShape(new Place(node, spot.path, spot.line), shape, spot.problems)
        : mistyped(node, 'a map', spot)
    case 'list':
      return node.kind === 'list' ? checkItems(node.items, shape.items, spot) : mistyped(node, 'a list', spot)
    case 'config':
      return node.kind === 'map'
        ? checkConfig(new Place(node, spot.path, spot.line), spot)
        : mistyped(node, 'a map', spot)
    case 'text':
    case 'whole':
    case 'flag':
      return checkScalar(node, shape, spot)
    case 'map':
      return node.kind === 'map' ? undefined : mistyped(node, 'a map', spot)
    case 'free':
  }
}

function checkItems(items: readonly YamlNode[], shape: Shape, { path, problems }: Spot): void {
  for (const [at, item] of items.entries())
    checkNode(item, shape, { path: `${path}[${at}]`, line: item.line, problems })
}

/** The operator converts scalars to text and refuses everything else. */
function checkConfig(config: Place, { problems }: Spot): void {
  for (const name of config.names) {
    const node = config.node(name)
    if (node?.kind !== 'map' && node?.kind !== 'list' && node?.kind !== 'nothing') continue
    const [what, remedy] =
      node.kind === 'nothing' ? ['nothing', 'write "" for an empty value'] : [`a ${node.kind}`, lists]
    refuse(problems, config.lineOf(name), config.pathOf(name), [
      `holds ${what}, but has to be a text, number or flag`,
      remedy,
    ])
  }
}

const lists = 'write lists as one text, with commas'

function checkScalar(node: YamlNode, shape: Extract<Shape, { kind: 'text' | 'whole' | 'flag' }>, spot: Spot): void {
  if (shape.kind === 'whole') {
    const isGood = node.kind === 'number' && /^-?\d+$/.test(node.text) && Number(node.text) >= shape.min
    return isGood ? undefined : mistyped(node, `a whole number, ${shape.min} or more`, spot)
  }
  if (shape.kind === 'flag') return node.kind === 'flag' ? undefined : mistyped(node, 'true or false', spot)
  if (node.kind !== 'text') return mistyped(node, 'a text', spot)
  const { choices, pattern, words = '' } = shape
  if (choices !== undefined && !choices.includes(node.text)) {
    const meant = nearest(node.text, choices)
    const remedy = meant ? `did you mean ${meant}?` : `write one of ${choices.join(', ')}`
    refuse(spot.problems, spot.line, spot.path, [
      `is ${JSON.stringify(node.text)}, which is not among ${choices.join(', ')}`,
      remedy,
    ])
  }
  if (pattern !== undefined && !pattern.test(node.text))
    refuse(spot.problems, spot.line, spot.path, [
      `is ${JSON.stringify(node.text)}, but has to be ${words}`,
      `write ${words}`,
    ])
}

const kinds: Readonly<Record<YamlNode['kind'], string>> = {
  map: 'a map',
  list: 'a list',
  text: 'a text',
  number: 'a number',
  flag: 'a flag (true or false)',
  nothing: 'nothing',
}

function mistyped(node: YamlNode, wanted: string, { problems, path, line }: Spot): void {
  const isScalar = node.kind === 'number' || node.kind === 'flag'
  const remedy = wanted === 'a text' && isScalar ? 'put it into quotation marks' : `write ${wanted}`
  refuse(problems, line, path, [`has to be ${wanted}, but is ${describe(node)}`, remedy])
}

const describe = (node: YamlNode) =>
  node.kind === 'number' ? `the number ${node.text}` : node.kind === 'flag' ? node.text : kinds[node.kind]

/** An error that the operator, or Kubernetes, would report for the whole resource. */
export function refuse(
  problems: Problems,
  line: number,
  key: string,
  [reason, remedy]: readonly [string, string],
): void {
  problems.add('error', reason, remedy, { line, ...(key !== '' && { key }), stops: 'process' })
}

function warnOfUnknown(place: Place, name: string, { fields, former = {} }: ObjectShape, problems: Problems): void {
  const details = { line: place.lineOf(name), key: place.pathOf(name) }
  const instead = Object.hasOwn(former, name) ? former[name] : undefined
  if (instead !== undefined) {
    problems.add('warning', 'has no effect in the layout with spec.target', instead, details)
    return
  }
  const meant = nearest(name, Object.keys(fields))
  const remedy = meant ? `did you mean ${meant}? Otherwise remove it` : 'remove it, or correct its name'
  problems.add('warning', 'is not a field that is known here, so it has no effect', remedy, details)
}
