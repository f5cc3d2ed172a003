// Settings of the whole file.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { table } from '../setting.ts'

/** `[action] [name]:[value]` several times, with quotation marks around a value that contains a comma. */
const headerRule = '(?:set|add|setDate|addDate)\\s+[^\\s:",]+\\s*:'
const headerRules = new RegExp(`^(?:(?:\\s*(?:${headerRule}[^:",]+|"\\s*${headerRule}[^:"]+")\\s*)(?:,(?!$)|$))*$`)

export const topSettings = table([
  {
    name: 'clusters',
    type: 'list',
    default: null,
    required: true,
    importance: 'high',
    effect: 'acted on',
    docs: 'Aliases of all clusters, in any order; an alias given twice counts once.',
  },
  {
    name: 'config.providers',
    type: 'list',
    default: '',
    importance: 'low',
    effect: 'acted on',
    docs: "Names of the config providers whose references may stand in values. Only Kafka's File, Directory and EnvVar providers exist here.",
  },
  {
    name: 'dedicated.mode.enable.internal.rest',
    type: 'boolean',
    default: 'false',
    importance: 'high',
    effect: 'no effect',
    docs: "Kafka's server between MM2 nodes; godwit needs none, its processes coordinate through the target cluster.",
  },
  {
    name: 'listeners',
    type: 'list',
    default: 'http://:8083',
    nonEmpty: true,
    importance: 'low',
    effect: 'no effect',
    docs: 'Addresses of that server.',
  },
  {
    name: 'rest.advertised.host.name',
    type: 'string',
    default: null,
    importance: 'low',
    effect: 'no effect',
    docs: 'Host name other nodes use to reach that server.',
  },
  {
    name: 'rest.advertised.listener',
    type: 'string',
    default: null,
    importance: 'low',
    effect: 'no effect',
    docs: 'Protocol other nodes use to reach that server.',
  },
  {
    name: 'rest.advertised.port',
    type: 'int',
    default: null,
    importance: 'low',
    effect: 'no effect',
    docs: 'Port other nodes use to reach that server.',
  },
  {
    name: 'access.control.allow.methods',
    type: 'string',
    default: '',
    importance: 'low',
    effect: 'no effect',
    docs: 'Cross-origin methods of that server.',
  },
  {
    name: 'access.control.allow.origin',
    type: 'string',
    default: '',
    importance: 'low',
    effect: 'no effect',
    docs: 'Cross-origin hosts of that server.',
  },
  {
    name: 'response.http.headers.config',
    type: 'string',
    default: '',
    range: { pattern: headerRules, words: 'rules like `set Name: value`, separated by commas' },
    importance: 'low',
    effect: 'no effect',
    docs: 'Extra response headers of that server.',
  },
  {
    name: 'ssl.client.auth',
    type: 'string',
    default: 'none',
    range: { choices: ['required', 'requested', 'none'] },
    importance: 'low',
    effect: 'no effect',
    docs: 'Whether that server asks its callers for certificates.',
  },
])
