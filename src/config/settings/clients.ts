// Consumers, producers, admin clients and the worker alike: `X.consumer.<key>` and so on, `X.<key>` for the worker.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { acted, flag, int, long, low, medium, noEffect, type Setting, text } from '../define.ts'

export const clientsSettings: readonly Setting[] = [
  text(
    'client.id',
    '',
    low,
    acted,
    "Name of the client in the brokers' logs and quotas. MM2's own names are the default.",
  ),
  text('client.dns.lookup', 'use_all_dns_ips', medium, noEffect, 'How host names with several addresses are used.', {
    choices: ['use_all_dns_ips', 'resolve_canonical_bootstrap_servers_only'],
  }),
  long('connections.max.idle.ms', '540000', medium, noEffect, 'After what idle time a connection is closed, ms.'),
  long('metadata.max.age.ms', '300000', low, noEffect, 'How old metadata may get, ms.', { min: 0 }),
  text('metadata.recovery.strategy', 'rebootstrap', low, noEffect, 'What to do when no known broker is reachable.', {
    choices: ['REBOOTSTRAP', 'NONE'],
    anyCase: true,
  }),
  long(
    'metadata.recovery.rebootstrap.trigger.ms',
    '300000',
    low,
    noEffect,
    'After what time of that the bootstrap servers are used again, ms.',
    { min: 0 },
  ),
  int('metrics.num.samples', '2', low, noEffect, 'Samples kept per metric.', { min: 1 }),
  text('metrics.recording.level', 'INFO', low, noEffect, 'Level of detail of metrics.', {
    choices: ['INFO', 'DEBUG', 'TRACE'],
  }),
  long('metrics.sample.window.ms', '30000', low, noEffect, 'Length of a sample, ms.', { min: 0 }),
  int('receive.buffer.bytes', '65536', medium, noEffect, 'Socket receive buffer, bytes.', { min: -1 }),
  int('send.buffer.bytes', '131072', medium, noEffect, 'Socket send buffer, bytes.', { min: -1 }),
  long('reconnect.backoff.max.ms', '1000', low, noEffect, 'Longest pause between attempts to connect, ms.', { min: 0 }),
  long('reconnect.backoff.ms', '50', low, noEffect, 'First pause between attempts to connect, ms.', { min: 0 }),
  int('request.timeout.ms', '30000', medium, acted, 'How long a request may take, ms.', { min: 0 }),
  long('retry.backoff.max.ms', '1000', low, noEffect, 'Longest pause between attempts of a request, ms.', { min: 0 }),
  long('retry.backoff.ms', '100', low, noEffect, 'First pause between attempts of a request, ms.', { min: 0 }),
  text('security.providers', null, low, noEffect, 'Java security providers.'),
  long('socket.connection.setup.timeout.max.ms', '30000', medium, noEffect, 'Longest time to connect, ms.'),
  long('socket.connection.setup.timeout.ms', '10000', medium, acted, 'Time to connect, ms.'),
  flag('enable.metrics.push', 'true', low, noEffect, 'Whether the client pushes metrics to the brokers.'),
  int('default.api.timeout.ms', '60000', medium, noEffect, 'How long a client call may take, ms.', { min: 0 }),
]
