// The `sasl.jaas.config` of a user and a password, for those who make configurations; compile/jaas.ts reads it again.
const escaped = (text: string) => `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

/** The line, quotes and backslashes escaped as Kafka's parser expects. @param mechanism PLAIN, or one of SCRAM */
export function jaasLine(mechanism: string | undefined, username: string, password: string): string {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  return `org.apache.kafka.common.security.${module} required username=${escaped(username)} password=${escaped(password)};`
}
