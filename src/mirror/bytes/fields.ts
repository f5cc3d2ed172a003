// The field types of MM2's records (Kafka's protocol types): big-endian, strings with an int16 length prefix. Offsets and times are plain numbers, exact up to 2^53 (ADR 0007).

/** Concatenates fields. */
export function joinFields(...fields: readonly Buffer[]): Buffer {
  return Buffer.concat(fields)
}

/** The two big-endian bytes of an int16. @throws RangeError outside of its range */
export function int16Field(value: number): Buffer {
  const field = Buffer.alloc(2)
  field.writeInt16BE(value)
  return field
}

/** The four big-endian bytes of an int32. @throws RangeError outside of its range */
export function int32Field(value: number): Buffer {
  const field = Buffer.alloc(4)
  field.writeInt32BE(value)
  return field
}

/** The eight big-endian bytes of an int64. @param value an integer, exact up to 2^53 */
export function int64Field(value: number): Buffer {
  const field = Buffer.alloc(8)
  field.writeBigInt64BE(BigInt(value))
  return field
}

/** A string as UTF-8 with an int16 length prefix. @throws RangeError for more than 32,767 bytes, as Java's writer does */
export function stringField(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length > 0x7fff) throw new RangeError(`a string of ${bytes.length} bytes is too long for a field`)
  return Buffer.concat([int16Field(bytes.length), bytes])
}

/** Reads fields in order; RangeError where bytes are missing. Bytes after the last field are ignored, as in Java. */
class FieldReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4))
  }

  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#advance(8)))
  }

  string(): string {
    const length = this.int16()
    if (length < 0) throw new RangeError('a non-nullable string is null')
    const from = this.#advance(length)
    return this.#bytes.toString('utf8', from, from + length)
  }

  #advance(size: number): number {
    const from = this.#at
    if (from + size > this.#bytes.length) throw new RangeError('the record ends too early')
    this.#at = from + size
    return from
  }
}

/** The result of `read`; undefined for null or where it throws a RangeError. */
export function readFields<Value>(bytes: Buffer | null, read: (reader: FieldReader) => Value): Value | undefined {
  if (bytes === null) return undefined
  try {
    return read(new FieldReader(bytes))
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}
