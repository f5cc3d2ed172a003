// The client library's response reader with two methods replaced by versions that take less memory. The metadata of ten thousand
// partitions contains tens of thousands of arrays with one item each.
import { libraryPart } from './library-parts.ts'

/** The part of the library's reader that is used here; its parsers use more of it. */
interface LibraryReader {
  readTaggedFields(): unknown
  readUnsignedVarInt(): number
  readInt16(): number
  readInt32(): number
  readonly buffer: unknown
  position: number
}

interface ReaderClass {
  new (buffer: unknown): LibraryReader
  from(bytes: Buffer): LibraryReader
}

export type MakeReader = (bytes: Buffer) => LibraryReader

let made: Promise<MakeReader> | undefined

/** Loads the library's reader. Returns a function that creates a reader over the bytes of a response, without a copy. */
export function libraryReader(): Promise<MakeReader> {
  made ??= libraryPart<{ Reader: ReaderClass }>('./protocol/reader.js').then(({ Reader }) => frugal(Reader))
  return made
}

function frugal(Reader: ReaderClass): MakeReader {
  class FrugalReader extends Reader {
    readonly #bytes: Buffer

    constructor(bytes: Buffer) {
      super(Reader.from(bytes).buffer)
      this.#bytes = bytes
    }

    /** Allocates the array with its final length: an array that grows by push has room for 17 items after the first. */
    readNullableArray<T>(read: (reader: this, index: number) => T, compact = true, isTagged = true): T[] | null {
      const length = compact ? this.readUnsignedVarInt() - 1 : this.readInt32()
      if (length < 0) return null
      this.#mustHold(length)
      const items = new Array<T>(length)
      for (let i = 0; i < length; i++) {
        items[i] = read(this, i)
        if (isTagged) this.readTaggedFields()
      }
      return items
    }

    /** Avoids the view that the library creates for every string. */
    readNullableString(compact = true, encoding: BufferEncoding = 'utf-8'): string | null {
      const length = compact ? this.readUnsignedVarInt() - 1 : this.readInt16()
      if (length < 0) return null
      this.#mustHold(length)
      const from = this.position
      this.position += length
      return this.#bytes.toString(encoding, from, this.position)
    }

    /** Rejects truncated responses and impossible lengths. */
    #mustHold(length: number): void {
      if (this.position + length > this.#bytes.length) throw new RangeError('it ends too early')
    }
  }
  return (bytes) => new FrugalReader(bytes)
}
