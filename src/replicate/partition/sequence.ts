// Arithmetic of Kafka's producer sequence numbers (KIP-98): one per record, from 0 to 2^31-1, then from 0 again.

/** How many sequence numbers there are. */
export const SEQUENCES = 0x8000_0000

/** The sequence number after this many records. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % SEQUENCES
}

/** The number of records from `from` to `to`; negative if `to` is before `from` (by the shorter distance). */
export function sequenceDistance(from: number, to: number): number {
  const ahead = (to - from + SEQUENCES) % SEQUENCES
  return ahead >= SEQUENCES / 2 ? ahead - SEQUENCES : ahead
}
