// Test data from Kafka's own producer: numbered records, so that test/harness/oracle.ts can find missing and duplicated ones.
import { eventually } from './eventually.ts'
import { answersOf, askJava, type Reach, startAsking } from './java-json.ts'

export interface LoadOptions {
  readonly topics: readonly string[]
  /** per topic; missing topics are created; default: 1 */
  readonly partitions?: number
  readonly replication?: number
  /** for topics that are created; retention.ms=-1 is added with startTime */
  readonly topicConfigs?: Readonly<Record<string, string>>
  /** total of all topics, without aborted records; distributed over the partitions in turn */
  readonly records: number
  /** number of each partition's first record, to continue an earlier load; default: 0 */
  readonly first?: number
  /** default: 100 */
  readonly valueBytes?: number
  /** 1: batches of one record; default: 16384 */
  readonly batchBytes?: number
  readonly lingerMs?: number
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** timestamp of the first record, e.g. '2019-03-01T00:00:00Z'; default: the clock */
  readonly startTime?: string
  /** time between two records, with startTime; default: 1 */
  readonly stepMs?: number
  /** default: true */
  readonly idempotent?: boolean
  /** records per second; default: as fast as possible */
  readonly perSecond?: number
  /** headers of each record */
  readonly headers?: number
  /** records in a transaction; default: no transactions */
  readonly transactionRecords?: number
  /** proportion of aborted transactions, from 0 to 1 */
  readonly abortRatio?: number
  /** every n-th record has no key */
  readonly nullKeyEvery?: number
  /** every n-th record has no value */
  readonly tombstoneEvery?: number
  readonly heapMb?: number
}

export interface LoadResult {
  /** records outside aborted transactions */
  readonly acknowledged: number
  /** records in aborted transactions */
  readonly aborted: number
  readonly refused: number
  /** why the first refused record was refused */
  readonly refusal: string
  readonly partitions: readonly {
    readonly topic: string
    readonly partition: number
    /** the value of `first` for a load that continues this one */
    readonly next: number
    readonly acknowledged: number
    readonly lastOffset: number
  }[]
}

/** Longer than a broker takes to restart (ms). */
const GOES_ON_WITHIN_MS = 120_000

/** A load that continues until it is stopped, or killed at the end of its scope (`await using`). */
export interface RunningLoad extends AsyncDisposable {
  /** the count of a second ago */
  acknowledged(): number
  /**
   * Resolves when this many more records are acknowledged, which shows that the cluster accepts records.
   * @throws AssertionError after two minutes
   */
  untilAcknowledged(records: number): Promise<void>
  /** Stops sending and waits until everything sent is acknowledged. @throws Error if records were refused */
  stop(): Promise<LoadResult>
}

/** Produces all records. @throws Error if a record was refused */
export async function load(cluster: Reach, options: LoadOptions): Promise<LoadResult> {
  const lines = await askJava<LoadResult>('Load.java', cluster, request(options, false), javaOf(options))
  return last(lines)
}

/**
 * Starts producing. Resolves when the first records are acknowledged.
 * @throws Error with the program's output if it ends before
 */
export async function startLoad(cluster: Reach, options: Omit<LoadOptions, 'records'>): Promise<RunningLoad> {
  let acknowledged = 0
  let begun = () => {}
  const beginning = new Promise<void>((resolve) => (begun = resolve))
  const onLine = (line: string) => {
    acknowledged = (JSON.parse(line) as LoadResult).acknowledged
    if (acknowledged > 0) begun()
  }
  const wish = request({ ...options, records: 0 }, true)
  const { child, ended } = await startAsking('Load.java', cluster, wish, { ...javaOf(options), onLine })
  const result = ended.then((end) => last(answersOf<LoadResult>('Load.java', end)))
  await Promise.race([beginning, result])
  // stop() reports the error to its caller.
  result.catch(() => {})
  return {
    acknowledged: () => acknowledged,
    untilAcknowledged: async (records) => {
      const goal = acknowledged + records
      const isAlive = () => child.exitCode === null && child.signalCode === null
      await eventually(
        () => acknowledged,
        (count) => count >= goal || !isAlive(),
        GOES_ON_WITHIN_MS,
      )
    },
    stop: () => {
      child.stdin.end()
      return result
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

function request(options: LoadOptions, untilStopped: boolean): object {
  const defaults = {
    partitions: 1,
    replication: 1,
    first: 0,
    valueBytes: 100,
    batchBytes: 16_384,
    lingerMs: 5,
    compression: 'none',
    stepMs: 1,
    idempotent: true,
    perSecond: 0,
    headers: 0,
    transactionRecords: 0,
    abortRatio: 0,
    nullKeyEvery: 0,
    tombstoneEvery: 0,
  }
  // Retention uses timestamps: topics with old records would soon be empty.
  const topicConfigs = { ...(options.startTime ? { 'retention.ms': '-1' } : {}), ...options.topicConfigs }
  return { ...defaults, ...options, topicConfigs, untilStopped }
}

function javaOf({ heapMb }: Omit<LoadOptions, 'records'>) {
  return { heapMb: heapMb ?? 192 }
}

/** A line of progress has no partitions, and may arrive after the result. */
function last(lines: readonly LoadResult[]): LoadResult {
  const result = lines.findLast(({ partitions }: Partial<LoadResult>) => partitions !== undefined)
  if (!result) throw new Error('Load.java printed no result')
  return result
}
