// The whole file.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { acted, flag, high, int, list, low, noEffect, type Setting, text } from '../define.ts'

/** `[action] [name]:[value]` several times, in quotation marks where a value has a comma. */
const headerRule = '(?:set|add|setDate|addDate)\\s+[^\\s:",]+\\s*:'
const headerRules = new RegExp(`^(?:(?:\\s*(?:${headerRule}[^:",]+|"\\s*${headerRule}[^:"]+")\\s*)(?:,(?!$)|$))*$`)

export const topSettings: readonly Setting[] = [
  list('clusters', null, high, acted, 'Aliases of all clusters, in any order; an alias given twice counts once.', {
    required: true,
  }),
  list(
    'config.providers',
    '',
    low,
    acted,
    "Names of the config providers whose references may stand in values. Only Kafka's File, Directory and EnvVar providers exist here.",
  ),
  flag(
    'dedicated.mode.enable.internal.rest',
    'false',
    high,
    noEffect,
    "Kafka's server between MM2 nodes; godwit needs none, its processes coordinate through the target cluster.",
  ),
  list('listeners', 'http://:8083', low, noEffect, 'Addresses of that server.', { nonEmpty: true }),
  text('rest.advertised.host.name', null, low, noEffect, 'Host name other nodes use to reach that server.'),
  text('rest.advertised.listener', null, low, noEffect, 'Protocol other nodes use to reach that server.'),
  int('rest.advertised.port', null, low, noEffect, 'Port other nodes use to reach that server.'),
  text('access.control.allow.methods', '', low, noEffect, 'Cross-origin methods of that server.'),
  text('access.control.allow.origin', '', low, noEffect, 'Cross-origin hosts of that server.'),
  text('response.http.headers.config', '', low, noEffect, 'Extra response headers of that server.', {
    shape: { pattern: headerRules, words: 'rules like `set Name: value`, separated by commas' },
  }),
  text('ssl.client.auth', 'none', low, noEffect, 'Whether that server asks its callers for certificates.', {
    choices: ['required', 'requested', 'none'],
  }),
]
