// What a file says about the process, in godwit's own bare keys.
import { parseSetting } from '../define.ts'
import type { ProcessSettings } from '../model.ts'
import type { Problems } from '../problems.ts'
import type { Entries } from '../resolve.ts'
import { metricFamilies, processSettings } from '../settings/godwit.ts'

/** Compiles the settings of the process; a value that is wrong is an error, and its default stands in. */
export function compileProcess(file: Entries, problems: Problems): ProcessSettings {
  const [families, partitions] = processSettings.map((setting) => {
    const entry = file.get(setting.key)
    const parsed = parseSetting(setting, entry?.text ?? setting.fallback ?? '', 'dropped')
    if (parsed.ok) return parsed.value
    if (entry) problems.about('error', entry, parsed.reason, parsed.remedy, { stops: 'process' })
    return undefined
  })
  const wanted: readonly string[] = Array.isArray(families) ? families : []
  // In the order of the file: where two families differ in a label, the first one is right.
  const chosen = wanted.flatMap((name) => metricFamilies.find((family) => family === name) ?? [])
  return { metrics: { families: chosen, partitions: partitions !== false } }
}
