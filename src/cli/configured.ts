// Arguments shared by commands that inspect clusters: a configuration file, one of its flows, one of its clusters.
import { plural } from '../base/counted.ts'
import { type Circumstances, Failure, failures } from '../base/failure.ts'
import { nearest } from '../base/nearest.ts'
import type { Loaded } from '../config/load.ts'
import type { DisabledFlow, Flow, Model } from '../config/model.ts'
import { describeProblem } from '../config/problems.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { type Context, type Option, textOf } from './command.ts'
import { readConfiguration, secretsOption } from './read-configuration.ts'

/** Options of every command that takes FILE and works on one of its flows. */
export const flowOptions = {
  flow: { value: 'SOURCE->TARGET', doc: 'Flow of FILE (default: the only one that copies).' },
  'secrets-dir': secretsOption,
} as const satisfies Readonly<Record<string, Option>>

/** A loaded file without errors that prevent its use. */
export type Configured = Loaded & { readonly model: Model; readonly effective: NonNullable<Loaded['effective']> }

/**
 * Reads FILE, the first positional. When it cannot be used, prints all its problems and gives undefined: the command then
 * exits with `unusable`. @throws Failure CONFIG_INVALID when it cannot be read
 */
export function configured(context: Context): Configured | undefined {
  const [file = ''] = context.positionals
  const secretsDir = textOf(context.values, 'secrets-dir')
  const loaded = readConfiguration(file, { environment: context.environment, secretsDir })
  const { model, effective, problems } = loaded
  if (model && effective) {
    for (const { name, problems: errors } of model.disabled) {
      context.printError(
        [...errors.map(describeProblem), `godwit: the flow ${name} is skipped because of these errors`].join('\n'),
      )
    }
    return { ...loaded, model, effective }
  }
  context.printError(problems.map(describeProblem).join('\n'))
  context.printError(`godwit: ${file} cannot be used; nothing was done`)
  return undefined
}

/** The remedy for a file in which no flow copies. */
export function enableRemedy({ effective }: Pick<Configured, 'effective'>): string {
  return effective.dialect === 'resource'
    ? 'give the mirror that should copy a sourceConnector with state: running'
    : 'write SOURCE->TARGET.enabled = true for the flow that should copy'
}

/** @throws Failure CONFIG_INVALID when no flow of a file copies or emits heartbeats */
export function mustRun({ model, effective }: Pick<Configured, 'model' | 'effective'>, file: string): void {
  if (model.flows.length > 0) return
  const sentence = 'no flow is enabled, and none emits heartbeats: there is nothing to run'
  throw new Failure('CONFIG_INVALID', sentence, { file, remedy: enableRemedy({ effective }) })
}

/** The exit code where `configured` gave undefined. */
export const unusable = failures.CONFIG_INVALID.exit

/** The flow given by `--flow`, else the only one that copies. @throws Failure USAGE, with the existing flows */
export function flowOf(context: Context, model: Model): Flow {
  const copying = model.flows.filter(({ settings }) => settings.enabled)
  const names = copying.map(({ settings }) => settings.name)
  const asked = textOf(context.values, 'flow')
  const [only] = copying
  if (asked === undefined && copying.length === 1 && only) return only
  const flow = copying.find(({ settings }) => settings.name === asked)
  if (flow) return flow
  const off = model.disabled.find(({ name }) => name === asked)
  if (off) throw new Failure('CONFIG_INVALID', `the flow ${off.name} has errors in the file`, firstErrorOf(off))
  if (copying.length === 0) {
    const remedy = 'write SOURCE->TARGET.enabled = true, or give the mirror a sourceConnector'
    throw new Failure('CONFIG_INVALID', 'no flow of the file copies', { file: context.positionals[0] ?? '', remedy })
  }
  if (asked === undefined) {
    throw new Failure('USAGE', 'the file has several flows', { remedy: `add --flow, one of ${names.join(', ')}` })
  }
  throw unknownName('flow', asked, names)
}

/** Location and remedy of the first error of a flow. */
function firstErrorOf({ problems: [first] }: DisabledFlow): Circumstances {
  if (first === undefined) return {}
  const { file, line, remedy } = first
  return { file, ...(line !== undefined && { line }), remedy }
}

/** A cluster of the file, with the settings of its admin client. */
interface NamedCluster {
  readonly alias: string
  readonly settings: ClusterSettings
}

/** The clusters of all flows, each once, in the order of the file. */
function clustersOf(model: Model): NamedCluster[] {
  const found = new Map<string, ClusterSettings>()
  for (const { sourceAdmin, targetAdmin } of model.flows) {
    for (const settings of [sourceAdmin, targetAdmin]) found.set(settings.alias, settings)
  }
  return model.clusters.flatMap((alias) => {
    const settings = found.get(alias)
    return settings ? [{ alias, settings }] : []
  })
}

/** The cluster with this alias. @throws Failure USAGE, with the existing aliases */
export function clusterNamed(model: Model, alias: string): NamedCluster {
  const all = clustersOf(model)
  const found = all.find((one) => one.alias === alias)
  if (found) return found
  throw unknownName(
    'cluster',
    alias,
    all.map((one) => one.alias),
  )
}

/** The failure for a name that does not exist: suggests the most similar name, and lists up to 20 names. */
export function unknownName(what: string, name: string, known: readonly string[]): Failure {
  const meant = nearest(name, known)
  const shown = known.slice(0, 20).join(', ')
  const more = known.length > 20 ? ` and ${known.length - 20} more` : ''
  const remedy = known.length === 0 ? `there is none` : `there ${plural(known.length, 'is', 'are')} ${shown}${more}`
  return new Failure('USAGE', `there is no ${what} ${name}${meant ? `; did you mean ${meant}?` : ''}`, { remedy })
}
