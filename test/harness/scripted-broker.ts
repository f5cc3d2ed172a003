// A broker whose answers a test defines, for answers that a real broker does not give on demand. It implements Kafka's framing,
// and answers ApiVersions and Metadata itself.
import { createServer, type Server, type Socket } from 'node:net'
import { letPass } from './eventually.ts'
import {
  API,
  apiVersionsBody,
  metadataBody,
  type Ranges,
  ranges,
  type ScriptedTopic,
  topicsOfMetadata,
} from './scripted/bodies.ts'

export interface ScriptedRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly clientId: string | null
  /** the bytes after the header */
  readonly body: Buffer
  /** 1 for the first connection, and so on */
  readonly connection: number
}

/**
 * A reaction to a request: the body of an answer (scripted/bodies.ts); a cut connection without an answer; no answer ever; a
 * delayed answer; an answer in pieces; only the first bytes of the answer, then a cut; or raw bytes without framing, then the end
 * of the connection.
 */
export type Reaction =
  | Buffer
  | 'cut'
  | 'hang'
  | { readonly delayMs: number; readonly bytes: Buffer }
  | { readonly pieceBytes: number; readonly bytes: Buffer }
  | { readonly cutAfter: number; readonly bytes: Buffer }
  | { readonly raw: Buffer }

export type Handler = (request: ScriptedRequest) => Reaction | Promise<Reaction>

/** Listens on its own port until it is closed. */
export class ScriptedBroker implements AsyncDisposable {
  readonly id: number
  readonly port: number
  /** all requests it received, in order */
  readonly requests: ScriptedRequest[] = []
  /** the topics in Metadata answers */
  readonly topics = new Map<string, ScriptedTopic>()
  /** the brokers in Metadata answers, itself first */
  brokers: readonly { readonly id: number; readonly host: string; readonly port: number }[]
  /**
   * the ranges in ApiVersions answers. Versions with flexible fields have one more header byte, which a Handler must write itself
   */
  offered: Ranges = ranges
  readonly #server: Server
  readonly #handlers = new Map<number, Handler>()
  readonly #next = new Map<number, Handler[]>()
  readonly #sockets = new Set<Socket>()
  readonly #cutWithin = new Map<number, number>()
  #connections = 0

  private constructor(id: number, server: Server) {
    this.id = id
    this.#server = server
    this.port = (server.address() as { port: number }).port
    this.brokers = [{ id, host: '127.0.0.1', port: this.port }]
    this.on(API.API_VERSIONS, ({ apiVersion }) => apiVersionsBody(apiVersion, this.offered))
    this.on(API.METADATA, ({ apiVersion, body }) => metadataBody(apiVersion, this, topicsOfMetadata(body)))
    server.on('connection', (socket) => this.#accept(socket))
  }

  /** Starts to listen on a free port of 127.0.0.1. */
  static async start(id = 1): Promise<ScriptedBroker> {
    const server = createServer({ noDelay: true })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, '127.0.0.1', resolve)
    })
    return new ScriptedBroker(id, server)
  }

  get bootstrap(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Sets the handler for requests of this kind. Requests without a handler are never answered. */
  on(apiKey: number, handler: Handler): this {
    this.#handlers.set(apiKey, handler)
    return this
  }

  /** Sets the handler for the next request of this kind. Several calls apply to consecutive requests. */
  once(apiKey: number, handler: Handler): this {
    this.#next.set(apiKey, [...(this.#next.get(apiKey) ?? []), handler])
    return this
  }

  /** Cuts the connection once, within the next request of this kind, after so many of its bytes. The request is not recorded. */
  cutWithin(apiKey: number, bytes: number): this {
    this.#cutWithin.set(apiKey, bytes)
    return this
  }

  /** Number of open connections. */
  get connections(): number {
    return this.#sockets.size
  }

  /** The requests of one kind so far. */
  asked(apiKey: number): ScriptedRequest[] {
    return this.requests.filter((request) => request.apiKey === apiKey)
  }

  /** Resets all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Closes all connections and stops listening. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      this.cut()
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(socket: Socket): void {
    const connection = ++this.#connections
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    let waiting = Buffer.alloc(0)
    // A broker answers the requests of a connection in order.
    let turn = Promise.resolve()
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk])
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readInt32BE(0)) {
        const end = 4 + waiting.readInt32BE(0)
        const request = requestOf(waiting.subarray(4, end), connection)
        waiting = waiting.subarray(end)
        this.requests.push(request)
        turn = turn.then(() => this.#react(socket, request))
      }
      if (waiting.length >= 6 && this.#isCutWithin(waiting)) socket.resetAndDestroy()
    })
  }

  #isCutWithin(waiting: Buffer): boolean {
    const apiKey = waiting.readInt16BE(4)
    if (waiting.length < (this.#cutWithin.get(apiKey) ?? Number.POSITIVE_INFINITY)) return false
    return this.#cutWithin.delete(apiKey)
  }

  async #react(socket: Socket, request: ScriptedRequest): Promise<void> {
    // Requests that arrived after the one that ended the connection are ignored.
    if (socket.destroyed || socket.writableEnded) return
    const handler = this.#next.get(request.apiKey)?.shift() ?? this.#handlers.get(request.apiKey)
    const reaction = handler ? await handler(request) : 'hang'
    if (reaction === 'cut') socket.resetAndDestroy()
    else if (reaction === 'hang') await new Promise(() => {})
    else if (Buffer.isBuffer(reaction)) send(socket, request, reaction)
    else if ('raw' in reaction) socket.end(reaction.raw)
    else if ('cutAfter' in reaction) sendBeginning(socket, framed(request, reaction.bytes), reaction.cutAfter)
    else if ('pieceBytes' in reaction) await sendInPieces(socket, framed(request, reaction.bytes), reaction.pieceBytes)
    else {
      // The delay of the answer is part of the test.
      await letPass(reaction.delayMs)
      send(socket, request, reaction.bytes)
    }
  }
}

function framed({ correlationId }: ScriptedRequest, body: Buffer): Buffer {
  const header = Buffer.alloc(8)
  header.writeInt32BE(4 + body.length, 0)
  header.writeInt32BE(correlationId, 4)
  return Buffer.concat([header, body])
}

function send(socket: Socket, request: ScriptedRequest, body: Buffer): void {
  if (socket.writable) socket.write(framed(request, body))
}

/** Ends the connection after the first bytes have been sent: a reset could overtake them. */
function sendBeginning(socket: Socket, frame: Buffer, bytes: number): void {
  if (socket.destroyed) return
  socket.end(frame.subarray(0, bytes), () => socket.destroy())
}

async function sendInPieces(socket: Socket, frame: Buffer, bytes: number): Promise<void> {
  for (let at = 0; at < frame.length && !socket.destroyed; at += bytes) {
    await new Promise((resolve) => socket.write(frame.subarray(at, at + bytes), resolve))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Reads the header of a request. @param frame without the length field */
export function requestOf(frame: Buffer, connection = 0): ScriptedRequest {
  const [apiKey, apiVersion] = [frame.readInt16BE(0), frame.readInt16BE(2)]
  const idLength = frame.readInt16BE(8)
  const idEnd = 10 + Math.max(0, idLength)
  return {
    apiKey,
    apiVersion,
    correlationId: frame.readInt32BE(4),
    clientId: idLength < 0 ? null : frame.toString('utf8', 10, idEnd),
    body: Buffer.from(frame.subarray(idEnd)),
    connection,
  }
}
