// Rewrites batches that cannot be forwarded as bytes: batches with gaps, old formats, append times to keep, batches of which only
// a part is copied, and batches larger than the target accepts. Records get new offset deltas and are copied without decoding.
import { Failure } from '../base/failure.ts'
import { NONE } from './codec/compression.ts'
import { plainBatch } from './codec/plain-batch.ts'
import { type PlainBatch, RecordCursor } from './codec/record-cursor.ts'
import { seal } from './codec/seal.ts'
import { putVarint, readExactVarlong, readVarlong, sizeOfVarint } from './codec/varint.ts'
import { codecOf, HEAD_BYTES, isControl } from './header.ts'
import { addRun, type Runs } from './runs.ts'

/** If a compressed batch is too large, the retry aims at this fraction of the limit. */
const SAFETY = 0.9
/** Maximum growth of a record (bytes): its new offset delta can be longer if a defective producer wrote it. */
const GROWTH = 5

export interface TranscodeOptions {
  /** records below this source offset are omitted */
  readonly fromOffset: number
  /** keep: records get the append time that consumers of the source see; create: they keep their create time */
  readonly appendTime: 'keep' | 'create'
  /** maximum size of a batch (bytes) */
  readonly maxBytes: number
  /** the codec of the source batch when absent */
  readonly codec?: number
}

export interface TranscodedBatch {
  /** without producer fields: see rewriteHead */
  readonly bytes: Buffer
  readonly records: number
  /** source offset of the last record */
  readonly lastOffset: number
  /** ms since the epoch, -1 for none; not exact beyond 2^53 */
  readonly maxTimestamp: number
  /** source offsets of the records */
  readonly runs: Runs
}

interface Transcoded {
  readonly batches: readonly TranscodedBatch[]
}

/**
 * Rewrites the batch at `at`, whose header is valid (problemOfHead), as batches of format 2 without gaps; none if no record remains.
 * @throws Failure CORRUPT_BATCH, or TOO_LARGE for a record that alone exceeds maxBytes
 */
export function transcode(b: Buffer, at: number, size: number, options: TranscodeOptions): Transcoded {
  const batches: TranscodedBatch[] = []
  if (isControl(b, at)) return { batches }
  const batch = plainBatch(b, at, size)
  const cursor = new RecordCursor(batch)
  const sourceCodec = codecOf(b, at)
  const codec = options.codec ?? sourceCodec
  let more = cursor.next()
  while (more && cursor.offset < options.fromOffset) more = cursor.next()
  let budget = codec === NONE ? options.maxBytes - HEAD_BYTES : Number.POSITIVE_INFINITY
  while (more) {
    const { at: mark, index } = cursor
    const draft = new Draft(batch, cursor, options.appendTime === 'keep')
    more = draft.take(budget)
    const made = draft.seal(codec)
    const fits = made.bytes.length <= options.maxBytes
    if (fits || made.records === 1) {
      batches.push(fits ? made : alone(draft, sourceCodec, options.maxBytes, made))
      continue
    }
    budget = Math.floor(draft.bytes * SAFETY * (options.maxBytes / made.bytes.length))
    cursor.rewind(mark, index)
    more = cursor.next()
  }
  return { batches }
}

/** A record that is too large with the requested codec may fit with the codec of the source. */
function alone(draft: Draft, sourceCodec: number, maxBytes: number, made: TranscodedBatch): TranscodedBatch {
  const asBefore = draft.seal(sourceCodec)
  if (asBefore.bytes.length <= maxBytes) return asBefore
  const size = Math.min(made.bytes.length, asBefore.bytes.length)
  throw new Failure(
    'TOO_LARGE',
    `the record at offset ${made.lastOffset} takes ${size} bytes as a batch of its own, the target accepts ${maxBytes}`,
    {
      offset: BigInt(made.lastOffset),
      bytes: size,
      remedy: `set max.message.bytes of the target topic to ${size} or more`,
    },
  )
}

/** Builder of one batch, filled from the current position of the cursor. */
class Draft {
  readonly #batch: PlainBatch
  readonly #cursor: RecordCursor
  readonly #appendTime: bigint | undefined
  #out: Buffer = Buffer.alloc(0)
  #end = HEAD_BYTES
  #records = 0
  #lastOffset = -1
  readonly #runs: Runs = []
  #maxDelta = Number.NEGATIVE_INFINITY

  constructor(batch: PlainBatch, cursor: RecordCursor, keepAppendTime: boolean) {
    this.#batch = batch
    this.#cursor = cursor
    this.#appendTime = keepAppendTime ? batch.appendTime : undefined
  }

  /** Size of the records taken (bytes). */
  get bytes(): number {
    return this.#end - HEAD_BYTES
  }

  /** Takes records up to `budget` bytes, but at least one. False if the source batch has no more records. */
  take(budget: number): boolean {
    const { end, count } = this.#batch
    const cursor = this.#cursor
    const room = end - cursor.at + (count - cursor.index) * GROWTH
    this.#out = Buffer.allocUnsafeSlow(HEAD_BYTES + Math.min(room, Math.max(budget, cursor.end - cursor.at + GROWTH)))
    do {
      const length = this.#length()
      if (this.#records > 0 && this.bytes + sizeOfVarint(length) + length > budget) return true
      this.#put(length)
    } while (cursor.next())
    return false
  }

  seal(codec: number): TranscodedBatch {
    const base = this.#appendTime ?? this.#batch.baseTimestamp
    const maxTimestamp = this.#appendTime ?? base + BigInt(this.#maxDelta)
    const head = { codec, records: this.#records, baseTimestamp: base, maxTimestamp }
    const bytes = seal(this.#out, this.#end, head)
    return {
      ...{ bytes, records: this.#records, lastOffset: this.#lastOffset, runs: this.#runs },
      maxTimestamp: Number(maxTimestamp),
    }
  }

  /** The value of the length field of the record. */
  #length(): number {
    const { timestampAt, offsetDeltaAt, restAt, end } = this.#cursor
    const timestamp = this.#appendTime === undefined ? offsetDeltaAt - timestampAt : 1
    return 1 + timestamp + sizeOfVarint(this.#records) + end - restAt
  }

  #put(length: number): void {
    const { body } = this.#batch
    const { attributesAt, timestampAt, offsetDeltaAt, restAt, end, offset } = this.#cursor
    const out = this.#out
    let to = putVarint(out, this.#end, length)
    out[to++] = body[attributesAt] as number
    if (this.#appendTime === undefined) to += body.copy(out, to, timestampAt, offsetDeltaAt)
    else out[to++] = 0
    to = putVarint(out, to, this.#records)
    this.#end = to + body.copy(out, to, restAt, end)
    if (offset !== this.#lastOffset + 1 || this.#records === 0) addRun(this.#runs, this.#records, offset)
    this.#records++
    this.#lastOffset = offset
    const delta = readVarlong(body, timestampAt)
    this.#maxDelta = Math.max(this.#maxDelta, Number.isNaN(delta) ? Number(readExactVarlong(body, timestampAt)) : delta)
  }
}
