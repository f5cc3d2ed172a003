// Text output of `godwit check`: the most severe findings first, each with its reason and remedies.
import { counted } from '../../base/counted.ts'
import { sentenceText, visible } from '../../base/readable.ts'
import type { Finding, FlowReport, Remedy } from '../../preflight/finding.ts'

/** Maximum number of findings shown for each check and severity. */
const SHOWN = 10

/** The text for these reports. */
export function checkText(reports: readonly FlowReport[]): string {
  return reports.map(flowText).join('\n\n')
}

function flowText({ flow, findings, notMade }: FlowReport): string {
  const groups = [...Map.groupBy(findings, ({ severity, check }) => `${severity} ${check}`).values()]
  return [
    `${flow}: ${summary(findings)}`,
    ...groups.flatMap(groupLines),
    ...(notMade.length > 0 ? ['', '  could not be checked:'] : []),
    ...notMade.map(({ check, why }) => sentenceText(`    ${check}: ${why}`)),
  ].join('\n')
}

function summary(findings: readonly Finding[]): string {
  const counts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = findings.filter((one) => one.severity === severity).length
    return count === 0 ? [] : [counted(count, severity)]
  })
  return counts.length === 0 ? 'no problems found' : counts.join(', ')
}

function groupLines(list: readonly Finding[]): string[] {
  const shown = list.slice(0, SHOWN).flatMap(findingLines)
  const more = list.length - SHOWN
  return more > 0 ? [...shown, '', `  ... and ${more} more of this kind; --output json shows all`] : shown
}

function findingLines({ severity, check, what, why, remedies }: Finding): string[] {
  const lines = [`  ${severity.padEnd(8)} ${check}: ${what}`, `           why: ${why}`]
  return ['', ...lines.map(sentenceText), ...remedies.flatMap(remedyLines)]
}

const heads: Readonly<Record<Remedy['kind'], string>> = {
  command: '$',
  setting: 'in the file:',
  resource: 'or, as a rule of the KafkaUser:',
  advice: 'do:',
}

function remedyLines({ kind, text }: Remedy): string[] {
  const indent = ' '.repeat(11)
  if (kind !== 'resource') return [`${indent}${heads[kind]} ${visible(text)}`]
  return [`${indent}${heads.resource}`, ...text.split('\n').map((line) => `${indent}  ${visible(line)}`)]
}
