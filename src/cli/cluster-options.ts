// Options to connect to one cluster without a configuration file: those of Kafka's tools, and those of data generators.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../base/failure.ts'
import { loadClient } from '../config/client.ts'
import { describeProblem } from '../config/problems.ts'
import { jaasLine } from '../config/text.ts'
import type { ClusterSettings } from '../kafka/cluster-settings.ts'
import { type Context, type Option, textOf } from './command.ts'

const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

export const clusterOptions = {
  'bootstrap-server': { value: 'HOST:PORT,...', doc: 'Addresses of the cluster.' },
  host: { value: 'HOST', doc: 'With --port, an alternative to --bootstrap-server.' },
  port: { value: 'PORT', doc: 'See --host.' },
  'command-config': { value: 'FILE', doc: "A client.properties file as for Kafka's tools; options override it." },
  'security-protocol': { value: 'PROTOCOL', choices: protocols, doc: 'Default PLAINTEXT.' },
  'sasl-mechanism': { value: 'MECHANISM', choices: mechanisms, doc: 'SASL mechanism for --username.' },
  username: { value: 'NAME', doc: 'User name; needs a SASL protocol.' },
  password: {
    value: 'PASSWORD',
    doc: 'Password; prefer GODWIT_PASSWORD, because other users can see the command line.',
  },
  'cert-folder': {
    value: 'DIR',
    doc: 'Directory with ca.pem, and with service.cert and service.key for a client certificate (default: the CAs of the system).',
  },
} as const satisfies Readonly<Record<string, Option>>

interface Given {
  readonly key: string
  readonly value: string
  readonly option: string
}

/** Client settings of the cluster given by options. @throws Failure USAGE; CONFIG_INVALID with every problem of the settings */
export function clusterFromOptions(context: Context, alias: string): ClusterSettings {
  const file = textOf(context.values, 'command-config')
  const { settings, problems } = loadClient({
    alias,
    file: file ?? 'the command line',
    ...(file !== undefined && { bytes: bytesOf(file) }),
    given: givenBy(context),
    environment: (name) => context.environment[name],
    readFile: (path) => readFileSync(path),
    listDirectory: (path) => readdirSync(path),
  })
  if (settings) return settings
  throw new Failure('CONFIG_INVALID', problems.map(describeProblem).join('\n'), {
    remedy: 'run the command with --help to see its options',
  })
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    const remedy = 'give the path of a readable client.properties'
    throw new Failure('CONFIG_INVALID', 'the --command-config file cannot be read', { file, cause, remedy })
  }
}

function givenBy({ values }: Context): Given[] {
  const protocol = textOf(values, 'security-protocol')
  const given: Given[] = []
  const add = (key: string, option: string, value: string | undefined) => {
    if (value !== undefined) given.push({ key, value, option: `--${option}` })
  }
  add('bootstrap.servers', 'bootstrap-server', serversOf(values))
  add('security.protocol', 'security-protocol', protocol)
  add('sasl.mechanism', 'sasl-mechanism', textOf(values, 'sasl-mechanism'))
  add('sasl.jaas.config', 'username', jaasOf(values))
  const folder = textOf(values, 'cert-folder')
  return folder === undefined ? given : [...given, ...certificates(folder)]
}

function serversOf(values: Context['values']): string | undefined {
  const [host, port] = [textOf(values, 'host'), textOf(values, 'port')]
  if (host === undefined && port === undefined) return textOf(values, 'bootstrap-server')
  if (host !== undefined && port !== undefined) return `${host}:${port}`
  throw new Failure('USAGE', `--${host === undefined ? 'host' : 'port'} is missing`, {
    remedy: 'give --host and --port, or --bootstrap-server HOST:PORT',
  })
}

/** The value of sasl.jaas.config, or undefined without credentials. @throws Failure USAGE when user name or password is missing */
function jaasOf(values: Context['values']): string | undefined {
  const [username, password] = [textOf(values, 'username'), textOf(values, 'password')]
  if (username === undefined && password === undefined) return undefined
  if (username === undefined || password === undefined) {
    throw new Failure('USAGE', '--username and --password must be given together', {
      remedy: 'give both; the password can be set by GODWIT_PASSWORD',
    })
  }
  if (textOf(values, 'security-protocol')?.startsWith('SASL') !== true) {
    throw new Failure('USAGE', '--username needs a SASL protocol', {
      remedy: 'add --security-protocol SASL_SSL, or SASL_PLAINTEXT, and --sasl-mechanism',
    })
  }
  return jaasLine(textOf(values, 'sasl-mechanism'), username, password)
}

/** PEM files, by the names that hosted services use. */
function certificates(folder: string): Given[] {
  const files = [
    ['ca.pem', 'ssl.truststore.certificates', 'ssl.truststore.type'],
    ['service.cert', 'ssl.keystore.certificate.chain', 'ssl.keystore.type'],
    ['service.key', 'ssl.keystore.key', 'ssl.keystore.type'],
  ] as const
  const found = files.filter(([name]) => existsSync(join(folder, name)))
  if (found.length === 0) {
    throw new Failure('USAGE', '--cert-folder contains neither ca.pem nor service.cert', {
      file: folder,
      remedy: 'give the folder that contains them, or omit the option for a public CA',
    })
  }
  const option = '--cert-folder'
  return found.flatMap(([name, key, type]) => [
    { key, value: readFileSync(join(folder, name), 'utf8'), option },
    { key: type, value: 'PEM', option },
  ])
}
