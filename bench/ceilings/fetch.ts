// Fetch-only ceiling: reads a whole topic and drops it.
//   fetch.ts BOOTSTRAP TOPIC PARTITIONS
// Two connections share the partitions. Prints one line of JSON: records and seconds.
import { readTopic } from './topic-reader.ts'

const CONNECTIONS = 2

const [bootstrap = '', topic = '', partitions = ''] = process.argv.slice(2)
const all = Array.from({ length: Number(partitions) }, (_, partition) => partition)
let records = 0
const start = performance.now()
await Promise.all(
  Array.from({ length: CONNECTIONS }, (_, share) =>
    readTopic(
      bootstrap,
      topic,
      all.filter((partition) => partition % CONNECTIONS === share),
      (_partition, _bytes, batch) => {
        records += batch.records
        return true
      },
    ),
  ),
)
console.log(JSON.stringify({ records, seconds: (performance.now() - start) / 1000 }))
