// Which values are secrets, and how they look when they are printed.
import { hasReference } from './dialects/providers.ts'
import { clusterSettings } from './settings/cluster.ts'

const passwordKeys = clusterSettings.filter(({ type }) => type === 'password').map(({ name }) => name)

/** Certificates are typed as passwords in Kafka, but hold nothing secret. */
const publicKeys = new Set(['ssl.truststore.certificates', 'ssl.keystore.certificate.chain'])

/** Whether a key, under whatever prefix, holds a secret; unknown keys that look like it count too. */
export function isSecretKey(key: string): boolean {
  const isOneOf = (names: Iterable<string>) => [...names].some((name) => key === name || key.endsWith(`.${name}`))
  if (isOneOf(publicKeys)) return false
  return (
    isOneOf(passwordKeys) ||
    /(?:password|passwd|secret|credential|token|api[._-]?key|private[._-]?key|passphrase|jaas)[^.]*$/i.test(key)
  )
}

const isWhollyReference = (written: string) => /^\s*(?:\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*)\s*$/.test(written)

/** A secret value as it may be printed: `[secret]`; a reference to one shows where it comes from and stays readable. */
export function maskValue(key: string, written: string): string {
  if (isSecretKey(key) && written.trim() !== '' && !isWhollyReference(written)) return maskParts(written)
  return maskUserInfo(written)
}

/** References inside a longer secret stay readable, all around them goes. */
function maskParts(written: string): string {
  if (!hasReference(written)) return '[secret]'
  const references = written.match(/\$\{[^}]*\}/g) ?? []
  return `[secret] ${references.join(' ')}`
}

/** `user:password@` inside an address. */
const maskUserInfo = (written: string) => written.replaceAll(/(\/\/[^/\s:@]*:)[^/\s@]+@/g, '$1[secret]@')
