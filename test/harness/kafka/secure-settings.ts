// Broker settings of the secured test cluster. Principals: the SASL user's name, or the common name of a certificate.

export const listeners = { SASL_SSL: 'SASL_SSL', SASL_PLAINTEXT: 'SASL_PLAINTEXT', SSL: 'SSL', TLS: 'SSL' } as const

const users = ['admin', 'alice']
const mechanisms = ['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN']
const modules = 'org.apache.kafka.common.security'

/** The password of a user, the same for every mechanism. */
export function passwordOf(user: string): string {
  return `${user}-secret`
}

/** Arguments of the storage tool that create the SCRAM users. */
export function scramArgs(): string[] {
  const one = (mechanism: string, user: string) => `${mechanism}=[name=${user},password=${passwordOf(user)}]`
  const scram = mechanisms.filter((mechanism) => mechanism !== 'PLAIN')
  return scram.flatMap((mechanism) => users.flatMap((user) => ['--add-scram', one(mechanism, user)]))
}

/**
 * Listeners, logins and the authorizer of a broker.
 * @param broker PEM file with key and certificate
 * @param ca PEM file with the trusted authorities
 */
export function secureSettings(broker: string, ca: string): Record<string, string> {
  const admin = `username="admin" password="${passwordOf('admin')}"`
  const plain = `${modules}.plain.PlainLoginModule required ${admin} ${users
    .map((user) => `user_${user}="${passwordOf(user)}"`)
    .join(' ')};`
  const scram = `${modules}.scram.ScramLoginModule required ${admin};`
  const protocols = { PLAINTEXT: 'PLAINTEXT', CONTROLLER: 'SASL_PLAINTEXT', ...listeners }
  return {
    'listener.security.protocol.map': Object.entries(protocols)
      .map(([name, protocol]) => `${name}:${protocol}`)
      .join(','),
    'inter.broker.listener.name': 'SASL_SSL',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    // SCRAM users are stored in the metadata log, which only the controller listener serves: it must use PLAIN.
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plain,
    ...Object.assign({}, ...['sasl_ssl', 'sasl_plaintext'].map((name) => saslListener(name, plain, scram))),
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': broker,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': ca,
    'ssl.client.auth': 'none',
    'listener.name.ssl.ssl.client.auth': 'required',
    'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+),.*$/$1/,DEFAULT',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:admin',
    'allow.everyone.if.no.acl.found': 'false',
  }
}

function saslListener(name: string, plain: string, scram: string): Record<string, string> {
  const prefix = `listener.name.${name}`
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: mechanisms.join(','),
    [`${prefix}.plain.sasl.jaas.config`]: plain,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
  }
}
