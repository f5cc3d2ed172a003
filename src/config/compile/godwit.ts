// godwit's own settings: those of a flow, and those of the process.
import type { FlowSettings } from '../../model/flow-settings.ts'
import { godwitDefinition, processDefinition } from '../definitions.ts'
import type { ProcessSettings } from '../model.ts'
import { parseSetting } from '../parse.ts'
import type { Problems } from '../problems.ts'
import { type Entries, type Entry, flowName, type Pair } from '../resolve.ts'
import type { FieldsOf, RowOf } from '../setting.ts'
import type { FlowInput } from './names.ts'
import { Reader } from './reader.ts'
import { startRules } from './start.ts'

/** The entries of a flow for godwit's own settings: written under the flow, else under the target, else without prefix. */
export function godwitEntries(pair: Pair, file: Entries): Entries {
  const prefixes = [`${flowName(pair)}.`, `${pair.target}.`, '']
  const found = [...godwitDefinition.keys()].flatMap((name): [string, Entry][] => {
    const entry = prefixes.map((prefix) => file.get(prefix + name)).find(Boolean)
    return entry ? [[name, entry]] : []
  })
  return new Map(found)
}

/** The fields of FlowSettings that godwit's own settings name. A field that FlowSettings lacks is a compile error. */
type GodwitSettings = Pick<FlowSettings, keyof FieldsOf<RowOf<typeof godwitDefinition>> | 'start'>

/** The part of a flow's settings that godwit's own keys determine. An invalid value is a problem of the flow. */
export function compileGodwit({ pair, file, problems }: FlowInput): GodwitSettings {
  const entries = godwitEntries(pair, file)
  for (const [name, setting] of godwitDefinition) {
    const entry = entries.get(name)
    const parsed = entry && parseSetting(setting, entry.text, 'dropped')
    if (entry && parsed?.ok === false) problems.error(entry.key, parsed.reason, parsed.remedy)
  }
  const own = new Reader(entries, godwitDefinition)
  const startKey = own.entry('godwit.start')?.key ?? 'godwit.start'
  return { ...own.fields(), start: startRules(own.list('godwit.start'), startKey, problems) }
}

/** The settings of the process. An invalid value is a problem that stops the process; the default is used. */
export function compileProcess(file: Entries, problems: Problems): ProcessSettings {
  for (const [name, setting] of processDefinition) {
    const entry = file.get(name)
    const parsed = entry && parseSetting(setting, entry.text, 'dropped')
    if (entry && parsed?.ok === false)
      problems.about('error', entry, parsed.reason, parsed.remedy, { stops: 'process' })
  }
  // Families in the order of the file: if two have different labels, the first one is used.
  return { metrics: new Reader(file, processDefinition).fields() }
}
