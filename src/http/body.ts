// Reads a JSON request body of bounded size.
import type { IncomingMessage } from 'node:http'

/** Ten times the size of a reset of a hundred thousand partitions (bytes). */
const MOST_BYTES = 16 * 1024 * 1024

export type RequestBody =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too large'; readonly most: number }
  /** not JSON, with the reason */
  | { readonly kind: 'garbled'; readonly why: string }

/** Reads the whole body, or stops reading when it is larger than `most` bytes. Rejects when the client disconnects. */
export async function readBody(request: IncomingMessage, most = MOST_BYTES): Promise<RequestBody> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > most) return { kind: 'too large', most }
    chunks.push(chunk)
  }
  if (size === 0) return { kind: 'empty' }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    return { kind: 'json', value: JSON.parse(text) as unknown }
  } catch (error) {
    return { kind: 'garbled', why: error instanceof Error ? error.message : String(error) }
  }
}
