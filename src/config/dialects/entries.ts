// The file as a map of entries: environment variables are replaced, and of duplicated keys the last one is kept. Warns about
// common mistakes.
import { Failure, sentenceOf } from '../../base/failure.ts'
import { splitList } from '../parse.ts'
import type { Problems } from '../problems.ts'
import type { Entries, Entry } from '../resolve.ts'
import { maskValue } from '../secrets.ts'
import { propertyLine } from '../text.ts'
import { expandVariables } from './environment.ts'
import { latin1, type Property, parseProperties } from './properties.ts'
import { declareProviders, type Outside, ProviderError, type Providers, resolveReferences } from './providers.ts'

/** Reads the bytes of a properties file; undefined if Java could not read it either. */
export function readEntries(
  bytes: Uint8Array,
  environment: Outside['environment'],
  problems: Problems,
): Map<string, Entry> | undefined {
  const text = latin1(bytes)
  const properties = parsed(text, problems)
  if (properties === undefined) return undefined
  if (text.startsWith('\u00ef\u00bb\u00bf')) {
    const reason = 'begins with a byte order mark, which becomes a part of the first key'
    problems.add('warning', reason, 'save the file without one', { line: 1 })
  }
  const entries = new Map<string, Entry>()
  for (const property of properties) {
    const entry = newEntry(property, environment, problems)
    warnOfEarlier(entries.get(property.key), entry, problems)
    entries.delete(property.key)
    entries.set(property.key, entry)
  }
  return entries
}

function warnOfEarlier(earlier: Entry | undefined, entry: Entry, problems: Problems): void {
  if (earlier === undefined || earlier.written === entry.written) return
  const reason = `is also on line ${earlier.line}, with another value; this line counts`
  problems.about('warning', entry, reason, `remove line ${earlier.line} or line ${entry.line}`)
}

function parsed(text: string, problems: Problems): Property[] | undefined {
  try {
    return parseProperties(text, problems.file)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const { line, remedy } = error.circumstances
    problems.add('error', sentenceOf(error), remedy ?? '', { ...(line !== undefined && { line }), stops: 'process' })
    return undefined
  }
}

function newEntry(property: Property, environment: Outside['environment'], problems: Problems): Entry {
  const { key, value, line, literalDollars } = property
  const { text, missing } = expandVariables(value, literalDollars, environment)
  const entry = { key, written: value, text, line }
  // A lower-case name after a $ is more likely part of a password or pattern than a missing variable.
  for (const name of missing.filter((candidate) => /^[A-Z][A-Z0-9_]*$/.test(candidate))) {
    problems.hint(
      entry,
      `names the environment variable ${name}, which is not set; the text stays as it is`,
      `set ${name}, or write \\$ for the sign itself`,
    )
  }
  warnOfInlineComment(entry, property.isContinued, problems)
  if (/[\u0080-\u00ff]/.test(value) && isUtf8(value)) {
    const isShown = maskValue(key, value) === value
    const line = propertyLine(key, Buffer.from(value, 'latin1').toString('utf8'))
    problems.about(
      'warning',
      entry,
      'holds letters that Java reads as ISO-8859-1, not UTF-8',
      isShown ? `write ${line}` : 'write them as \\uXXXX',
    )
  }
  return entry
}

/** A comment after a value is part of the value, which is rarely intended. */
function warnOfInlineComment(entry: Entry, isContinued: boolean, problems: Problems): void {
  const { key, written } = entry
  const at = commentAt(written)
  if (at === undefined) return
  const rule = 'in a properties file a comment cannot stand behind a value'
  if (maskValue(key, written) !== written) {
    const remedy = 'remove what stands behind the value, from the blank in front of the # on, unless it belongs to it'
    return problems.remark(entry, `holds a # behind a blank as part of the value: ${rule}`, remedy)
  }
  const value = written.slice(0, at).replace(/,\s*$/, '')
  const items = splitList(written)
  const read =
    items.length > 1 ? `the items ${items.map((one) => JSON.stringify(one)).join(', ')}` : JSON.stringify(written)
  const remedy = isContinued
    ? 'remove what is meant as a comment from between the lines of the value; it stands on a line of its own in front of the key'
    : value === ''
      ? `remove the line, or write a value into it; a comment stands on a line of its own`
      : `write ${propertyLine(key, value)}; a comment stands on a line of its own`
  problems.remark(entry, `is read as ${read}: ${rule}`, remedy)
}

/** Where the value ends if a `#` after a blank, or at its start, is meant as a comment; not within quotation marks. */
function commentAt(value: string): number | undefined {
  for (const { index } of value.matchAll(/(?:^|[ \t\f]+)#/g)) {
    const quotes = value.slice(0, index).split('"').length - 1
    if (quotes % 2 === 0) return index
  }
  return undefined
}

function isUtf8(value: string): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'))
    return true
  } catch {
    return false
  }
}

/** The texts of entries by key, as the providers read them. */
const textsOf = (entries: Entries): Map<string, string> => new Map([...entries].map(([key, { text }]) => [key, text]))

/** The providers declared in `entries`; none, and a problem, if a declaration is invalid. */
export function providersOf(
  entries: Entries,
  reading: 'trimmed' | 'untrimmed',
  outside: Outside,
  problems: Problems,
): Providers {
  try {
    return declareProviders(textsOf(entries), reading, outside)
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error
    const entry = entries.get(error.key ?? 'config.providers')
    const remedy = 'only FileConfigProvider, DirectoryConfigProvider and EnvVarConfigProvider of Kafka exist here'
    if (entry) problems.about('error', entry, `: ${error.message}`, remedy, { stops: 'process' })
    else problems.add('error', error.message, remedy, { stops: 'process' })
    return new Map()
  }
}

/** The entries with references resolved. An unreadable one is a problem and stays as written. */
export function resolveEntries(entries: Entries, providers: Providers, problems: Problems): Map<string, Entry> {
  if (providers.size === 0) return new Map(entries)
  return new Map([...entries].map(([key, entry]) => [key, resolved(entry, providers, problems)]))
}

function resolved(entry: Entry, providers: Providers, problems: Problems): Entry {
  try {
    return { ...entry, text: resolveReferences(entry.text, providers) }
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof Failure)) throw error
    problems.about('error', entry, `: ${error.message}`, 'correct the reference, or make what it names readable', {
      stops: 'process',
    })
    return entry
  }
}
