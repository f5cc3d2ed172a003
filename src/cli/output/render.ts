// Prints results in the format of --output: text for people, JSON and YAML for programs.
import { visibleLines } from '../../base/readable.ts'
import { yamlText } from '../../config/text.ts'
import { type Context, type Option, textOf } from '../command.ts'

const formats = ['text', 'json', 'yaml'] as const

type Format = (typeof formats)[number]

/** `--output`, for every command with a result. */
export const outputOption: Option = {
  value: 'FORMAT',
  choices: formats,
  doc: 'text for people (default), json or yaml for programs.',
}

/** The format given by --output. */
export function formatOf({ values }: Pick<Context, 'values'>): Format {
  return formats.find((format) => format === textOf(values, 'output')) ?? 'text'
}

/** `value` as JSON (bigints as decimal text) or YAML. */
export function rendered(value: unknown, format: 'json' | 'yaml'): string {
  const json = JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? String(field) : field), 2)
  return format === 'json' ? json : yamlText(JSON.parse(json))
}

/** Prints `value` as JSON or YAML, or `text` (called only if needed) with control characters made visible. */
export function printResult(context: Context, value: unknown, text: () => string): void {
  const format = formatOf(context)
  context.print(format === 'text' ? visibleLines(text()) : rendered(value, format))
}
