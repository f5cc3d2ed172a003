// Arithmetic of Kafka's producer sequences (KIP-98): one for each record, from 0 to 2^31-1, and then from 0 again.

/** How many sequence numbers there are. */
export const SEQUENCES = 0x8000_0000

/** Adds record counts to a producer sequence. */
export function sequenceAfter(sequence: number, records: number): number {
  return (sequence + records) % SEQUENCES
}

/** How many records lie from `from` to `to`; negative when `to` lies before (the shorter way round). */
export function sequenceDistance(from: number, to: number): number {
  const ahead = (to - from + SEQUENCES) % SEQUENCES
  return ahead >= SEQUENCES / 2 ? ahead - SEQUENCES : ahead
}
