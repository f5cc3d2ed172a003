// The options of `godwit init`.
import type { Option } from '../command.ts'
import { outputOption } from '../output/render.ts'
import { secretsOption } from '../read-configuration.ts'

const protocols = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']

function sideOptions(side: 'source' | 'target'): Record<string, Option> {
  return {
    [`${side}-alias`]: { value: 'ALIAS', doc: `What the ${side} is called in the file (default ${side}).` },
    [side]: { value: 'DESCRIPTION', several: true, doc: `What somebody has about the ${side}; see below.` },
    [`${side}-juju`]: { value: 'UNIT', doc: `Ask juju about the ${side}, e.g. data-integrator/0.` },
    [`${side}-servers`]: { value: 'HOST:PORT,...', doc: `Brokers of the ${side}.` },
    [`${side}-security-protocol`]: { value: 'PROTOCOL', choices: protocols, doc: 'Default: as the rest suggests.' },
    [`${side}-sasl-mechanism`]: { value: 'MECHANISM', choices: mechanisms, doc: 'Default SCRAM-SHA-512.' },
    [`${side}-username`]: { value: 'NAME', doc: `User of the ${side}.` },
    [`${side}-password`]: {
      value: 'PASSWORD',
      doc: `Better given as GODWIT_${side.toUpperCase()}_PASSWORD: other users see the command line.`,
    },
    [`${side}-ca`]: { value: 'FILE', doc: `PEM certificates that the ${side} is trusted by.` },
  }
}

export const initOptions: Readonly<Record<string, Option>> = {
  file: { value: 'FILE', doc: 'What is written (default mm2.properties); its companions lie beside it.' },
  ...sideOptions('source'),
  ...sideOptions('target'),
  port: { value: 'PORT', doc: 'Of servers that are named without one.' },
  from: { value: 'MM2', doc: 'A MirrorMaker 2 that is there; see below.' },
  'secrets-dir': secretsOption,
  topics: { value: 'PATTERNS', doc: 'Java patterns, separated by commas (default .*).' },
  'topics-exclude': { value: 'PATTERNS', doc: "Left out of them, beside Kafka's and MirrorMaker 2's own." },
  groups: { value: 'PATTERNS', doc: 'The same for consumer groups (default .*).' },
  policy: {
    value: 'POLICY',
    choices: ['identity', 'default'],
    doc: "identity: topics keep their names (default); default: they bear the source's alias.",
  },
  'replication-factor': { value: 'N', doc: "Of topics on the target (default -1: the target's own default)." },
  'no-sync-groups': { doc: 'Do not commit positions of groups on the target.' },
  'sync-acls': { doc: 'Copy ACLs of topics.' },
  'dry-run': { doc: 'Show the configuration, write nothing; files with secrets are only named.' },
  force: { doc: 'Overwrite files that are there.' },
  output: outputOption,
}
