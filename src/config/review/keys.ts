// Which keys of a file have an effect, and what the others were probably meant to be. Only warnings: MM2 ignores unknown keys.
import { nearest } from '../../base/nearest.ts'
import {
  adminDefinition,
  connectorKeys,
  consumerDefinition,
  flowOnlyKeys,
  godwitDefinition,
  isClientKey,
  isOfProcess,
  processDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../definitions.ts'
import { flowName, type Pair } from '../resolve.ts'
import { formerKeys } from './former-keys.ts'

export interface KeyProblem {
  readonly reason: string
  readonly remedy: string
  /** keys with an effect, to write instead with the same value; absent if the line is to be removed */
  readonly keys?: readonly string[]
}

/** The problem of a key, and keys that might be written instead. Those are checked too. */
interface Found {
  readonly reason: string
  readonly keys?: readonly string[]
  /** the keys are a guess */
  readonly isGuess?: boolean
  /** what to do if there are no keys to write */
  readonly remedy?: string
}

/** The problem of a key at one place, by the rest after its prefix; undefined: none. */
type KeyCheck = (rest: string) => Found | undefined

/** A prefix as in MM2: compared as text, with something after it. */
const isBelow = (key: string, prefix: string) => key.startsWith(prefix) && key.length > prefix.length

/** Keys with a free part: converters, providers and storage topics have their own settings. */
const isOpen = (rest: string) =>
  /^(?:config\.providers\.|(?:key|value|header)\.converter\.|(?:offset|config|status)\.storage\.)./.test(rest)

const roles = { consumer: consumerDefinition, producer: producerDefinition, admin: adminDefinition } as const

/** `consumer.<key>`, `producer.<key>`, `admin.<key>` at the end of a key; undefined if it is none of these. */
function checkRole(whole: string, rest: string): { readonly problem: Found | undefined } | undefined {
  for (const [role, definition] of Object.entries(roles)) {
    if (!isBelow(rest, `${role}.`)) continue
    const key = rest.slice(role.length + 1)
    if (definition.has(key)) return { problem: undefined }
    const meant = nearest(key, definition.keys())
    return { problem: unknown(meant && whole.slice(0, whole.length - key.length) + meant) }
  }
  return undefined
}

const unknown = (meant: string | undefined): Found => ({
  reason: 'is not a key that is known',
  ...(meant !== undefined && { keys: [meant], isGuess: true }),
  remedy: 'remove the line, or correct the key',
})

/** A key of the process after a prefix. */
const ofProcess = (rest: string): Found | undefined =>
  isOfProcess(rest) ? { reason: 'has no effect here: it is about the whole process', keys: [rest] } : undefined

function former(rest: string, prefix: string): Found | undefined {
  const found = Object.hasOwn(formerKeys, rest) ? formerKeys[rest] : undefined
  if (found === undefined) return undefined
  const { successor, since, actedOn } = found
  const reason = actedOn ? `is ignored by MM2: ${since}; godwit still heeds it ${actedOn}` : `is ignored: ${since}`
  if (successor) return { reason, keys: [prefix + successor] }
  return { reason, remedy: actedOn ? 'remove the line, unless it is meant for godwit' : 'remove the line' }
}

/** `consumer.override.<key>` and similar, for one flow: MM2's own consumer and admin clients read other keys. */
function overrideOf(rest: string, flow: string): string | undefined {
  const [, role, key] = /^(consumer|producer|admin)\.override\.(.+)$/.exec(rest) ?? []
  if (key === undefined) return undefined
  const places = { consumer: 'source.consumer', producer: 'producer.override', admin: 'target.admin' } as const
  return `${flow}.${places[role as keyof typeof places]}.${key}`
}

function flowCheck({ source, target }: Pair): KeyCheck {
  const flow = flowName({ source, target })
  const prefix = `${flow}.`
  return (rest) => {
    if (connectorKeys.has(rest) || flowOnlyKeys.has(rest) || godwitDefinition.has(rest) || isOpen(rest))
      return undefined
    if (/^(?:transforms|predicates|topic\.creation|replication\.policy|offset\.storage)\./.test(rest)) return undefined
    if (rest.startsWith('consumer.override.')) {
      const meant = overrideOf(rest, flow)
      return { reason: 'has no effect: MM2 reads with a consumer of its own', ...(meant && { keys: [meant] }) }
    }
    const role = checkRole(
      prefix + rest,
      rest.replace(/^(producer|admin)\.override\./, '$1.').replace(/^(?:source|target)\.(?!cluster\.)/, ''),
    )
    if (role !== undefined) return role.problem
    const connection = /^(?:source|target)\.cluster\.(.+)$/.exec(rest)?.[1]
    if (connection !== undefined && isClientKey(connection)) return undefined
    if (workerDefinition.has(rest))
      return { reason: 'has no effect on a flow: it belongs to the worker', keys: [`${target}.${rest}`] }
    const meant = nearest(rest, [...connectorKeys, ...flowOnlyKeys, ...godwitDefinition.keys()])
    return ofProcess(rest) ?? former(rest, prefix) ?? unknown(meant && prefix + meant)
  }
}

function clusterCheck(alias: string, flows: readonly Pair[]): KeyCheck {
  const prefix = `${alias}.`
  const into = flows.filter(({ target }) => target === alias)
  const own = (into.length > 0 ? into : flows.filter(({ source }) => source === alias)).map(flowName)
  return (rest) => {
    if (isOfCluster(rest)) return undefined
    if (overrideOf(rest, '') !== undefined) {
      const keys = own.flatMap((flow) => overrideOf(rest, flow) ?? [])
      return belongsToFlow(alias, rest, keys)
    }
    const role = checkRole(prefix + rest, rest)
    if (role !== undefined) return role.problem
    if (connectorKeys.has(rest) || flowOnlyKeys.has(rest)) {
      const keys = own.map((flow) => `${flow}.${rest}`)
      return belongsToFlow(alias, rest, keys)
    }
    const meant = nearest(rest, [...workerDefinition.keys()])
    return ofProcess(rest) ?? former(rest, prefix) ?? unknown(meant && prefix + meant)
  }
}

/**
 * Whether a key has an effect after the alias of a cluster. `A.alias` becomes the connectors' source.cluster.alias and
 * target.cluster.alias.
 */
const isOfCluster = (rest: string): boolean =>
  rest === 'alias' || isClientKey(rest) || workerDefinition.has(rest) || godwitDefinition.has(rest) || isOpen(rest)

const belongsToFlow = (alias: string, rest: string, keys: readonly string[]): Found => ({
  reason: 'has no effect on a cluster: it belongs to a flow',
  keys,
  remedy: `write it for a flow, e.g. A->${alias}.${rest}`,
})

/** The clusters for which a `consumer.<key>` or similar key without prefix must be written. */
function clustersOf(role: string, flows: readonly Pair[]): string[] {
  if (role === 'consumer') return flows.map(({ source }) => source)
  if (role === 'producer') return flows.map(({ target }) => target)
  return flows.flatMap(({ source, target }) => [source, target])
}

const noCluster = 'has no effect without a cluster in front of it'
const noFlow = 'has no effect without a flow in front of it'

function checkBare(key: string, aliases: readonly string[], flows: readonly Pair[]): Found | undefined {
  if (topDefinition.has(key) || connectorKeys.has(key) || isClientKey(key) || godwitDefinition.has(key) || isOpen(key))
    return undefined
  if (isOfProcess(key)) return undefined
  const names = flows.map(flowName)
  if (workerDefinition.has(key)) {
    if (/^(?:offset\.storage|config\.storage|status\.storage|task|worker)/.test(key)) return undefined
    return { reason: noCluster, keys: flows.map(({ target }) => `${target}.${key}`) }
  }
  if (overrideOf(key, '') !== undefined)
    return { reason: noFlow, keys: names.flatMap((flow) => overrideOf(key, flow) ?? []) }
  const [role] = /^(?:consumer|producer|admin)(?=\..)/.exec(key) ?? []
  if (role !== undefined) return { reason: noCluster, keys: clustersOf(role, flows).map((alias) => `${alias}.${key}`) }
  if (/^(?:transforms|predicates)\./.test(key))
    return { reason: noFlow, remedy: 'remove the line: transforms are Java code and cannot run here' }
  if (key.startsWith('topic.creation.'))
    return { reason: noFlow, remedy: 'remove the line: target topics are created as their source topics are' }
  if (flowOnlyKeys.has(key) || /^(?:source|target)\./.test(key))
    return { reason: noFlow, keys: names.map((flow) => `${flow}.${key}`) }
  return former(key, '') ?? unknownBare(key, aliases)
}

function unknownBare(key: string, aliases: readonly string[]): Found {
  const flow = /^([^.]*(?:\.[^.>]*)*)->([^.]+)(\..*)$/.exec(key)
  if (flow !== null) return unknownFlow([flow[1] ?? '', flow[2] ?? ''], flow[3] ?? '', aliases)
  const [head = '', ...tail] = key.split('.')
  const alias =
    tail.length > 0 && (isClientKey(tail.join('.')) || workerDefinition.has(tail.join('.')))
      ? nearest(head, aliases)
      : undefined
  if (alias !== undefined) return unknown([alias, ...tail].join('.'))
  return unknown(
    nearest(key, [
      ...topDefinition.keys(),
      ...connectorKeys,
      ...flowOnlyKeys,
      ...godwitDefinition.keys(),
      ...processDefinition.keys(),
    ]),
  )
}

function unknownFlow(pair: readonly [string, string], rest: string, aliases: readonly string[]): Found {
  const wrong = pair.filter((alias) => !aliases.includes(alias))
  const others = aliases.filter((alias) => !pair.includes(alias))
  const [source, target] = pair.map((alias) => (aliases.includes(alias) ? alias : nearest(alias, others)))
  return {
    reason: `names ${wrong.map((alias) => JSON.stringify(alias)).join(' and ')}, which is not in clusters`,
    ...(source !== undefined &&
      target !== undefined &&
      source !== target && { keys: [`${source}->${target}${rest}`], isGuess: true }),
    remedy: `the aliases are ${aliases.join(', ')}: add ${wrong.join(', ')} to clusters, or remove the line`,
  }
}

/** The first problem of the key at the places where it may be written; undefined if it has an effect at one of them. */
function firstProblem(key: string, aliases: readonly string[], flows: readonly Pair[]): Found | undefined {
  const found: (Found | undefined)[] = []
  for (const source of aliases) {
    for (const target of aliases) {
      const prefix = `${flowName({ source, target })}.`
      if (source !== target && isBelow(key, prefix)) found.push(flowCheck({ source, target })(key.slice(prefix.length)))
    }
  }
  for (const alias of aliases) {
    if (isBelow(key, `${alias}.`)) found.push(clusterCheck(alias, flows)(key.slice(alias.length + 1)))
  }
  if (found.length === 0) return checkBare(key, aliases, flows)
  return found.includes(undefined) || checkBare(key, aliases, flows) === undefined ? undefined : found[0]
}

/** Follows suggested keys until none of them has a problem. */
function followed(keys: readonly string[], aliases: readonly string[], flows: readonly Pair[], depth = 0): string[] {
  const found = keys.flatMap((key) => {
    const problem = firstProblem(key, aliases, flows)
    if (problem === undefined) return [key]
    return depth < 4 ? followed(problem.keys ?? [], aliases, flows, depth + 1) : []
  })
  return [...new Set(found)]
}

/**
 * The problem of a key in a file with the clusters `aliases`; undefined if it has an effect. A remedy names only keys with an
 * effect.
 * @param copying the flows that copy, for which to write a key without a flow; none: the first two clusters
 */
export function checkKey(
  key: string,
  aliases: readonly string[],
  copying: readonly Pair[] = [],
): KeyProblem | undefined {
  const [source, target] = aliases
  const any = source !== undefined && target !== undefined ? [{ source, target }] : []
  const flows = copying.length > 0 ? copying : any
  const problem = firstProblem(key, aliases, flows)
  if (problem === undefined) return undefined
  const { reason, isGuess = false, remedy = 'remove the line' } = problem
  const keys = followed(problem.keys ?? [], aliases, flows)
  if (keys.length === 0) return { reason, remedy: isGuess ? 'remove the line, or correct the key' : remedy }
  return { reason, remedy: remedyFor(keys, isGuess), keys }
}

const remedyFor = (keys: readonly string[], isGuess: boolean) =>
  isGuess ? `did you mean ${keys.join(' or ')}? Otherwise remove the line` : `write ${keys.join(' and ')}`
