// Which keys of a file mean something, and what was probably meant by the others. Only warnings: MM2 ignores what it does not know.
import { nearest } from '../../base/nearest.ts'
import { filterSettings, flowOnlySettings, formerKeys } from '../settings/filters.ts'
import { godwitSettings, isOfProcess, processSettings } from '../settings/godwit.ts'
import {
  adminDefinition,
  connectorKeys,
  consumerDefinition,
  isClientKey,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../settings/known.ts'

export interface KeyVerdict {
  readonly reason: string
  readonly remedy: string
}

/** Where a key stands: what it is below its prefix, or why that is nothing. undefined: it is fine. */
type Judge = (rest: string) => KeyVerdict | undefined

/** MM2's idea of a prefix: textual, with something behind it. */
const isBelow = (key: string, prefix: string) => key.startsWith(prefix) && key.length > prefix.length

const verdict = (reason: string, remedy: string): KeyVerdict => ({ reason, remedy })

const keysOf = (settings: readonly { readonly key: string }[]) => new Set(settings.map(({ key }) => key))
const ownKeys = keysOf(godwitSettings)
const flowOnly = keysOf([...filterSettings, ...flowOnlySettings])

/** Keys with a free part: converters, providers and storage topics have settings of their own. */
const isOpen = (rest: string) =>
  /^(?:config\.providers\.|(?:key|value|header)\.converter\.|(?:offset|config|status)\.storage\.)./.test(rest)

const roles = { consumer: consumerDefinition, producer: producerDefinition, admin: adminDefinition } as const

/** `consumer.<key>`, `producer.<key>`, `admin.<key>`: undefined where `rest` is none of these. */
function judgeRole(rest: string, prefix: string): { readonly verdict: KeyVerdict | undefined } | undefined {
  for (const [role, definition] of Object.entries(roles)) {
    if (!isBelow(rest, `${role}.`)) continue
    const key = rest.slice(role.length + 1)
    if (definition.has(key)) return { verdict: undefined }
    const meant = nearest(key, definition.keys())
    return { verdict: unknown(meant && `${prefix}${role}.${meant}`) }
  }
  return undefined
}

const unknown = (meant: string | undefined): KeyVerdict =>
  verdict(
    'is not a key that is known',
    meant ? `did you mean ${meant}? Otherwise remove the line` : 'remove the line, or correct the key',
  )

/** A key of the process behind a prefix. */
const ofProcess = (rest: string): KeyVerdict | undefined =>
  isOfProcess(rest) ? verdict('has no effect here: it is about the whole process', `write ${rest}`) : undefined

function former(rest: string, prefix: string): KeyVerdict | undefined {
  const found = Object.hasOwn(formerKeys, rest) ? formerKeys[rest] : undefined
  if (found === undefined) return undefined
  const { successor, since, heeded } = found
  const reason = heeded ? `is ignored by MM2: ${since}; godwit still heeds it ${heeded}` : `is ignored: ${since}`
  if (successor) return verdict(reason, `write ${prefix}${successor}`)
  return verdict(reason, heeded ? 'remove the line, unless it is meant for godwit' : 'remove the line')
}

function judgeFlow(flow: string, target: string): Judge {
  const prefix = `${flow}.`
  return (rest) => {
    if (connectorKeys.has(rest) || flowOnly.has(rest) || ownKeys.has(rest) || isOpen(rest)) return undefined
    if (/^(?:transforms|predicates|topic\.creation|replication\.policy|offset\.storage)\./.test(rest)) return undefined
    if (/^consumer\.override\./.test(rest))
      return verdict(
        'has no effect: MM2 reads with a consumer of its own',
        `write ${prefix}source.consumer.${rest.slice(18)}`,
      )
    const role = judgeRole(
      rest.replace(/^(producer|admin)\.override\./, '$1.').replace(/^(?:source|target)\.(?!cluster\.)/, ''),
      prefix,
    )
    if (role !== undefined) return role.verdict
    const connection = /^(?:source|target)\.cluster\.(.+)$/.exec(rest)?.[1]
    if (connection !== undefined && isClientKey(connection)) return undefined
    if (workerDefinition.has(rest))
      return verdict('has no effect on a flow: it belongs to the worker', `write ${target}.${rest}`)
    const meant = nearest(rest, [...connectorKeys, ...flowOnly, ...ownKeys])
    return ofProcess(rest) ?? former(rest, prefix) ?? unknown(meant && prefix + meant)
  }
}

function judgeCluster(alias: string): Judge {
  const prefix = `${alias}.`
  return (rest) => {
    // `A.alias` becomes source.cluster.alias and target.cluster.alias of the connectors.
    if (rest === 'alias' || isClientKey(rest) || workerDefinition.has(rest) || ownKeys.has(rest) || isOpen(rest))
      return undefined
    const role = judgeRole(rest, prefix)
    if (role !== undefined) return role.verdict
    if (connectorKeys.has(rest) || flowOnly.has(rest)) {
      return verdict(
        'has no effect on a cluster: it belongs to a flow',
        `write it for a flow, e.g. A->${alias}.${rest}`,
      )
    }
    const meant = nearest(rest, [...workerDefinition.keys()])
    return ofProcess(rest) ?? former(rest, prefix) ?? unknown(meant && prefix + meant)
  }
}

function judgeBare(key: string, aliases: readonly string[]): KeyVerdict | undefined {
  if (topDefinition.has(key) || connectorKeys.has(key) || isClientKey(key) || ownKeys.has(key) || isOpen(key))
    return undefined
  if (isOfProcess(key)) return undefined
  const [first = 'A', second = 'B'] = aliases
  if (workerDefinition.has(key)) {
    if (/^(?:offset\.storage|config\.storage|status\.storage|task|worker)/.test(key)) return undefined
    return verdict('has no effect without a cluster in front of it', `write ${second}.${key}`)
  }
  if (flowOnly.has(key))
    return verdict('has no effect without a flow in front of it', `write ${first}->${second}.${key}`)
  if (/^(?:consumer|producer|admin)\./.test(key))
    return verdict('has no effect without a cluster in front of it', `write ${first}.${key}`)
  if (/^(?:source|target|transforms|predicates|topic\.creation)\./.test(key)) {
    return verdict('has no effect without a flow in front of it', `write ${first}->${second}.${key}`)
  }
  return former(key, '') ?? unknownBare(key, aliases)
}

function unknownBare(key: string, aliases: readonly string[]): KeyVerdict {
  const flow = /^([^.]*(?:\.[^.>]*)*)->([^.]+)\./.exec(key)
  if (flow !== null) {
    const wrong = [flow[1] ?? '', flow[2] ?? ''].filter((alias) => !aliases.includes(alias))
    const meant = wrong.map((alias) => nearest(alias, aliases)).find(Boolean)
    const reason = `names ${wrong.map((alias) => JSON.stringify(alias)).join(' and ')}, which is not in clusters`
    return verdict(
      reason,
      meant ? `did you mean ${meant}? The aliases are ${aliases.join(', ')}` : `the aliases are ${aliases.join(', ')}`,
    )
  }
  const [head = '', ...tail] = key.split('.')
  const alias =
    tail.length > 0 && (isClientKey(tail.join('.')) || workerDefinition.has(tail.join('.')))
      ? nearest(head, aliases)
      : undefined
  if (alias !== undefined) return unknown([alias, ...tail].join('.'))
  return unknown(
    nearest(key, [...topDefinition.keys(), ...connectorKeys, ...flowOnly, ...ownKeys, ...keysOf(processSettings)]),
  )
}

/** What is to be said about a key of a file whose clusters are `aliases`; undefined where it means something. */
export function judgeKey(key: string, aliases: readonly string[]): KeyVerdict | undefined {
  const verdicts: (KeyVerdict | undefined)[] = []
  for (const source of aliases) {
    for (const target of aliases) {
      const flow = `${source}->${target}`
      if (source !== target && isBelow(key, `${flow}.`))
        verdicts.push(judgeFlow(flow, target)(key.slice(flow.length + 1)))
    }
  }
  for (const alias of aliases) {
    if (isBelow(key, `${alias}.`)) verdicts.push(judgeCluster(alias)(key.slice(alias.length + 1)))
  }
  if (verdicts.length === 0) return judgeBare(key, aliases)
  return verdicts.includes(undefined) || judgeBare(key, aliases) === undefined ? undefined : verdicts[0]
}
