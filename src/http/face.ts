// Runs the HTTP server for the lifetime of a process, also when its port is in use at the start.
import type { Logger } from '../base/logger.ts'
import { sleep } from '../base/retry.ts'
import { type Address, addressText } from './address.ts'
import { type HttpBackend, HttpServer, isPortInUse } from './server.ts'

const retryEveryMs = 5_000

/**
 * Serves on `address` until `close`. If the port is in use, that is logged with its remedy, and the port is tried again every
 * 5 s: copying must not depend on the HTTP port, and a standby on the same machine gets the port when the active process ends.
 * `open` throws a Failure USAGE for an address that can never be used.
 */
export class HttpListener {
  readonly #address: Address
  readonly #backend: HttpBackend
  readonly #log: Logger
  readonly #retryMs: number
  readonly #closing = new AbortController()
  #server: HttpServer | undefined
  #retrying: Promise<void> = Promise.resolve()

  private constructor(address: Address, backend: HttpBackend, log: Logger, retryMs: number) {
    this.#address = address
    this.#backend = backend
    this.#log = log
    this.#retryMs = retryMs
  }

  static async open(
    address: Address,
    backend: HttpBackend,
    log: Logger,
    retryMs = retryEveryMs,
  ): Promise<HttpListener> {
    const listener = new HttpListener(address, backend, log, retryMs)
    if (!(await listener.#listen())) {
      log.warn('http port is in use; copying continues without metrics and status until it is free', {
        address: addressText(address),
        remedy: 'stop the process that listens there, or start godwit with another --http HOST:PORT, or --http off',
      })
      listener.#retrying = listener.#retry()
    }
    return listener
  }

  /** `host:port` on which it listens; undefined while the port is in use. */
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
      this.#server = await HttpServer.listen(this.#address, this.#backend)
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
      // Later attempts do not throw: only the first one may end the process.
      const listens = await this.#listen().catch(() => false)
      if (listens) return
    }
  }
}
