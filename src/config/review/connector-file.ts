// Recognizes the configuration of a Kafka Connect connector, given instead of an mm2.properties.
import type { Problems } from '../problems.ts'
import type { Entries } from '../resolve.ts'

const mirror = /^(?:org\.apache\.kafka\.connect\.mirror\.)?Mirror(?:Source|Checkpoint|Heartbeat)(?:Connector)?$/

/**
 * Whether the file configures a connector for Connect: properties with `connector.class` and without `clusters`, or JSON. That is
 * a problem, with what to do.
 */
export function isConnectorFile(bytes: Uint8Array, entries: Entries | undefined, problems: Problems): boolean {
  const entry = entries?.has('clusters') ? undefined : entries?.get('connector.class')
  const className = entry?.text.trim() ?? classInJson(bytes)
  if (className === undefined) return false
  const isMirror = mirror.test(className)
  const reason = `shows that the file configures a connector of Kafka Connect (${className.split('.').at(-1)}); it is no mm2.properties`
  const remedy = isMirror
    ? `write the mm2.properties that corresponds to it with: godwit init --from ${problems.file} --file mm2.properties`
    : "give an mm2.properties, or the configuration of MirrorMaker 2's MirrorSourceConnector to godwit init --from"
  const place = { key: 'connector.class', ...(entry && { line: entry.line }) }
  problems.add('error', reason, remedy, { ...place, stops: 'process' })
  return true
}

function classInJson(bytes: Uint8Array): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return /^\s*[{[]/.test(text) ? /"connector\.class"\s*:\s*"([^"]+)"/.exec(text)?.[1] : undefined
}
