// Reset plans as CSV: what --export prints and --from-file reads, in the two forms of Kafka's tool.
import { Failure } from '../base/failure.ts'
import { visible } from '../base/readable.ts'
import type { NewOffset } from './kafka-text.ts'

/** Kafka's writer quotes every longer value (characters). */
const LONGEST_UNQUOTED = 24

/** One line per partition. @param withGroup false leaves the group out, as for a single --group */
export function planCsv(rows: readonly NewOffset[], withGroup: boolean): string {
  return rows
    .map(({ group, topic, partition, offset }) => {
      const names = (withGroup ? [group, topic] : [topic]).map(quoted)
      return `${[...names, partition, offset].join(',')}\n`
    })
    .join('')
}

/**
 * Parses a plan. The short form (topic, partition, offset) needs exactly one group.
 * @param groups those given with --group @param file path for messages
 * @throws Failure CONFIG_INVALID with the line
 */
export function parsePlan(text: string, groups: readonly string[], file: string): NewOffset[] {
  const lines = linesOf(text, file)
  while (isEmpty(lines.at(-1))) lines.pop()
  const [first] = lines
  if (first === undefined) throw invalidPlan(file, 1, 'it is empty')
  const isShort = groups.length === 1 && first.cells.length === 3
  return lines.map(({ cells, line }) => {
    if (cells.length !== (isShort ? 3 : 4))
      throw invalidPlan(file, line, `'${visible(cells.join(','))}' has the wrong number of values`)
    const [group = '', topic = '', partition = '', offset = ''] = isShort ? [groups[0] ?? '', ...cells] : cells
    if (!/^\d+$/.test(partition.trim()))
      throw invalidPlan(file, line, `'${visible(partition)}' is not a partition number`)
    if (!/^-?\d+$/.test(offset.trim())) throw invalidPlan(file, line, `'${visible(offset)}' is not an offset`)
    return { group, topic, partition: Number(partition), offset: Number(offset) }
  })
}

interface Line {
  /** values without quotes */
  readonly cells: readonly string[]
  /** number of its first line: quoted values may contain line ends */
  readonly line: number
}

const isEmpty = (line: Line | undefined) => line?.cells.length === 1 && line.cells[0] === ''

/** @throws Failure CONFIG_INVALID for an unclosed quote */
function linesOf(text: string, file: string): Line[] {
  const lines: Line[] = []
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y
  let line = 1
  for (let [cells, begun] = [[] as string[], 1]; ; ) {
    const found = cell.exec(text)
    if (!found) throw invalidPlan(file, begun, 'a value has an extra or unclosed quote')
    const [whole, quotedValue, plain = '', end = ''] = found
    cells.push(quotedValue?.replaceAll('""', '"') ?? plain)
    line += whole.split('\n').length - 1
    if (end === ',') continue
    lines.push({ cells, line: begun })
    if (end === '') return lines
    ;[cells, begun] = [[], line]
  }
}

/** As Kafka's writer (Jackson) does: a long value, or a character before `-` in ASCII, needs quotes. */
function quoted(value: string): string {
  const needs = value.length > LONGEST_UNQUOTED || [...value].some((letter) => letter < '-')
  return needs ? `"${value.replaceAll('"', '""')}"` : value
}

function invalidPlan(file: string, line: number, what: string): Failure {
  const remedy = 'write GROUP,TOPIC,PARTITION,OFFSET on each line, or TOPIC,PARTITION,OFFSET with exactly one --group'
  return new Failure('CONFIG_INVALID', `the plan is invalid: ${what}`, { file, line, remedy })
}
