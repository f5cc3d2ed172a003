// Hands the files, directories and environment of this process to the configuration room, which may touch none of them.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../base/failure.ts'
import { type Loaded, loadConfiguration } from '../config/load.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a configuration file and what it refers to. `clusters` are the targets asked for, none meaning all.
 * Gives the model or the problems; throws CONFIG_INVALID when the file itself cannot be read.
 */
export function readConfiguration(file: string, clusters: readonly string[], environment: Environment): Loaded {
  return loadConfiguration({
    file,
    bytes: bytesOf(file),
    clustersFilter: clusters,
    environment: (name) => environment[name],
    readFile: (path) => readFileSync(path),
    listDirectory: namesOfFiles,
  })
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    throw new Failure('CONFIG_INVALID', 'the configuration file cannot be read', {
      file,
      cause,
      remedy: 'check the path and its permissions',
    })
  }
}

/** Regular files, also behind a link, as mounted secrets are. */
function namesOfFiles(directory: string): string[] {
  return readdirSync(directory).filter(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true,
  )
}
