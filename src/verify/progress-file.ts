// What a comparison needs to go on after a kill: where each partition stands, and what was found. Written beside and renamed, so that
// the file is whole at any moment.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Failure, sentenceOf } from '../base/failure.ts'
import type { PartitionProgress } from './partition-check.ts'

const VERSION = 2
/** At most so often (ms). */
const APART_MS = 1000

/** What must be the same for a progress to be of use. */
interface ProgressOf {
  readonly flow: string
  readonly sourceId: string
  readonly targetId: string
  /** isolation level under which the source was read */
  readonly isolation: string
}

interface Contents extends ProgressOf {
  readonly version: number
  readonly startedAt: string
  /** `topic-partition` -> with the ids of both topics and where copying began, for a topic may be deleted and recreated */
  readonly partitions: Record<string, PartitionProgress & { readonly ids: string }>
}

export class ProgressFile {
  readonly #path: string
  readonly #contents: Contents
  readonly #notedAt = new Map<string, number>()
  #writtenAt = 0
  /** a file of an earlier run was there */
  readonly resumed: boolean

  /** @throws Failure USAGE when the file is of another flow or cluster, or cannot be read */
  constructor(path: string, of: ProgressOf, startedAt: string) {
    this.#path = path
    const found = readProgress(path)
    if (found) mustBeOf(path, found, of)
    this.resumed = found !== undefined
    this.#contents = found ?? { version: VERSION, ...of, startedAt, partitions: {} }
  }

  get startedAt(): string {
    return this.#contents.startedAt
  }

  /** What is known of a partition whose topics and start are still the same. */
  get(key: string, ids: string): PartitionProgress | undefined {
    const found = this.#contents.partitions[key]
    return found?.ids === ids ? found : undefined
  }

  /**
   * Notes how far a partition is, unless that was done a moment ago and it is not done, and writes the file if that is some time ago.
   * @throws Failure when it cannot be written
   */
  set(key: string, ids: string, isDone: boolean, progress: () => PartitionProgress): void {
    const now = Date.now()
    if (!isDone && now - (this.#notedAt.get(key) ?? 0) < APART_MS) return
    this.#notedAt.set(key, now)
    this.#contents.partitions[key] = { ...progress(), ids }
    if (now - this.#writtenAt >= APART_MS) this.write()
  }

  /** @throws Failure USAGE when it cannot be written */
  write(): void {
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify(this.#contents))
      renameSync(`${this.#path}.new`, this.#path)
    } catch (cause) {
      const sentence = `the progress file cannot be written: ${sentenceOf(cause)}`
      throw new Failure('USAGE', sentence, {
        file: this.#path,
        cause,
        remedy: 'give --resume a file in a writable directory',
      })
    }
    this.#writtenAt = Date.now()
  }

  /** Removes it: everything was compared, and a next run begins anew. */
  remove(): void {
    rmSync(this.#path, { force: true })
  }
}

function readProgress(path: string): Contents | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unusable(path, sentenceOf(cause))
  }
  try {
    const found = JSON.parse(text) as Contents
    if (found.version === VERSION && typeof found.partitions === 'object') return found
  } catch {
    throw unusable(path, 'it is not valid JSON')
  }
  throw unusable(path, 'another version of godwit wrote it')
}

function mustBeOf(path: string, found: ProgressOf, of: ProgressOf): void {
  if (found.flow !== of.flow) throw unusable(path, `it belongs to flow ${found.flow}, not to ${of.flow}`)
  if (found.isolation !== of.isolation)
    throw unusable(path, `it was compared with isolation.level=${found.isolation}, not ${of.isolation}`)
  if (found.sourceId !== of.sourceId || found.targetId !== of.targetId)
    throw unusable(path, 'it belongs to other clusters')
}

function unusable(path: string, why: string): Failure {
  return new Failure('USAGE', `the progress file of an earlier run cannot be used: ${why}`, {
    file: path,
    remedy: 'give --resume another file, or delete this one to start again',
  })
}
