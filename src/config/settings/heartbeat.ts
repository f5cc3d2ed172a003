// The heartbeat connector.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { acted, flag, long, low, type Setting, short } from '../define.ts'

export const heartbeatSettings: readonly Setting[] = [
  flag(
    'emit.heartbeats.enabled',
    'true',
    low,
    acted,
    'Whether the pair emits heartbeats; with `enabled` it decides which pairs MM2 makes connectors for.',
  ),
  long('emit.heartbeats.interval.seconds', '1', low, acted, 'How often.'),
  short('heartbeats.topic.replication.factor', '3', low, acted, 'Replication factor of the heartbeats topic.'),
]
