// godwit's own settings: those of a flow, and those of the process.
import type { FlowSettings } from '../../model/flow-settings.ts'
import { godwitDefinition, processDefinition } from '../definitions.ts'
import type { ProcessSettings } from '../model.ts'
import { parseSetting } from '../parse.ts'
import type { Problems } from '../problems.ts'
import { type Entries, type Entry, flowName, type Pair } from '../resolve.ts'
import type { FlowInput } from './names.ts'
import { Reader } from './reader.ts'
import { startRules } from './start.ts'

/** The entries of a flow by the names of godwit's own settings: written at the flow, else at the target, else bare. */
export function godwitEntries(pair: Pair, file: Entries): Entries {
  const prefixes = [`${flowName(pair)}.`, `${pair.target}.`, '']
  const found = [...godwitDefinition.keys()].flatMap((name): [string, Entry][] => {
    const entry = prefixes.map((prefix) => file.get(prefix + name)).find(Boolean)
    return entry ? [[name, entry]] : []
  })
  return new Map(found)
}

type GodwitSettings = Pick<
  FlowSettings,
  'memoryBytes' | 'onDoubt' | 'onGap' | 'translation' | 'start' | 'newPartitions' | 'allowLoops' | 'allowRecopy'
>

/** The part of a flow's settings that godwit's own keys decide; a value that cannot be parsed is a problem of the flow. */
export function compileGodwit({ pair, file, problems }: FlowInput): GodwitSettings {
  const entries = godwitEntries(pair, file)
  const own = new Reader(entries, godwitDefinition)
  for (const [name, setting] of godwitDefinition) {
    const entry = entries.get(name)
    const parsed = entry && parseSetting(setting, entry.text, 'dropped')
    if (entry && parsed?.ok === false) problems.error(entry.key, parsed.reason, parsed.remedy)
  }
  return {
    memoryBytes: own.number('godwit.memory.bytes'),
    onDoubt: own.text('godwit.on.doubt'),
    onGap: own.text('godwit.on.gap'),
    translation: own.text('godwit.offset.translation'),
    allowLoops: own.boolean('godwit.allow.loops'),
    allowRecopy: own.boolean('godwit.allow.recopy'),
    start: startRules(own.list('godwit.start'), own.entry('godwit.start')?.key ?? 'godwit.start', problems),
    newPartitions: own.text('godwit.new.partitions'),
  }
}

/** The settings of the process; a value that cannot be parsed is a problem that stops it, and the default is used. */
export function compileProcess(file: Entries, problems: Problems): ProcessSettings {
  for (const [name, setting] of processDefinition) {
    const entry = file.get(name)
    const parsed = entry && parseSetting(setting, entry.text, 'dropped')
    if (entry && parsed?.ok === false)
      problems.about('error', entry, parsed.reason, parsed.remedy, { stops: 'process' })
  }
  const own = new Reader(file, processDefinition)
  return {
    metrics: {
      // In the order of the file: where two families differ in a label, the first one is right.
      families: own.list('godwit.metrics.families'),
      partitions: own.boolean('godwit.metrics.partitions'),
    },
  }
}
