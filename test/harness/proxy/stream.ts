// One direction of one connection through the proxy: delays bytes, keeps their order, and applies back pressure to the sender.
import type { Socket } from 'node:net'
import type { Lane } from './lane.ts'

interface Piece {
  readonly due: number
  readonly bytes: Buffer
}

/** Forwards the bytes of one end to the other when the lane permits it. */
export class Stream {
  readonly #from: Socket
  readonly #to: Socket
  readonly #lane: Lane
  readonly #inspect: (chunk: Buffer) => void
  #pieces: Piece[] = []
  #queued = 0
  #taken = 0
  #blocked = false
  #timer: NodeJS.Timeout | undefined
  #ended = false
  /** where the stream is cut, and what is called then */
  #end: { at: number; reached: () => void } | undefined

  /** @param inspect called with every chunk before it is forwarded */
  constructor(from: Socket, to: Socket, lane: Lane, inspect: (chunk: Buffer) => void) {
    this.#from = from
    this.#to = to
    this.#lane = lane
    this.#inspect = inspect
    from.on('data', (chunk: Buffer) => this.#take(chunk))
    from.on('end', () => this.#finish())
    to.on('drain', () => {
      this.#blocked = false
      this.run()
    })
  }

  /** Forwards the bytes before this position, then ends the stream. Counted from the start of the stream. */
  endAt(position: number, reached: () => void): void {
    this.#end ??= { at: Math.max(position, this.#taken), reached }
  }

  /** Forwards the bytes that may be sent now. */
  run(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    while (this.#pieces.length > 0 && !this.#lane.held && !this.#blocked) {
      const wait = this.#lane.fast ? 0 : (this.#pieces[0]?.due ?? 0) - performance.now()
      if (wait > 0) {
        this.#timer = setTimeout(() => this.run(), Math.ceil(wait))
        break
      }
      this.#send()
    }
    if (this.#queued <= this.#lane.windowBytes / 2 && !this.#over) this.#from.resume()
    if (this.#ended && this.#pieces.length === 0) this.#to.end()
  }

  /** Stops forwarding. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#pieces = []
    this.#queued = 0
  }

  get #over(): boolean {
    return this.#end !== undefined && this.#taken >= this.#end.at
  }

  #take(chunk: Buffer): void {
    if (this.#over) return
    this.#inspect(chunk)
    const { limit } = this.#lane
    if (limit && chunk.length > limit.bytes) this.endAt(this.#taken + limit.bytes, limit.reached)
    const bytes = chunk.subarray(0, (this.#end?.at ?? Number.POSITIVE_INFINITY) - this.#taken)
    this.#taken += bytes.length
    if (limit) limit.bytes -= bytes.length
    this.#enqueue(bytes)
    if (this.#over) this.#cutShort()
    if (this.#queued > this.#lane.windowBytes || this.#over) this.#from.pause()
    this.run()
  }

  #enqueue(bytes: Buffer): void {
    const { pieceBytes } = this.#lane
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes)
      this.#pieces.push({ due: this.#lane.dueAt(piece.length), bytes: piece })
      this.#queued += piece.length
    }
  }

  #send(): void {
    const bytes = this.#pieces.shift()?.bytes ?? Buffer.alloc(0)
    this.#queued -= bytes.length
    this.#lane.passed += bytes.length
    if (!this.#to.destroyed && !this.#to.write(bytes)) this.#blocked = true
  }

  #finish(): void {
    this.#ended = true
    this.run()
  }

  /** The receiver gets the last bytes and a clean end; the sender gets a reset. */
  #cutShort(): void {
    this.#ended = true
    this.#to.once('finish', () => {
      this.#to.destroy()
      this.#from.resetAndDestroy()
      this.#end?.reached()
    })
  }
}
