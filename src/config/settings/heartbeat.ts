// The heartbeat connector.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { table } from '../setting.ts'

export const heartbeatSettings = table([
  {
    name: 'emit.heartbeats.enabled',
    type: 'boolean',
    default: 'true',
    importance: 'low',
    effect: 'acted on',
    docs: 'Whether the pair emits heartbeats; with `enabled` it decides which pairs MM2 makes connectors for.',
  },
  {
    name: 'emit.heartbeats.interval.seconds',
    type: 'long',
    default: '1',
    importance: 'low',
    effect: 'acted on',
    docs: 'How often.',
  },
  {
    name: 'heartbeats.topic.replication.factor',
    type: 'short',
    default: '3',
    importance: 'low',
    effect: 'acted on',
    docs: 'Replication factor of the heartbeats topic.',
  },
])
