// The file from which a comparison continues after a kill: the progress and findings of each partition. It is written to a temporary
// file and renamed, so it is complete at any moment.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Failure, sentenceOf } from '../base/failure.ts'
import type { PartitionProgress } from './partition-check.ts'

const VERSION = 2
/** Minimum time between two writes (ms). */
const APART_MS = 1000

/** What must be the same for the progress to be usable. */
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
  /** by `topic-partition`; with the ids of both topics and where copying began, because a topic may be deleted and recreated */
  readonly partitions: Record<string, PartitionProgress & { readonly ids: string }>
}

export class ProgressFile {
  readonly #path: string
  readonly #contents: Contents
  readonly #notedAt = new Map<string, number>()
  #writtenAt = 0
  /** whether a file of an earlier run existed */
  readonly resumed: boolean

  /** @throws Failure USAGE when the file belongs to another flow or cluster, or cannot be read */
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

  /** The progress of a partition, if its topics and its start are still the same. */
  get(key: string, ids: string): PartitionProgress | undefined {
    const found = this.#contents.partitions[key]
    return found?.ids === ids ? found : undefined
  }

  /**
   * Records the progress of a partition, and writes the file; both at most once a second. A finished partition is always recorded.
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

  /** Removes the file: everything was compared, and the next run starts again. */
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
