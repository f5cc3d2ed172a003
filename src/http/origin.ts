// Detects requests from foreign web pages, to reject those that change something.
import { isIP } from 'node:net'

interface RequestHeaders {
  readonly origin?: string | undefined
  readonly host?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

/**
 * True for a browser's request from another site: its origin (RFC 6454) differs from the requested host. Host names other than
 * localhost are also foreign, because an attacker can make a name resolve to this machine (DNS rebinding). Programs other than
 * browsers send no origin.
 */
export function isForeign({ origin, host = '', 'sec-fetch-site': site }: RequestHeaders): boolean {
  if (site === 'cross-site' || site === 'same-site') return true
  if (origin === undefined) return false
  const [from, own] = [URL.parse(origin), URL.parse(`http://${host}`)]
  if (!from || !own || from.host !== own.host) return true
  const name = own.hostname.replace(/^\[(.*)\]$/, '$1')
  return name !== 'localhost' && isIP(name) === 0
}
