// Hands the files, directories and environment of this process to the configuration room, which may touch none of them.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, sentenceOf } from '../base/failure.ts'
import { type Loaded, loadConfiguration } from '../config/load.ts'
import type { Option } from './command.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Reading {
  readonly environment: Environment
  /** targets asked for; none: all */
  readonly clusters?: readonly string[]
  /** where the Secrets of a KafkaMirrorMaker2 are mounted */
  readonly secretsDir?: string | undefined
}

/** The option that goes with a KafkaMirrorMaker2, the same for every command that reads a configuration. */
export const secretsOption: Option = {
  value: 'DIR',
  doc: 'Where the Secrets a KafkaMirrorMaker2 names are, as DIR/SECRET/KEY or DIR/NAMESPACE/SECRET/KEY (default: Secret documents in FILE, then in the YAML files beside it).',
}

/**
 * Reads a configuration file and what it refers to.
 * Gives the model or the problems; throws CONFIG_INVALID when the file itself, or the directory of secrets, cannot be read.
 */
export function readConfiguration(file: string, { environment, clusters = [], secretsDir }: Reading): Loaded {
  if (secretsDir !== undefined) mustBeDirectory(secretsDir)
  return loadConfiguration({
    file,
    bytes: bytesOf(file),
    clustersFilter: clusters,
    ...(secretsDir !== undefined && { secretsDir }),
    // What every object inherits, toString for one, is no variable.
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
  ENOENT: ['there is no such file', 'check the path; it is taken from the directory godwit is started in'],
  EACCES: ['this user may not read it', 'make it readable for the user that runs godwit'],
  EISDIR: ['it is a directory', 'give the file in it, e.g. mm2.properties'],
}

/** A mistyped directory would look like missing Secrets. */
function mustBeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return
  const remedy = 'give the directory that holds a directory for each Secret'
  throw new Failure('CONFIG_INVALID', '--secrets-dir is no directory', { file: path, remedy })
}

/** Regular files, also behind a link, as mounted secrets are. */
function namesOfFiles(directory: string): string[] {
  return readdirSync(directory).filter(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true,
  )
}
