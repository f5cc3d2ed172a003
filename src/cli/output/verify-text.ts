// Text output of `godwit verify`: the verdict, a line per topic, and the differences.
import { readable } from '../../base/readable.ts'
import type { Difference } from '../../verify/outcome.ts'
import type { PartitionReport, Report, TopicReport } from '../../verify/report.ts'
import { startLines, verdictSentences, verdictWords } from '../../verify/verdict-words.ts'
import { bytesText, countedText, countText } from './quantities.ts'
import { type Column, tableLines } from './table.ts'

const columns: readonly Column[] = [
  { title: 'TOPIC', alignment: 'left' },
  { title: 'PARTITIONS', alignment: 'right' },
  { title: 'RECORDS', alignment: 'right' },
  { title: 'DIFFERENCES', alignment: 'right' },
  { title: 'VERDICT', alignment: 'left' },
]
/** Maximum number of partitions, and of differences of a partition, that are printed. */
const partitionsShown = 20
const differencesShown = 10

/** Lines of the result. */
export function verifyLines(given: Report): string[] {
  const report = readable(given)
  const { flow, depth, source, target, verdict, records, bytesRead, digest } = report
  const rows = report.topics.map((topic) => topicRow(topic))
  return [
    `${flow}  ${verdictWords[verdict]}  (depth ${depth}, ${countedText(records, 'record')}, read ${bytesText(bytesRead.source)} and ${bytesText(bytesRead.target)})`,
    `  ${verdictSentences[verdict]}`,
    `  source ${source.alias} ${source.clusterId}, target ${target.alias} ${target.clusterId}`,
    ...startLines(report).map((line) => `  ${line}`),
    ...report.notes.slice(0, partitionsShown).map((line) => `  ${line}`),
    ...rest(report.notes.length - partitionsShown, 'notes'),
    ...tableLines(columns, rows).map((line) => `  ${line}`),
    ...partitionLines(report),
    ...report.around.flatMap(({ what, verdict: own, compared, differences, notes }) => [
      `  ${what}: ${verdictWords[own]}, ${countText(compared)} compared`,
      ...differences.slice(0, partitionsShown).map((line) => `    ! ${line}`),
      ...rest(differences.length - partitionsShown, 'differences'),
      ...notes.slice(0, partitionsShown).map((line) => `    ${line}`),
      ...rest(notes.length - partitionsShown, 'notes'),
    ]),
    `  digest sha256:${digest}`,
  ]
}

function topicRow({ topic, targetTopic, verdict, partitionCounts, differences, partitions }: TopicReport): string[] {
  const records = partitions.reduce((sum, one) => sum + (one.counted?.source ?? one.records), 0)
  const found = partitions.reduce((sum, one) => sum + one.differences.length, differences.length)
  const name = topic === targetTopic ? topic : `${topic} -> ${targetTopic}`
  return [name, String(partitionCounts.source), countText(records), countText(found), verdictWords[verdict]]
}

function partitionLines({ topics }: Report): string[] {
  const lines = topics.flatMap(({ topic, differences, partitions }) => [
    ...differences.map((line) => [`  ${topic}`, `    ! ${line}`]),
    ...partitions
      .filter(isWorthShowing)
      .map((one) => [`  ${topic}-${one.partition}  ${verdictWords[one.verdict]}`, ...linesOf(one)]),
  ])
  return [...lines.slice(0, partitionsShown).flat(), ...rest(lines.length - partitionsShown, 'partitions')]
}

function isWorthShowing({ verdict, notes, differences }: PartitionReport): boolean {
  return verdict !== 'equal' || notes.length > 0 || differences.length > 0
}

function linesOf({ differences, notes, late, heldBack, failure, counted }: PartitionReport): string[] {
  return [
    ...(failure ? [`    not read: ${failure}`] : []),
    ...(late ? [`    ${late}`] : []),
    ...(heldBack?.sentences ?? []).map((line) => `    ! ${line}`),
    ...(counted && counted.source !== counted.target
      ? [`    ${countedText(counted.source, 'record')} on the source, ${countText(counted.target)} on the target`]
      : []),
    ...differences.slice(0, differencesShown).flatMap(differenceLines),
    ...rest(differences.length - differencesShown, 'differences'),
    ...notes.map((note) => `    ${note}`),
  ]
}

function differenceLines({ kind, sentence, source, target }: Difference): string[] {
  const sides = [
    ['source', source],
    ['target', target],
  ] as const
  const shown = sides.flatMap(([name, brief]) => {
    if (!brief) return []
    const { key, value, timestamp, headers } = brief
    const named = headers.map((header) => `${header.name}=${fieldText(header.value)}`).join(', ')
    const parts = [
      `key ${fieldText(key)}`,
      `value ${fieldText(value)}`,
      `time ${timestamp}`,
      ...(named ? [`headers ${named}`] : []),
    ]
    return [`      ${name}: ${parts.join('; ')}`]
  })
  return [`    ! ${kind}: ${sentence}`, ...shown]
}

function fieldText(brief: { readonly bytes: number; readonly sha256: string; readonly text?: string } | null): string {
  if (!brief) return 'null'
  const { bytes, sha256, text } = brief
  return `${text === undefined ? '' : `'${text}' `}(${bytes} B, sha256 ${sha256})`
}

function rest(more: number, what: string): string[] {
  return more > 0 ? [`  ... and ${countText(more)} ${what} more: see them all with --output json`] : []
}
