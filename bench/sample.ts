// Samples batches as they are on disk: the first ones of partition 0 of the first topic.
import { readTopic } from './ceilings/topic-reader.ts'

const LOOK_AT = 200

/** Mean records and bytes of the first batches; the first and the last ones may be smaller than the others. */
export async function sampleBatches(bootstrap: string, topics: ReadonlyMap<string, number>) {
  let batches = 0
  let records = 0
  let bytes = 0
  const [topic = ''] = topics.keys()
  await readTopic(bootstrap, topic, [0], (_partition, _bytes, batch) => {
    batches++
    records += batch.records
    bytes += batch.size
    return batches < LOOK_AT
  })
  return { recordsPerBatch: records / batches, bytesPerBatch: bytes / batches }
}
