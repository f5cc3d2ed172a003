// The body of a request, as far as one is of use: JSON of a bounded size.
import type { IncomingMessage } from 'node:http'

/** Positions of a hundred thousand partitions are about a tenth of it (bytes). */
const MOST_BYTES = 16 * 1024 * 1024

export type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'empty' }
  | { readonly kind: 'too large'; readonly most: number }
  /** no JSON, with the reason */
  | { readonly kind: 'garbled'; readonly why: string }

/** Reads all of it, or as much as shows that it is too large; the rest is then not waited for. Rejects when the client goes away. */
export async function readBody(request: IncomingMessage, most = MOST_BYTES): Promise<Body> {
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
