// Options that say how one cluster is reached without a configuration file: those of Kafka's tools, and those of data generators.
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
  host: { value: 'HOST', doc: 'Together with --port, another way to say --bootstrap-server.' },
  port: { value: 'PORT', doc: 'See --host.' },
  'command-config': { value: 'FILE', doc: "A client.properties as Kafka's tools take it; options come before it." },
  'security-protocol': { value: 'PROTOCOL', choices: protocols, doc: 'Default PLAINTEXT.' },
  'sasl-mechanism': { value: 'MECHANISM', choices: mechanisms, doc: 'How --username logs in.' },
  username: { value: 'NAME', doc: 'Goes with a SASL protocol.' },
  password: { value: 'PASSWORD', doc: 'Better given as GODWIT_PASSWORD: other users see the command line.' },
  'cert-folder': {
    value: 'DIR',
    doc: 'ca.pem, and service.cert with service.key for a client certificate (default: the authorities of the system).',
  },
} as const satisfies Readonly<Record<string, Option>>

interface Given {
  readonly key: string
  readonly value: string
  readonly option: string
}

/** How the cluster of the options is reached. @throws Failure USAGE, or CONFIG_INVALID with every problem of what was given */
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
    remedy: 'see the options of the command with --help',
  })
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file)
  } catch (cause) {
    const remedy = 'give a readable client.properties'
    throw new Failure('CONFIG_INVALID', 'the file of --command-config cannot be read', { file, cause, remedy })
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

/** The line Kafka wants credentials in. @throws Failure USAGE for half of them */
function jaasOf(values: Context['values']): string | undefined {
  const [username, password] = [textOf(values, 'username'), textOf(values, 'password')]
  if (username === undefined && password === undefined) return undefined
  if (username === undefined || password === undefined) {
    throw new Failure('USAGE', '--username and --password belong together', {
      remedy: 'give both; the password may come from GODWIT_PASSWORD',
    })
  }
  if (textOf(values, 'security-protocol')?.startsWith('SASL') !== true) {
    throw new Failure('USAGE', '--username needs a SASL protocol', {
      remedy: 'add --security-protocol SASL_SSL, or SASL_PLAINTEXT, and --sasl-mechanism',
    })
  }
  return jaasLine(textOf(values, 'sasl-mechanism'), username, password)
}

/** PEM files under the names that hosted services give them. */
function certificates(folder: string): Given[] {
  const files = [
    ['ca.pem', 'ssl.truststore.certificates', 'ssl.truststore.type'],
    ['service.cert', 'ssl.keystore.certificate.chain', 'ssl.keystore.type'],
    ['service.key', 'ssl.keystore.key', 'ssl.keystore.type'],
  ] as const
  const found = files.filter(([name]) => existsSync(join(folder, name)))
  if (found.length === 0) {
    throw new Failure('USAGE', '--cert-folder holds neither ca.pem nor service.cert', {
      file: folder,
      remedy: 'give the folder that holds them, or leave the option out for a public authority',
    })
  }
  const option = '--cert-folder'
  return found.flatMap(([name, key, type]) => [
    { key, value: readFileSync(join(folder, name), 'utf8'), option },
    { key: type, value: 'PEM', option },
  ])
}
