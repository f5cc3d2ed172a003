// Keeps the HTTP server up for the life of a process, also when its port is still taken by another one.
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import { type Address, addressText } from './address.ts'
import { HttpServer, isPortInUse, type Shown } from './server.ts'

const retryEveryMs = 5_000

/**
 * Serves on `address` until `close`. A port that is taken stops nothing: copying must not depend on the port of its
 * metrics, and a process that stands by on the same machine gets the port when the first one ends. It is said with
 * its remedy, and tried again every 5 s. An address that cannot be used at all throws a Failure USAGE.
 */
export class HttpFace {
  readonly #address: Address
  readonly #shown: Shown
  readonly #log: Logger
  readonly #retryMs: number
  readonly #closing = new AbortController()
  #server: HttpServer | undefined
  #retrying: Promise<void> = Promise.resolve()

  private constructor(address: Address, shown: Shown, log: Logger, retryMs: number) {
    this.#address = address
    this.#shown = shown
    this.#log = log
    this.#retryMs = retryMs
  }

  static async open(address: Address, shown: Shown, log: Logger, retryMs = retryEveryMs): Promise<HttpFace> {
    const face = new HttpFace(address, shown, log, retryMs)
    if (!(await face.#listen())) {
      log.warn('http port is in use; copying goes on without metrics and status until it is free', {
        address: addressText(address),
        remedy: 'end the process that listens there, or start godwit with another --http HOST:PORT, or --http off',
      })
      face.#retrying = face.#retry()
    }
    return face
  }

  /** `host:port` where it listens; undefined while the port is taken. */
  get address(): string | undefined {
    return this.#server?.address
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#retrying
    await this.#server?.close()
  }

  async #listen(): Promise<boolean> {
    try {
      this.#server = await HttpServer.listen(this.#address, this.#shown)
    } catch (error) {
      if (isPortInUse(error)) return false
      throw error
    }
    this.#log.info('http listens', { address: this.#server.address })
    return true
  }

  async #retry(): Promise<void> {
    const { signal } = this.#closing
    for (;;) {
      await sleep(this.#retryMs, signal)
      if (signal.aborted) return
      // Only the first attempt may end the process; later the operator is busy with other things.
      const listens = await this.#listen().catch(() => false)
      if (listens) return
    }
  }
}
