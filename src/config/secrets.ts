// Which values are secrets, and how they are printed.
import { hasReference } from './dialects/providers.ts'
import { clusterSettings } from './settings/cluster.ts'

const passwordKeys = clusterSettings.filter(({ type }) => type === 'password').map(({ name }) => name)

/** Certificates have the type password in Kafka, but are not secret. */
const publicKeys = new Set(['ssl.truststore.certificates', 'ssl.keystore.certificate.chain'])

/** Whether a key with any prefix is a secret; also unknown keys that look like one. */
export function isSecretKey(key: string): boolean {
  const isOneOf = (names: Iterable<string>) => [...names].some((name) => key === name || key.endsWith(`.${name}`))
  if (isOneOf(publicKeys)) return false
  return (
    isOneOf(passwordKeys) ||
    /(?:password|passwd|secret|credential|token|api[._-]?key|private[._-]?key|passphrase|jaas)[^.]*$/i.test(key)
  )
}

const isWhollyReference = (written: string) => /^\s*(?:\$\{[^}]*\}|\$[A-Za-z_][A-Za-z0-9_]*)\s*$/.test(written)

/**
 * A printable form of a secret value: `[secret]`; a reference stays readable, because it only shows where the value comes from.
 */
export function maskValue(key: string, written: string): string {
  if (isSecretKey(key) && written.trim() !== '' && !isWhollyReference(written)) return maskParts(written)
  return maskUserInfo(written)
}

/** References within a longer secret stay readable; everything else is masked. */
function maskParts(written: string): string {
  if (!hasReference(written)) return '[secret]'
  const references = written.match(/\$\{[^}]*\}/g) ?? []
  return `[secret] ${references.join(' ')}`
}

/** `user:password@` within an address. */
const maskUserInfo = (written: string) => written.replaceAll(/(\/\/[^/\s:@]*:)[^/\s@]+@/g, '$1[secret]@')
