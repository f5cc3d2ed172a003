// Reads connectors from a file of Kafka Connect: the .properties of a standalone worker, or the JSON of its REST API.
import { propertiesOf } from '../config/text.ts'
import type { ConnectorConfig } from './connectors.ts'

type Json = Readonly<Record<string, unknown>>

/**
 * The connectors of a text, of any class; none if it is not a file of Connect.
 * @throws Failure CONFIG_INVALID with the line, if it is not valid Java properties
 */
export function connectorsOfText(text: string, file: string): ConnectorConfig[] {
  if (/^\s*[{[]/.test(text)) return connectorsOfJson(parsed(text))
  if (!/^\s*connector\.class\s*[=:\s]/m.test(text)) return []
  const config = propertiesOf(text, file)
  return [{ name: config['name'] ?? file, config }]
}

/** `{name, config}` as in POST, the config alone as in PUT, a list of these, or connectors by name as returned with `?expand=info`. */
function connectorsOfJson(value: unknown): ConnectorConfig[] {
  if (Array.isArray(value)) return value.flatMap(connectorsOfJson)
  if (!isObject(value)) return []
  if (typeof value['connector.class'] === 'string') return [connector(value['name'], value)]
  if (isObject(value['config'])) return [connector(value['name'], value['config'])]
  return Object.values(value).flatMap((one) => (isObject(one) ? connectorsOfJson(one['info'] ?? []) : []))
}

function connector(name: unknown, config: Json): ConnectorConfig {
  const values = Object.entries(config).map(([key, value]) => [key, String(value)])
  return { name: typeof name === 'string' ? name : 'the connector', config: Object.fromEntries(values) }
}

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
