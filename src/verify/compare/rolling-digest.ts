// A digest of the compared batches whose state can be saved and continued later: each block of entries is hashed together with the
// previous digest. An entry is the offset, the number of records and the checksum of a batch as it is in the log.
import { createHash } from 'node:crypto'

const ENTRY = 16
const BLOCK = 256 * ENTRY
const COUNT_AT = 57

/** The state that is written into a progress file. */
export interface DigestState {
  /** hex */
  readonly digest: string
  /** entries not hashed yet, base64 */
  readonly pending: string
}

export class RollingDigest {
  #digest: Buffer = Buffer.alloc(32)
  readonly #block = Buffer.alloc(BLOCK)
  #fill = 0

  constructor(state?: DigestState) {
    if (!state) return
    this.#digest = Buffer.from(state.digest, 'hex')
    this.#fill = Buffer.from(state.pending, 'base64').copy(this.#block)
  }

  /** Adds the batch of format 2 that begins at `at`. @param crcAt offset of the checksum within the batch */
  add(bytes: Buffer, at: number, crcAt: number): void {
    const block = this.#block
    const fill = this.#fill
    // A loop, because three calls of copy() take ten times as long.
    for (let i = 0; i < 8; i++) block[fill + i] = bytes[at + i] as number
    for (let i = 0; i < 4; i++) {
      block[fill + 8 + i] = bytes[at + COUNT_AT + i] as number
      block[fill + 12 + i] = bytes[at + crcAt + i] as number
    }
    this.#fill += ENTRY
    if (this.#fill < BLOCK) return
    this.#digest = this.#hashed()
    this.#fill = 0
  }

  /** SHA-256 of all entries so far, hex. Reading it does not change the state. */
  get value(): string {
    return (this.#fill === 0 ? this.#digest : this.#hashed()).toString('hex')
  }

  get state(): DigestState {
    return { digest: this.#digest.toString('hex'), pending: this.#block.toString('base64', 0, this.#fill) }
  }

  #hashed(): Buffer {
    return createHash('sha256').update(this.#digest).update(this.#block.subarray(0, this.#fill)).digest()
  }
}
