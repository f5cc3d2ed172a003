// The connection to a cluster: its addresses, security protocol, logins and TLS.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { table } from '../setting.ts'
import { oauthBearerSettings } from './oauthbearer.ts'
import { saslSettings } from './sasl.ts'
import { sslSettings } from './ssl.ts'

export const clusterSettings = table([
  {
    name: 'bootstrap.servers',
    type: 'list',
    default: null,
    required: true,
    nonEmpty: true,
    importance: 'high',
    effect: 'acted on',
    docs: 'Brokers to begin with, `host:port` each; every listed alias needs at least one.',
  },
  {
    name: 'security.protocol',
    type: 'string',
    default: 'PLAINTEXT',
    range: { choices: ['SASL_SSL', 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT'], anyCase: true },
    importance: 'medium',
    effect: 'acted on',
    docs: 'PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.',
  },
  ...saslSettings,
  ...oauthBearerSettings,
  ...sslSettings,
])
