// Settings that have an effect in MM2 and none in godwit: what MM2 would do is reported for each; those that only tune MM2 itself
// share one note.
import { connectorClient, recordProducer } from '../compile/cluster.ts'
import {
  adminDefinition,
  connectorDefinitions,
  consumerDefinition,
  flowOnlyDefinition,
  producerDefinition,
  topDefinition,
  workerDefinition,
} from '../definitions.ts'
import type { Effective, EffectivePair } from '../effective.ts'
import { javaTrim, parseSetting, splitList } from '../parse.ts'
import type { Problems } from '../problems.ts'
import type { Entries, Entry } from '../resolve.ts'
import type { Definition, Setting } from '../setting.ts'

/** A setting and the entry in the file that sets it. */
interface Given {
  readonly setting: Setting
  readonly entry: Entry
}

/** Checks the pairs that copy: a warning for each setting with a missing effect, one note for all others without effect. */
export function adviseOnEffects(
  { file, dialect }: Effective,
  pairs: readonly EffectivePair[],
  problems: Problems,
): void {
  const effects = new Map<string, Given>()
  const others = new Map<string, Given>()
  const take = (into: Map<string, Given>, entries: Entries, definition: Definition) => {
    for (const given of withoutEffect(entries, definition)) into.set(identity(given), given)
  }
  for (const pair of pairs) {
    for (const [entries, definition] of copyingMaps(pair)) take(effects, entries, definition)
    for (const [entries, definition] of otherClients(pair)) take(others, entries, definition)
  }
  take(others, file, topDefinition)
  const reported = [...effects.values()].filter(({ setting }) => setting.reported !== undefined)
  for (const { setting, entry } of reported) {
    problems.about(
      'warning',
      entry,
      `has no effect here: ${setting.reported}`,
      'remove the line, if that is what you want',
    )
  }
  const known = new Set(reported.map(identity))
  const rest = [...new Map([...effects, ...others])].flatMap(([id, given]) => (known.has(id) ? [] : [given]))
  note(dialect === 'resource' ? rest.filter(({ setting }) => setting.name !== ofResource) : rest, problems)
}

/** A resource has its own note for `tasksMax`. */
const ofResource = 'tasks.max'

const identity = ({ entry }: Given) => `${entry.line} ${entry.key}`

/** The maps that MM2 uses for copying, each with the table of its keys. */
function copyingMaps(pair: EffectivePair): (readonly [Entries, Definition])[] {
  const { connector, worker, checked } = pair
  return [
    ...Object.entries(checked).map(([name, entries]) => {
      return [entries, connectorDefinitions[name as keyof typeof connectorDefinitions]] as const
    }),
    [connector, flowOnlyDefinition],
    [worker, workerDefinition],
    [connectorClient(connector, 'source', 'consumer'), consumerDefinition],
    [recordProducer(worker, connector), producerDefinition],
    ...(['source', 'target'] as const).map(
      (side) => [connectorClient(connector, side, 'admin'), adminDefinition] as const,
    ),
  ]
}

/** Clients that only read and write MM2's own topics. */
function otherClients({ connector }: EffectivePair): (readonly [Entries, Definition])[] {
  return (['source', 'target'] as const).flatMap((side) => [
    [connectorClient(connector, side, 'consumer'), consumerDefinition] as const,
    [connectorClient(connector, side, 'producer'), producerDefinition] as const,
  ])
}

/** Keys of the file with a value that has no effect here. Invalid values are reported elsewhere. */
function withoutEffect(entries: Entries, definition: Definition): Given[] {
  return [...definition.values()].flatMap((setting) => {
    const entry = entries.get(setting.name)
    if (entry === undefined || entry.line === 0 || !isIdle(setting)) return []
    const isGiven = entry.text !== '' || setting.default !== null
    return isGiven &&
      !isDefault(setting, entry.text) &&
      !isHarmless(setting, entry.text) &&
      parseSetting(setting, entry.text, 'dropped').ok
      ? [{ setting, entry }]
      : []
  })
}

/** Security settings have their own refusals: if a mechanism is not supported, its keys do not matter. */
const isIdle = ({ name, effect, silent }: Setting) =>
  !silent && (effect === 'no effect' || (effect === 'not yet' && !/^(?:sasl\.|exactly\.once\.)/.test(name)))

const isDefault = ({ default: fallback, range }: Setting, text: string) => {
  const value = javaTrim(text)
  return value === fallback || (range?.anyCase === true && value.toLowerCase() === fallback?.toLowerCase())
}

const isHarmless = ({ type, harmless = [] }: Setting, text: string) => {
  const values = type === 'list' ? splitList(text) : [javaTrim(text)]
  return values.some((value) => harmless.includes(value))
}

function note(list: readonly Given[], problems: Problems): void {
  if (list.length === 0) return
  const entries = list.map(({ entry }) => entry).sort((a, b) => a.line - b.line)
  const names = entries.map(({ key, line }) => `${key} (line ${line})`)
  problems.add(
    'note',
    `without effect here, since it only tunes MM2 itself: ${names.join(', ')}`,
    'leave it for MM2 or remove it; docs/reference/settings.md says of each key what godwit does instead',
  )
}
