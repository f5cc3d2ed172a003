// A Java program that answers JSON requests line by line over a connection. It ends when the connection closes.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { type JavaProcess, startJava } from '../../harness/java.ts'

interface Answer {
  readonly result?: unknown
  readonly error?: string
}

export class JavaServer {
  readonly #java: JavaProcess
  readonly #socket: Socket
  readonly #waiting: ((answer: Answer) => void)[] = []

  private constructor(java: JavaProcess, socket: Socket) {
    this.#java = java
    this.#socket = socket
    createInterface({ input: socket }).on('line', (line) => this.#waiting.shift()?.(JSON.parse(line) as Answer))
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const answer of this.#waiting.splice(0)) answer({ error: 'the program ended' })
    })
  }

  /**
   * Starts a program of test/harness/java that prints the port it listens on.
   * @param version of Kafka's jars; default as in kafkaJars
   */
  static async start(file: string, version?: string): Promise<JavaServer> {
    const port = Promise.withResolvers<number>()
    const java = await startJava(file, [], {
      ...(version !== undefined && { version }),
      heapMb: 160,
      logLevel: 'off',
      onLine: (line) => port.resolve(Number(line)),
    })
    void java.ended.then(({ stderr }) => port.reject(new Error(`${file} ended: ${stderr}`)))
    const socket = connect({ host: '127.0.0.1', port: await port.promise })
    await once(socket, 'connect')
    return new JavaServer(java, socket)
  }

  /** Sends a request and returns the answer. Requests are executed one after the other. */
  async ask<T>(request: Readonly<Record<string, unknown>>): Promise<T> {
    const { result, error } = await new Promise<Answer>((resolve) => {
      this.#waiting.push(resolve)
      this.#socket.write(`${JSON.stringify(request)}\n`)
    })
    if (error !== undefined) throw new Error(`${JSON.stringify(request)}: ${error}`)
    return result as T
  }

  async close(): Promise<void> {
    this.#socket.end()
    await this.#java.ended
  }
}
