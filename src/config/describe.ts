// Every effective setting of every pair as text: value, and the line it came from or that it is the default.

import type { Effective } from './effective.ts'
import { compileOrigins, type Origin } from './origins.ts'

/** Pages of text, one per pair. `withSecrets` leaves passwords readable. */
export function describeSettings(effective: Effective, withSecrets: boolean): string {
  const pairs = effective.pairs.map((pair) => {
    const sections = compileOrigins(pair, effective.file, withSecrets).map(
      ({ title, settings }) => `  ${title}\n${table(settings)}`,
    )
    return `${pair.source}->${pair.target}\n${sections.join('\n')}`
  })
  return [`clusters: ${effective.clusters.join(', ')}`, ...pairs].join('\n\n')
}

function table(settings: readonly Origin[]): string {
  const width = Math.min(50, Math.max(...settings.map(({ key }) => key.length)))
  return settings.map(({ key, value, from }) => `    ${key.padEnd(width)} = ${value}  (${from})`).join('\n')
}
