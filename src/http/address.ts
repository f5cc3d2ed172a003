// Parses and formats HOST:PORT.
import { Failure } from '../base/failure.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * Parses `host:port`, `[v6]:port`, `:port` (all addresses) or a port alone (127.0.0.1). Port 0: chosen by the system.
 * @throws Failure USAGE
 */
export function parseAddress(text: string): Address {
  const match = /^(?:(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:[\]/]*)):)?(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  if (!match || port > 65_535) {
    throw new Failure('USAGE', `'${text}' is not an address of the form HOST:PORT`, {
      remedy: 'write e.g. 127.0.0.1:9099, 0.0.0.0:9099 or [::1]:9099',
    })
  }
  const host = match[1] ?? match[2]
  if (host === undefined) return { host: '127.0.0.1', port }
  return { host: host === '' ? '::' : host, port }
}

/** `host:port`, with brackets around IPv6. */
export function addressText({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
