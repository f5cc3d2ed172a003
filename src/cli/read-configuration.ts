// Hands the files, directories and environment of this process to the configuration room, which may touch none of them.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Failure, sentenceOf } from '../base/failure.ts'
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
    const code = (cause as NodeJS.ErrnoException).code ?? ''
    const [what, remedy] = unreadable[code] ?? [sentenceOf(cause), 'give the path of a readable mm2.properties']
    throw new Failure('CONFIG_INVALID', `the configuration cannot be read: ${what}`, { file, remedy })
  }
}

const unreadable: Readonly<Record<string, readonly [what: string, remedy: string]>> = {
  ENOENT: ['there is no such file', 'check the path; it is taken from the directory godwit is started in'],
  EACCES: ['this user may not read it', 'make it readable for the user that runs godwit'],
  EISDIR: ['it is a directory', 'give the file in it, e.g. mm2.properties'],
}

/** Regular files, also behind a link, as mounted secrets are. */
function namesOfFiles(directory: string): string[] {
  return readdirSync(directory).filter(
    (name) => statSync(join(directory, name), { throwIfNoEntry: false })?.isFile() === true,
  )
}
