// Shared by the commands for groups, offsets and topics: connections to the clusters, selection of groups and topics.
import { Failure } from '../../../base/failure.ts'
import { silentLogger } from '../../../base/logger.ts'
import { visible } from '../../../base/readable.ts'
import type { Flow, Model } from '../../../config/model.ts'
import type { OffsetLookup, OffsetLookupParts } from '../../../groups/offset-lookup.ts'
import type { ClusterSide } from '../../../groups/side.ts'
import { failureText } from '../../cli.ts'
import { type Context, flagOf, listOf, type Option, textOf } from '../../command.ts'
import { clusterNamed, flowOf, unknownName } from '../../configured.ts'

export const clusterOption: Option = {
  value: 'ALIAS',
  doc: 'One cluster of FILE, in the format of Kafka\u2019s own tool (default: source and target of the flow side by side).',
}
export const groupOption: Option = {
  value: 'GROUP',
  several: true,
  mayBeEmpty: true,
  doc: 'These groups; takes all words up to the next option, and can be repeated.',
}
export const allGroupsOption: Option = { doc: 'All consumer groups.' }
export const executeOption: Option = { doc: 'Make the changes. Without it they are only printed.' }
export const dryRunOption: Option = { doc: 'Change nothing (default).' }

/** Both sides of a flow. */
export interface Sides {
  readonly flow: Flow
  readonly source: ClusterSide
  readonly target: ClusterSide
  /** for opening an OffsetLookup on both clusters */
  readonly parts: OffsetLookupParts
}

/** An offset in a table; a dash for a negative or missing one. */
export const shown = (offset = -1) => (offset < 0 ? '-' : String(offset))

/** Connects to the cluster given by `--cluster` while `act` runs. @throws Failure USAGE, with the existing aliases */
export async function onCluster<T>(model: Model, alias: string, act: (side: ClusterSide) => Promise<T>): Promise<T> {
  const { settings } = clusterNamed(model, alias)
  const { ClusterSide } = await import('../../../groups/side.ts')
  await using side = new ClusterSide(settings)
  return await act(side)
}

/** Connects to both clusters of a flow while `act` runs. @throws Failure USAGE, with the existing flows */
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

/** Opens an OffsetLookup while `act` runs. @throws Failure when a cluster does not answer or denies access */
export async function withLookup<T>({ parts }: Sides, act: (lookup: OffsetLookup) => Promise<T>): Promise<T> {
  const { OffsetLookup: Lookup } = await import('../../../groups/offset-lookup.ts')
  await using lookup = await Lookup.open(parts)
  return await act(lookup)
}

interface Chosen<T> {
  readonly groups: T[]
  /** groups that the user may not describe are missing; this was reported */
  readonly isPartial: boolean
}

/**
 * The groups given by --group, else all selected ones. Groups that the user may not describe are reported.
 * @param known the groups that the clusters list @param sides the clusters @param selection default: all groups
 * @throws Failure NOT_AUTHORIZED; USAGE, with the existing groups, for a group that does not exist
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
  const isPartial = await reportHidden(context, sides, selection)
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

/** Reports groups that the user may not describe; gives whether there are any. @throws Failure when a cluster does not answer */
export async function reportHidden(
  context: Context,
  sides: readonly ClusterSide[],
  selection?: Flow['settings']['groups'],
): Promise<boolean> {
  const found = await Promise.all(sides.map((side) => side.hidden(selection?.include)))
  const failures = found.filter((failure) => failure !== undefined)
  for (const failure of failures) context.printError(failureText(failure))
  return failures.length > 0
}

/** @throws Failure USAGE when neither --group nor --all-groups is given */
export function mustNameGroups({ values }: Context): void {
  if (listOf(values, 'group').length > 0 || flagOf(values, 'all-groups')) return
  throw new Failure('USAGE', 'no groups are given', { remedy: 'add --group GROUP ..., or --all-groups' })
}

/** Whether --execute is given. @throws Failure USAGE when --dry-run is given too */
export function isExecuted({ values }: Context): boolean {
  const isWanted = flagOf(values, 'execute')
  if (isWanted && flagOf(values, 'dry-run')) throw both('--execute', '--dry-run')
  return isWanted
}

/** The one of these options that is given, if any. @throws Failure USAGE when more than one is given */
export function atMostOne({ values }: Context, names: readonly string[]): string | undefined {
  const given = names.filter((name) => flagOf(values, name) || textOf(values, name) !== undefined)
  const [first, second] = given
  if (first !== undefined && second !== undefined) throw both(`--${first}`, `--${second}`)
  return first
}

/**
 * A filter of topics by Java patterns that match whole names; without patterns it accepts all topics.
 * @throws Failure USAGE for an invalid Java pattern
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
