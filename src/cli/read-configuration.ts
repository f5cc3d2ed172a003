// Gives src/config access to files, directories and environment variables: src/config itself does no I/O.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, sentenceOf } from '../base/failure.ts'
import { type Loaded, loadConfiguration } from '../config/load.ts'
import type { Option } from './command.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Reading {
  readonly environment: Environment
  /** aliases of the requested targets; empty: all */
  readonly clusters?: readonly string[]
  /** where the Secrets of a KafkaMirrorMaker2 are mounted */
  readonly secretsDir?: string | undefined
}

/** `--secrets-dir`, the same for every command that reads a configuration. */
export const secretsOption: Option = {
  value: 'DIR',
  doc: 'Directory of the Secrets of a KafkaMirrorMaker2, as DIR/SECRET/KEY or DIR/NAMESPACE/SECRET/KEY (default: Secret documents in FILE, then in the YAML files in the same directory).',
}

/**
 * Reads a configuration file and the files it refers to. Gives the model, or the problems found.
 * @throws Failure CONFIG_INVALID when the file or the directory of secrets cannot be read
 */
export function readConfiguration(file: string, { environment, clusters = [], secretsDir }: Reading): Loaded {
  if (secretsDir !== undefined) mustBeDirectory(secretsDir)
  return loadConfiguration({
    file,
    bytes: bytesOf(file),
    clustersFilter: clusters,
    ...(secretsDir !== undefined && { secretsDir }),
    // Inherited properties such as toString are not environment variables.
    environment: (name) => (Object.hasOwn(environment, name) ? environment[name] : undefined),
    readFile: (path) => readFileSync(path),
    listDirectory: namesOfFiles,
  })
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    const [what, remedy] = unreadable[code] ?? [
      sentenceOf(cause),
      'give the path of a readable mm2.properties or YAML file',
    ]
    throw new Failure('CONFIG_INVALID', `the configuration cannot be read: ${what}`, { file, remedy })
  }
}

const unreadable: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['there is no such file', 'check the path; it is relative to the directory in which godwit was started'],
  EACCES: ['permission denied', 'give read permission to the user that runs godwit'],
  EISDIR: ['it is a directory', 'give a file in it, e.g. mm2.properties'],
}

/** A mistyped directory would look like missing Secrets. */
function mustBeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  const remedy = 'give the directory that contains one directory for each Secret'
  throw new Failure('CONFIG_INVALID', '--secrets-dir is not a directory', { file: path, remedy })
}

/** Names of regular files, including symbolic links to files: mounted Secrets are links. */
function namesOfFiles(directory: string): string[] {
  return readdirSync(directory).filter(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true,
  )
}
