// One connection through the proxy: both directions, and the requests in its bytes.
import type { Socket } from 'node:net'
import { ANSWER_HEADER, Frames, REQUEST_HEADER } from './frames.ts'
import type { Lane } from './lane.ts'
import { Stream } from './stream.ts'

/**
 * Where a connection is cut: `before` the request reaches the broker, in the `middle` of it, or after the broker has `answered`
 * and before the client receives the answer.
 */
export type CutPoint = 'before' | 'middle' | 'answered'

/** Cuts the connection at a request of this kind, then calls `done`. */
export interface CutRule {
  readonly apiKey: number
  readonly point: CutPoint
  readonly done: () => void
}

interface Owner {
  /** called for every request; returns the rule that cuts the connection at it */
  asked(apiKey: number): CutRule | undefined
  /** called when both ends are closed */
  closed(): void
}

/** Connects a client with the broker until either ends. */
export class Link {
  readonly #sockets: readonly [Socket, Socket]
  readonly #requests: Stream
  readonly #answers: Stream
  /** correlation id of each request whose answer must not arrive -> called instead of forwarding the answer */
  readonly #unheard = new Map<number, () => void>()
  readonly #owner: Owner

  constructor(
    client: Socket,
    broker: Socket,
    lanes: { readonly requests: Lane; readonly answers: Lane },
    owner: Owner,
  ) {
    this.#sockets = [client, broker]
    this.#owner = owner
    const [requests, answers] = [new Frames(REQUEST_HEADER), new Frames(ANSWER_HEADER)]
    this.#requests = new Stream(client, broker, lanes.requests, (chunk) => this.#inspectRequests(requests, chunk))
    this.#answers = new Stream(broker, client, lanes.answers, (chunk) => this.#inspectAnswers(answers, chunk))
    for (const socket of this.#sockets) {
      socket.on('error', () => this.sever())
      socket.once('close', () => this.#sockets.every(({ destroyed }) => destroyed) && owner.closed())
    }
  }

  /** Forwards the bytes that may be sent now. */
  run(): void {
    this.#requests.run()
    this.#answers.run()
  }

  /** Resets both ends. */
  sever(): void {
    this.#requests.stop()
    this.#answers.stop()
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  #inspectRequests(frames: Frames, chunk: Buffer): void {
    for (const { start, bytes, header } of frames.feed(chunk)) {
      const rule = this.#owner.asked(header.readInt16BE(4))
      if (rule?.point === 'answered') this.#unheard.set(header.readInt32BE(8), rule.done)
      else if (rule) this.#requests.endAt(rule.point === 'before' ? start : start + (bytes >> 1), rule.done)
    }
  }

  #inspectAnswers(frames: Frames, chunk: Buffer): void {
    for (const { start, header } of frames.feed(chunk)) {
      const done = this.#unheard.get(header.readInt32BE(4))
      if (done) this.#answers.endAt(start, done)
    }
  }
}
