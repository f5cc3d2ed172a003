// Whether a request that changes something comes from a web page that has no business here.
import { isIP } from 'node:net'

interface RequestHeaders {
  readonly origin?: string | undefined
  readonly host?: string | undefined
  readonly 'sec-fetch-site'?: string | string[] | undefined
}

/**
 * True for a browser's request from another site: it names an origin (RFC 6454) that is not the host it asks. A name that
 * an attacker's server may resolve to this machine does not count as our own, so the host has to be an address or localhost.
 * Programs send no origin.
 */
export function isForeign({ origin, host = '', 'sec-fetch-site': site }: RequestHeaders): boolean {
  if (site === 'cross-site' || site === 'same-site') return true
  if (origin === undefined) return false
  const [from, own] = [URL.parse(origin), URL.parse(`http://${host}`)]
  if (!from || !own || from.host !== own.host) return true
  const name = own.hostname.replace(/^\[(.*)\]$/, '$1')
  return name !== 'localhost' && isIP(name) === 0
}
