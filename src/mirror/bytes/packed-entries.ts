// Packed entries of an offset map: distances to the previous entry as varints, two or three bytes per entry instead of sixty.
// Distances are mostly small, but may be up to 2^53.

export interface PackedEntry {
  readonly upstream: number
  readonly downstream: number
  readonly unknown: boolean
}

export interface PackedEntries {
  readonly first: number
  readonly count: number
  readonly bytes: Buffer
}

/** Packs entries. @param entries at least one, in order */
export function packEntries(entries: readonly PackedEntry[]): PackedEntries {
  const bytes: number[] = []
  let [up, down] = [0, 0]
  for (const { upstream, downstream, unknown } of entries) {
    putNumber(bytes, (upstream - up) * 2 + (unknown ? 1 : 0))
    putNumber(bytes, downstream - down)
    up = upstream
    down = downstream
  }
  return { first: entries[0]?.upstream ?? 0, count: entries.length, bytes: Buffer.from(bytes) }
}

/** The entries of `packEntries`, in order. */
export function unpackEntries({ count, bytes }: PackedEntries): PackedEntry[] {
  const entries: PackedEntry[] = []
  const reader = { bytes, at: 0 }
  let [upstream, downstream] = [0, 0]
  for (let i = 0; i < count; i++) {
    const step = nextNumber(reader)
    upstream += Math.floor(step / 2)
    downstream += nextNumber(reader)
    entries.push({ upstream, downstream, unknown: step % 2 === 1 })
  }
  return entries
}

/** Writes a varint, seven bits per byte; by division, because JavaScript's bit operations end at 32 bits. */
function putNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80)
    rest = Math.floor(rest / 0x80)
  }
  bytes.push(rest)
}

function nextNumber(reader: { readonly bytes: Buffer; at: number }): number {
  let value = 0
  for (let factor = 1; ; factor *= 0x80) {
    const byte = reader.bytes[reader.at++] ?? 0
    value += (byte % 0x80) * factor
    if (byte < 0x80) return value
  }
}
