// Test data from Kafka's own producer: numbered records, so that test/harness/oracle.ts can count what became of them.
import { eventually } from './eventually.ts'
import { answersOf, askJava, type Reach, startAsking } from './java-json.ts'

export interface LoadOptions {
  readonly topics: readonly string[]
  /** of each topic; topics that are missing are made. 1 when absent */
  readonly partitions?: number
  readonly replication?: number
  /** of topics that are made; retention.ms=-1 comes with startTime */
  readonly topicConfigs?: Readonly<Record<string, string>>
  /** of all topics together, without aborted ones; spread over partitions in turn */
  readonly records: number
  /** number of each partition's first record, where an earlier load left off; 0 when absent */
  readonly first?: number
  /** 100 when absent */
  readonly valueBytes?: number
  /** 1: batches of one record. 16384 when absent */
  readonly batchBytes?: number
  readonly lingerMs?: number
  readonly compression?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  /** timestamp of the first record, e.g. '2019-03-01T00:00:00Z'; the clock when absent */
  readonly startTime?: string
  /** from record to record, with startTime; 1 when absent */
  readonly stepMs?: number
  /** true when absent */
  readonly idempotent?: boolean
  /** records per second; as fast as it goes when absent */
  readonly perSecond?: number
  /** headers of each record */
  readonly headers?: number
  /** records in a transaction; no transactions when absent */
  readonly transactionRecords?: number
  /** share of transactions that are aborted, from 0 to 1 */
  readonly abortRatio?: number
  /** every n-th record has no key */
  readonly nullKeyEvery?: number
  /** every n-th record has no value */
  readonly tombstoneEvery?: number
  readonly heapMb?: number
}

export interface LoadResult {
  /** of records outside aborted transactions */
  readonly acknowledged: number
  /** records in aborted transactions */
  readonly aborted: number
  readonly refused: number
  /** why the first one was refused */
  readonly refusal: string
  readonly partitions: readonly {
    readonly topic: string
    readonly partition: number
    /** what a further load goes on with, as `first` */
    readonly next: number
    readonly acknowledged: number
    readonly lastOffset: number
  }[]
}

/** Longer than a broker takes to come back (ms). */
const GOES_ON_WITHIN_MS = 120_000

/** A load that goes on until it is stopped, or killed with its scope (`await using`). */
export interface RunningLoad extends AsyncDisposable {
  /** as of a second ago */
  acknowledged(): number
  /** Resolves when so many more records are acknowledged: the way to the cluster is open. @throws AssertionError after two minutes */
  goesOn(records: number): Promise<void>
  /** Ends it when everything sent is acknowledged. @throws Error when records were refused */
  stop(): Promise<LoadResult>
}

/** Produces all records. @throws Error when a record was refused */
export async function load(cluster: Reach, options: LoadOptions): Promise<LoadResult> {
  const lines = await askJava<LoadResult>('Load.java', cluster, request(options, false), javaOf(options))
  return last(lines)
}

/** Starts producing; resolves once the first records are acknowledged. @throws Error with what the program said when it ends before */
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
  // Who waits for it hears of it in stop().
  result.catch(() => {})
  return {
    acknowledged: () => acknowledged,
    goesOn: async (records) => {
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
  // Retention goes by timestamps: topics of old records would soon be empty.
  const topicConfigs = { ...(options.startTime ? { 'retention.ms': '-1' } : {}), ...options.topicConfigs }
  return { ...defaults, ...options, topicConfigs, untilStopped }
}

function javaOf({ heapMb }: Omit<LoadOptions, 'records'>) {
  return { heapMb: heapMb ?? 192 }
}

/** A line of progress has no partitions, and may still come behind the result. */
function last(lines: readonly LoadResult[]): LoadResult {
  const result = lines.findLast(({ partitions }: Partial<LoadResult>) => partitions !== undefined)
  if (!result) throw new Error('Load.java printed no result')
  return result
}
