// What the commands about groups, offsets and topics have in common: the sides they look at, and what of it was asked for.
import { Failure } from '../../../base/failure.ts'
import { silentLogger } from '../../../base/logger.ts'
import { visible } from '../../../base/readable.ts'
import type { Flow, Model } from '../../../config/model.ts'
import type { OffsetLookup, OffsetLookupParts } from '../../../groups/offset-lookup.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import { complaint } from '../../cli.ts'
import { type Context, flagOf, listOf, type Option, textOf } from '../../command.ts'
import { clusterNamed, flowOf, unknownName } from '../../configured.ts'

export const clusterOption: Option = {
  value: 'ALIAS',
  doc: 'One cluster of FILE, as Kafka\u2019s own tool shows it (default: source and target of the flow side by side).',
}
export const groupOption: Option = {
  value: 'GROUP',
  several: true,
  mayBeEmpty: true,
  doc: 'These groups; may be given again, and takes every word behind it up to the next option.',
}
export const allGroupsOption: Option = { doc: 'All groups of consumers.' }
export const executeOption: Option = { doc: 'Write. Without it nothing is changed, only said.' }
export const dryRunOption: Option = { doc: 'Change nothing (default).' }

/** Both sides of a flow. */
export interface Sides {
  readonly flow: Flow
  readonly source: ClusterSide
  readonly target: ClusterSide
  /** what a look into the logs of both sides needs */
  readonly parts: OffsetLookupParts
}

/** An offset in a table; a dash where there is none. */
export const shown = (offset = -1) => (offset < 0 ? '-' : String(offset))

/** Opens the cluster that `--cluster` names, for as long as `act` runs. @throws Failure USAGE naming the aliases there are */
export async function onCluster<T>(model: Model, alias: string, act: (side: ClusterSide) => Promise<T>): Promise<T> {
  const { settings } = clusterNamed(model, alias)
  const { ClusterSide } = await import('../../../groups/side.ts')
  await using side = new ClusterSide(settings)
  return await act(side)
}

/** Opens both sides of the flow that is meant. @throws Failure USAGE naming the flows there are */
export async function onBothSides<T>(
  context: Context,
  model: Model,
  act: (sides: Sides) => Promise<T>,
  flow: Flow = flowOf(context, model),
): Promise<T> {
  const { ClusterSide } = await import('../../../groups/side.ts')
  await using source = new ClusterSide(flow.sourceAdmin)
  await using target = new ClusterSide(flow.targetAdmin)
  const { settings, sourceAdmin, targetCluster } = flow
  const clusters = { source: source.cluster, target: target.cluster }
  return await act({
    flow,
    source,
    target,
    parts: { settings, sourceAdmin, targetCluster, ...clusters, log: silentLogger },
  })
}

/** Opens the look into both logs, for as long as `act` runs. @throws Failure */
export async function withLookup<T>({ parts }: Sides, act: (lookup: OffsetLookup) => Promise<T>): Promise<T> {
  const { OffsetLookup: Lookup } = await import('../../../groups/offset-lookup.ts')
  await using lookup = await Lookup.open(parts)
  return await act(lookup)
}

interface Chosen<T> {
  readonly groups: T[]
  /** groups are left out that the user may not describe; that was said */
  readonly isPartial: boolean
}

/**
 * The groups that were asked for by name, else all that are selected; those that the user may not describe are reported.
 * @param known the groups that the clusters list @param sides the clusters @param selection all groups unless given
 * @throws Failure NOT_AUTHORIZED, USAGE for a group that is not there, naming those that are
 */
export async function chosenGroups<T>(
  context: Context,
  known: ReadonlyMap<string, T>,
  sides: readonly ClusterSide[],
  selection?: Flow['settings']['groups'],
): Promise<Chosen<T>> {
  const { values } = context
  const asked = listOf(values, 'group')
  if (asked.length > 0 && flagOf(values, 'all-groups')) throw both('--group', '--all-groups')
  if (asked.length > 0) return { groups: await namedGroups(asked, known, sides), isPartial: false }
  const isPartial = await sayHidden(context, sides, selection)
  const { isSelected } = await import('../../../mirror/topic-selection.ts')
  const meant = [...known].filter(([name]) => selection === undefined || isSelected(name, selection))
  return { groups: meant.map(([, group]) => group), isPartial }
}

async function namedGroups<T>(
  asked: readonly string[],
  known: ReadonlyMap<string, T>,
  sides: readonly ClusterSide[],
): Promise<T[]> {
  const where = `on ${sides.length === 1 ? 'cluster ' : ''}${sides.map(({ alias }) => alias).join(' or ')}`
  const names = [...new Set(asked)]
  const missing = names.filter((name) => !known.has(name))
  for (const side of missing.length > 0 ? sides : []) await side.requireDescribe(missing)
  return names.map((name) => {
    const group = known.get(name)
    if (group !== undefined) return group
    throw unknownName(`group ${where}:`, visible(name), [...known.keys()].map(visible))
  })
}

/** Reports groups that a list leaves out; gives whether there are any. @throws Failure when a cluster does not answer */
export async function sayHidden(
  context: Context,
  sides: readonly ClusterSide[],
  selection?: Flow['settings']['groups'],
): Promise<boolean> {
  const found = await Promise.all(sides.map((side) => side.hidden(selection?.include)))
  const failures = found.filter((failure) => failure !== undefined)
  for (const failure of failures) context.complain(complaint(failure))
  return failures.length > 0
}

/** Refuses what cannot be done without groups. @throws Failure USAGE */
export function mustNameGroups({ values }: Context): void {
  if (listOf(values, 'group').length > 0 || flagOf(values, 'all-groups')) return
  throw new Failure('USAGE', 'which groups is not said', { remedy: 'add --group GROUP ..., or --all-groups' })
}

/** Whether to write. @throws Failure USAGE when both were asked for */
export function executes({ values }: Context): boolean {
  const isWanted = flagOf(values, 'execute')
  if (isWanted && flagOf(values, 'dry-run')) throw both('--execute', '--dry-run')
  return isWanted
}

/** @throws Failure USAGE when more than one of these is given; gives the one that is */
export function atMostOne({ values }: Context, names: readonly string[]): string | undefined {
  const given = names.filter((name) => flagOf(values, name) || textOf(values, name) !== undefined)
  const [first, second] = given
  if (first !== undefined && second !== undefined) throw both(`--${first}`, `--${second}`)
  return first
}

/**
 * Which topics are meant by patterns, each of which has to match a whole name; all of them when there is none.
 * @throws Failure USAGE for a pattern that Java refuses
 */
export async function topicPatterns(patterns: readonly string[]): Promise<(topic: string) => boolean> {
  const { compileJavaPattern } = await import('../../../java-pattern/java-pattern.ts')
  const compiled = patterns.map((pattern) => {
    try {
      return compileJavaPattern(pattern)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw new Failure('USAGE', error.message, { remedy: error.remedy ?? '' })
    }
  })
  return (topic) => compiled.length === 0 || compiled.some((pattern) => pattern.test(topic))
}

/** The failure for a pattern that no topic matches. */
export function noTopic(patterns: readonly string[], where: string, known: readonly string[]): Failure {
  return unknownName(`topic ${where}:`, patterns.join(' '), known)
}

function both(one: string, other: string): Failure {
  return new Failure('USAGE', `${one} and ${other} exclude each other`, { remedy: `give only one of them` })
}
