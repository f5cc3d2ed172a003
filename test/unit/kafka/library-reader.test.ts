// The reader with low memory use returns the same values as the client library's reader, and refuses truncated answers.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { libraryPart } from '../../../src/kafka/connection/library-parts.ts'
import { libraryReader } from '../../../src/kafka/connection/library-reader.ts'

interface Reading {
  readNullableArray<T>(read: (reader: Reading) => T, compact: boolean, isTagged: boolean): T[] | null
  readNullableString(compact: boolean): string | null
}

/** A list in Kafka's formats: compact lengths count from 1; older ones are 32 bits for lists and 16 bits for texts. */
function bytesOf(items: readonly (string | null)[] | null, compact: boolean): Buffer {
  const head = (length: number, size: number) => {
    if (compact) return Buffer.from([length + 1])
    const bytes = Buffer.alloc(size)
    bytes.writeIntBE(length, 0, size)
    return bytes
  }
  const texts = (items ?? []).flatMap((text) => {
    const bytes = Buffer.from(text ?? '')
    return [head(text === null ? -1 : bytes.length, 2), bytes, Buffer.from(compact ? [0] : [])]
  })
  return Buffer.concat([head(items?.length ?? -1, 4), ...texts])
}

const read = (reader: Reading, compact: boolean) =>
  reader.readNullableArray((one) => one.readNullableString(compact), compact, compact)

const lists = fc.option(fc.array(fc.option(fc.string({ unit: 'grapheme', maxLength: 10 })), { maxLength: 60 }))
const makeReader = await libraryReader()
const frugal = (bytes: Buffer) => makeReader(bytes) as unknown as Reading

test('lists and texts are read as by the library, with and without tagged fields', async () => {
  const { Reader } = await libraryPart<{ Reader: { from(bytes: Buffer): Reading } }>('./protocol/reader.js')
  fc.assert(
    fc.property(lists, fc.boolean(), (items, compact) => {
      const bytes = bytesOf(items, compact)
      assert.deepEqual(read(frugal(bytes), compact), items)
      assert.deepEqual(read(frugal(bytes), compact), read(Reader.from(bytes), compact))
    }),
  )
})

test('an answer truncated anywhere is refused', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 10 }), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      fc.nat(),
      (items, compact, cut) => {
        const bytes = bytesOf(items, compact)
        assert.throws(() => read(frugal(bytes.subarray(0, cut % bytes.length)), compact))
      },
    ),
  )
})
