// The consumer that reads the source: `A.consumer.<key>`, `A->B.source.consumer.<key>`.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { acted, className, flag, high, int, list, low, medium, noEffect, type Setting, text } from '../define.ts'

export const consumerSettings: readonly Setting[] = [
  text(
    'isolation.level',
    'read_uncommitted',
    medium,
    acted,
    "With read_committed aborted transactions are left out; Kafka's default read_uncommitted copies them as plain records.",
    { choices: ['read_committed', 'read_uncommitted'] },
  ),
  text(
    'auto.offset.reset',
    'latest',
    medium,
    acted,
    'Where a partition begins that has no stored position; MM2 sets earliest.',
  ),
  text('client.rack', '', low, acted, 'Rack of this process; brokers then let it read from a near replica (KIP-392).'),
  int(
    'fetch.max.bytes',
    '52428800',
    medium,
    acted,
    "Upper bound of one fetch answer, bytes. godwit's own default is 8388608.",
    { min: 0 },
  ),
  int('fetch.max.wait.ms', '500', low, acted, 'How long a broker waits for data, ms.', { min: 0 }),
  int('fetch.min.bytes', '1', high, acted, 'How much data a broker waits for, bytes.', { min: 0 }),
  int('max.partition.fetch.bytes', '1048576', high, acted, 'Upper bound per partition in one fetch, bytes.', {
    min: 0,
  }),
  int('max.poll.records', '500', medium, noEffect, 'Records per poll; godwit copies batches.', { min: 1 }),
  int('max.poll.interval.ms', '300000', medium, noEffect, 'Longest time between polls of a group member, ms.', {
    min: 1,
  }),
  flag('check.crcs', 'true', low, noEffect, 'Whether checksums are verified; godwit verifies every one.'),
  flag('allow.auto.create.topics', 'true', medium, noEffect, 'Whether reading creates a topic; never here.'),
  int('auto.commit.interval.ms', '5000', low, noEffect, 'How often a consumer commits, ms.', { min: 0 }),
  flag('enable.auto.commit', 'true', medium, noEffect, 'MM2 forces false.'),
  flag('exclude.internal.topics', 'true', medium, noEffect, 'Whether pattern subscriptions see internal topics.'),
  text('group.id', null, high, noEffect, "Group of a consumer; MM2's consumer has none."),
  text('group.instance.id', null, medium, noEffect, 'Static member id.'),
  text('group.protocol', 'classic', high, noEffect, 'Group protocol.', {
    choices: ['CONSUMER', 'CLASSIC'],
    anyCase: true,
  }),
  text('group.remote.assignor', null, medium, noEffect, 'Assignor on the broker.'),
  int('heartbeat.interval.ms', '3000', high, noEffect, 'How often a group member reports, ms.'),
  int('session.timeout.ms', '45000', high, noEffect, 'After what silence a group member is dead, ms.'),
  list('interceptor.classes', '', low, noEffect, 'Java code around records.', {
    effect: 'MM2 would let these classes see, change and drop every record it reads',
  }),
  className('key.deserializer', null, high, noEffect, 'Java deserializer; MM2 sets byte arrays.', { required: true }),
  className('value.deserializer', null, high, noEffect, 'Java deserializer; MM2 sets byte arrays.', { required: true }),
  list(
    'partition.assignment.strategy',
    'org.apache.kafka.clients.consumer.RangeAssignor,org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
    medium,
    noEffect,
    'How a group shares partitions.',
  ),
  text('share.acknowledgement.mode', 'implicit', medium, noEffect, 'How share consumers acknowledge.', {
    choices: ['implicit', 'explicit'],
  }),
  text('share.acquire.mode', 'BATCH_OPTIMIZED', medium, noEffect, 'How share consumers acquire.', {
    choices: ['batch_optimized', 'record_limit'],
    anyCase: true,
  }),
]
