// From the bytes of a configuration file to the Model, or all problems found. All other input is read through given functions.
import { connectorNames } from '../model/flow-status.ts'
import { compileFlows } from './compile/flows.ts'
import { compileProcess } from './compile/godwit.ts'
import { readEntries } from './dialects/entries.ts'
import type { ResourceInput } from './dialects/providers.ts'
import { isResourceFile, readResources } from './dialects/resource-file.ts'
import { type Effective, type EffectivePair, readEffective } from './effective.ts'
import type { DisabledFlow, Flow, Model } from './model.ts'
import { javaTrim } from './parse.ts'
import { type ConfigProblem, Problems } from './problems.ts'
import { type Entry, flowName, javaBoolean } from './resolve.ts'
import { advise } from './review/advice.ts'
import { isConnectorFile } from './review/connector-file.ts'
import { checkKey, type KeyProblem } from './review/keys.ts'
import { mayCopy, switchedOff, validateConnector, validateWorker } from './review/validate.ts'
import { maskValue } from './secrets.ts'
import { propertyLine } from './text.ts'

interface ConfigurationInput extends ResourceInput {
  /** targets requested on the command line; absent or empty: all */
  readonly clustersFilter?: readonly string[]
}

export interface Loaded {
  /** absent if an error concerns the whole file, or if no flow is left that copies although one was to */
  readonly model?: Model
  readonly problems: readonly ConfigProblem[]
  /** flows that have errors of their own */
  readonly disabled: readonly DisabledFlow[]
  /** absent if MM2 would end before it knows its pairs */
  readonly effective?: Effective
}

/** Reads a configuration. Never throws because of its content. */
export function loadConfiguration(input: ConfigurationInput): Loaded {
  const problems = new Problems(input.file)
  const effective = isResourceFile(input) ? readResources(input, problems) : readProperties(input, problems)
  if (effective === undefined) return { problems: problems.list, disabled: [] }
  const chosen = chosenPairs(effective, input, problems).map((pair) => validatePair(pair, problems))
  const flows = compileFlows(chosen, effective.file, input, problems)
  advise(effective, flows, problems)
  const whole = compileProcess(effective.file, problems)
  const disabled = [...problems.stopped].map(([name, errors]) => ({ name, problems: errors }))
  const left = flows.filter(({ settings }) => !problems.stopped.has(settings.name))
  const model: Model = { clusters: effective.clusters, flows: left, disabled, process: whole }
  const isUsable = !problems.stopsAll && (disabled.length === 0 || isWorthRunning(left, chosen, problems))
  return { ...(isUsable && { model }), problems: problems.list, disabled, effective }
}

/** If any flow of the file was to copy, one that is left must: a process that runs without copying would be misleading. */
function isWorthRunning(left: readonly Flow[], chosen: readonly EffectivePair[], problems: Problems): boolean {
  if (left.some(({ settings }) => settings.enabled)) return true
  const isMeant = chosen.some((pair) => problems.stopped.has(flowName(pair)) && mayCopy(pair.connector))
  return left.length > 0 && !isMeant
}

function readProperties(input: ConfigurationInput, problems: Problems): Effective | undefined {
  const entries = readEntries(input.bytes, input.environment, problems)
  if (isConnectorFile(input.bytes, entries, problems)) return undefined
  const effective = entries && readEffective(entries, input, problems)
  if (entries === undefined || effective === undefined) return undefined
  const copying = effective.pairs.filter(({ connector }) => javaBoolean(javaTrim(connector.get('enabled')?.text ?? '')))
  for (const entry of entries.values()) {
    const found = checkKey(entry.key, effective.clusters, copying)
    if (found) problems.about('warning', entry, found.reason, withValue(found, entry))
  }
  return effective
}

/** A remedy with complete lines to write, if the value may be shown. */
function withValue({ remedy, keys = [] }: KeyProblem, { key, written }: Entry): string {
  const isShown = maskValue(key, written) === written && !written.includes('\n')
  if (!isShown || !remedy.startsWith('write ')) return remedy
  return keys.reduce((text, one) => text.replace(one, propertyLine(one, written)), remedy)
}

/** The pairs with a requested target. Without any there is nothing to run, and MM2 ends. */
function chosenPairs(
  effective: Effective,
  { clustersFilter }: ConfigurationInput,
  problems: Problems,
): EffectivePair[] {
  const targets = clustersFilter?.length ? clustersFilter : effective.clusters
  const unknown = targets.filter((alias) => !effective.clusters.includes(alias))
  if (unknown.length > 0) {
    const reason = `--clusters names ${unknown.join(', ')}, which is not among ${effective.clusters.join(', ')}`
    problems.add('warning', reason, 'give aliases of the file, separated by blanks')
  }
  const chosen = effective.pairs.filter(({ target }) => targets.includes(target))
  if (chosen.length === 0) {
    const reason =
      unknown.length > 0 ? 'no flow has a target that was asked for' : 'no flow is enabled, and none emits heartbeats'
    problems.add('error', `${reason}: there is nothing to run`, enablingRemedy(effective.clusters, targets), {
      stops: 'process',
    })
  }
  return chosen
}

/** The line that enables a flow, to one of the targets if there is such a cluster. */
function enablingRemedy(clusters: readonly string[], targets: readonly string[]): string {
  const target = clusters.slice(1).find((alias) => targets.includes(alias)) ?? clusters[0]
  const source = clusters.find((alias) => alias !== target)
  return source === undefined || target === undefined
    ? 'name two clusters, and write SOURCE->TARGET.enabled = true with their aliases'
    : `write ${source}->${target}.enabled = true`
}

/** The pair as it will run: without the work of connectors that MM2 would not create. */
function validatePair(pair: EffectivePair, problems: Problems): EffectivePair {
  validateWorker(pair.worker, pair, problems)
  const connector = new Map(pair.connector)
  for (const name of connectorNames) {
    const entries = pair.checked[name]
    if (!entries) continue
    validateConnector(entries, pair, name, problems)
    for (const [key, entry] of switchedOff(entries, pair, name, problems)) connector.set(key, entry)
  }
  return { ...pair, connector }
}
