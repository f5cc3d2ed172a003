// Writes a configuration as sections with comments, and its secrets as a separate file.

import { isSecretKey } from '../config/secrets.ts'
import { propertyLine } from '../config/text.ts'

export interface FileSetting {
  readonly key: string
  readonly value: string
  /** written above the line */
  readonly comment?: string
  /** written commented out, as a suggestion */
  readonly isSuggestion?: boolean
}

export interface FileSection {
  readonly title: string
  readonly comment?: readonly string[]
  readonly settings: readonly FileSetting[]
}

/** A file to be written. */
export interface NewFile {
  readonly name: string
  readonly text: string
  /** file mode; 0600 if the file contains secrets */
  readonly mode: number
}

const SECRET_MODE = 0o600
const OPEN_MODE = 0o644
const width = 100

/**
 * The configuration, and a file with its secrets. The configuration refers to them with Kafka's FileConfigProvider, so that
 * MirrorMaker 2 can read it too. A value that is already a reference is kept.
 * @param pathOf returns the absolute path of a file name in their directory
 */
export function filesOf(
  name: string,
  head: readonly string[],
  sections: readonly FileSection[],
  pathOf: PathOf,
): NewFile[] {
  const secretsName = `${name.replace(/\.properties$/, '')}-credentials.properties`
  const secrets: string[] = []
  const keep = (setting: FileSetting): FileSetting => {
    const { key, value } = setting
    if (!isSecretKey(key) || /^\$/.test(value.trim()) || value.includes('${')) return setting
    secrets.push(propertyLine(key, value))
    return { ...setting, value: `\${file:${pathOf(secretsName)}:${key}}` }
  }
  const kept = sections.map((section) => ({ ...section, settings: section.settings.map(keep) }))
  const providers: FileSection = {
    title: 'Secrets are in a separate file',
    settings: [
      { key: 'config.providers', value: 'file' },
      { key: 'config.providers.file.class', value: 'org.apache.kafka.common.config.provider.FileConfigProvider' },
    ],
  }
  const hasProviders = sections.some(({ settings }) => settings.some(({ key }) => key === 'config.providers'))
  const all = secrets.length > 0 && !hasProviders ? [...kept, providers] : kept
  const text = [...head.map((line) => `# ${line}`), ...all.flatMap(sectionLines), ''].join('\n')
  const files = [{ name, text, mode: OPEN_MODE }]
  if (secrets.length === 0) return files
  const warning =
    '# Secrets of the configuration in this directory: readable by the owner only; keep it out of repositories.'
  return [...files, { name: secretsName, text: [warning, ...secrets, ''].join('\n'), mode: SECRET_MODE }]
}

export type PathOf = (name: string) => string

function sectionLines({ title, comment = [], settings }: FileSection): string[] {
  const lines = settings.flatMap(({ key, value, comment: why, isSuggestion }) => [
    ...(why === undefined ? [] : wrapped(why)),
    `${isSuggestion ? '# ' : ''}${propertyLine(key, value)}`,
  ])
  return ['', `# ---- ${title} `.padEnd(width, '-'), ...comment.flatMap(wrapped), ...lines]
}

function wrapped(sentence: string): string[] {
  const lines: string[] = []
  for (const word of sentence.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(`# ${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
