// Writes the files of a new configuration, and validates it as `godwit run` would.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../../base/failure.ts'
import { loadConfiguration } from '../../config/load.ts'
import { describeProblem } from '../../config/problems.ts'
import type { NewFile } from '../../init/sections.ts'

/** Writes all files. @throws Failure FILE_EXISTS, before anything is written, unless `isForced`; CONFIG_INVALID when the directory is not writable */
export function writeAll(files: readonly NewFile[], directory: string, isForced: boolean): void {
  const there = files.find(({ name }) => existsSync(join(directory, name)))
  if (there && !isForced) {
    const remedy = 'give --force to overwrite it, or another --file'
    throw new Failure('FILE_EXISTS', 'the file already exists; nothing was written', {
      file: join(directory, there.name),
      remedy,
    })
  }
  try {
    mkdirSync(directory, { recursive: true })
    const written = files.map(({ name, text, mode }) => {
      const draft = join(directory, `.${name}.new`)
      writeFileSync(draft, text, { mode })
      return [draft, join(directory, name)] as const
    })
    for (const [draft, file] of written) renameSync(draft, file)
  } catch (cause) {
    throw new Failure('CONFIG_INVALID', 'the configuration cannot be written', {
      file: directory,
      cause,
      remedy: 'give a --file in a directory that this user may write to',
    })
  }
}

/** Flows and problems of the new configuration, also with --dry-run, when it is not written. */
export function reviewed(
  files: readonly NewFile[],
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): { flows: string[]; findings: string[] } {
  const texts = new Map(files.map(({ name, text }) => [join(directory, name), Buffer.from(text)]))
  const [first] = files
  const { model, problems } = loadConfiguration({
    file: first?.name ?? '',
    bytes: Buffer.from(first?.text ?? ''),
    environment: (name) => environment[name],
    readFile: (path) => texts.get(path) ?? missing(path),
    listDirectory: () => files.map(({ name }) => name),
  })
  const flows = model?.flows.filter(({ settings }) => settings.enabled).map(({ settings }) => settings.name) ?? []
  return { flows, findings: problems.filter(({ severity }) => severity !== 'note').map(describeProblem) }
}

function missing(path: string): never {
  throw new Failure('CONFIG_INVALID', 'the configuration refers to a file that does not exist', {
    file: path,
    remedy: 'create the file, or remove the key',
  })
}
