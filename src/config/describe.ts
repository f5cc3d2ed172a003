// Every effective setting of every pair as text: value, and the line it came from or that it is the default.

import type { Effective } from './effective.ts'
import type { DisabledFlow } from './model.ts'
import { compileOrigins, type Origin } from './origins.ts'
import type { Problem } from './problems.ts'
import { flowName } from './resolve.ts'

/** Pages of text, one per pair; those of `disabled` flows say so. `withSecrets` leaves passwords readable. */
export function describeSettings(
  effective: Effective,
  withSecrets: boolean,
  disabled: readonly DisabledFlow[] = [],
): string {
  const off = new Map(disabled.map(({ name, problems }) => [name, problems]))
  const pairs = effective.pairs.map((pair) => {
    const sections = compileOrigins(pair, effective.file, withSecrets).map(
      ({ title, settings }) => `  ${title}\n${table(settings)}`,
    )
    return `${flowName(pair)}${offText(off.get(flowName(pair)))}\n${sections.join('\n')}`
  })
  return [`clusters: ${effective.clusters.join(', ')}`, ...pairs].join('\n\n')
}

function offText(errors: readonly Problem[] | undefined): string {
  if (errors === undefined) return ''
  const places = errors.map(({ line, key }) => [key, line && `line ${line}`].filter(Boolean).join(', '))
  return `  (not run, has errors: ${places.join('; ')})`
}

function table(settings: readonly Origin[]): string {
  const width = Math.min(50, Math.max(...settings.map(({ key }) => key.length)))
  return settings.map(({ key, value, from }) => `    ${key.padEnd(width)} = ${value}  (${from})`).join('\n')
}
