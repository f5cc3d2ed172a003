// The options of `godwit init`.
import type { Option } from '../command.ts'
import { outputOption } from '../output/render.ts'
import { secretsOption } from '../read-configuration.ts'

const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

function sideOptions(side: 'source' | 'target'): Record<string, Option> {
  return {
    [`${side}-alias`]: { value: 'ALIAS', doc: `Alias of the ${side} in the file (default ${side}).` },
    [side]: { value: 'DESCRIPTION', several: true, doc: `Descriptions of the ${side}; see below.` },
    [`${side}-juju`]: { value: 'UNIT', doc: `Juju unit to read the ${side} from, e.g. data-integrator/0.` },
    [`${side}-servers`]: { value: 'HOST:PORT,...', doc: `Brokers of the ${side}.` },
    [`${side}-security-protocol`]: {
      value: 'PROTOCOL',
      choices: protocols,
      doc: 'Default: derived from the other values.',
    },
    [`${side}-sasl-mechanism`]: { value: 'MECHANISM', choices: mechanisms, doc: 'Default SCRAM-SHA-512.' },
    [`${side}-username`]: { value: 'NAME', doc: `User of the ${side}.` },
    [`${side}-password`]: {
      value: 'PASSWORD',
      doc: `Password; prefer GODWIT_${side.toUpperCase()}_PASSWORD, because other users can see the command line.`,
    },
    [`${side}-ca`]: { value: 'FILE', doc: `CA certificates of the ${side}, as PEM.` },
  }
}

export const initOptions: Readonly<Record<string, Option>> = {
  file: {
    value: 'FILE',
    doc: 'File to write (default mm2.properties); files with secrets are written to the same directory.',
  },
  ...sideOptions('source'),
  ...sideOptions('target'),
  port: { value: 'PORT', doc: 'Port of servers that are given without one.' },
  from: { value: 'MM2', doc: 'An existing MirrorMaker 2; see below.' },
  'secrets-dir': secretsOption,
  topics: { value: 'PATTERNS', doc: 'Topics to copy: Java patterns, separated by commas (default .*).' },
  'topics-exclude': {
    value: 'PATTERNS',
    doc: 'Topics to exclude, in addition to internal topics of Kafka and MirrorMaker 2.',
  },
  groups: { value: 'PATTERNS', doc: 'Consumer groups to sync: Java patterns, separated by commas (default .*).' },
  policy: {
    value: 'POLICY',
    choices: ['identity', 'default'],
    doc: 'identity: topics keep their names (default); default: the source alias is added to their names.',
  },
  'replication-factor': {
    value: 'N',
    doc: "Replication factor of topics on the target (default -1: the target's default).",
  },
  'no-sync-groups': { doc: 'Do not commit translated offsets of groups on the target.' },
  'sync-acls': { doc: 'Copy topic ACLs.' },
  'dry-run': { doc: 'Print the configuration without writing it; of files with secrets, print only the name.' },
  force: { doc: 'Overwrite existing files.' },
  output: outputOption,
}
