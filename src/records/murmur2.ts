// Kafka's murmur2 and the partition that the Java client chooses for a key. All arithmetic is signed 32-bit.

const m = 0x5bd1e995

/** The 32-bit hash of Kafka's `Utils.murmur2`, as a signed integer. */
export function murmur2(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const whole = bytes.length & ~3
  let hash = 0x9747b28c ^ bytes.length
  for (let at = 0; at < whole; at += 4) {
    const mixed = Math.imul(view.getInt32(at, true), m)
    hash = Math.imul(hash, m) ^ Math.imul(mixed ^ (mixed >>> 24), m)
  }
  if (whole < bytes.length) hash = Math.imul(hash ^ tail(bytes, whole), m)
  hash = Math.imul(hash ^ (hash >>> 13), m)
  return hash ^ (hash >>> 15)
}

/** The one to three bytes after the last whole word, as a little-endian number. */
function tail(bytes: Uint8Array, from: number): number {
  let word = 0
  for (let at = bytes.length - 1; at >= from; at--) word = (word << 8) | (bytes[at] ?? 0)
  return word
}

/** The partition for a record key. @param partitions the actual partition count of the topic, not the configured one */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
