// The producer that writes the records: `B.producer.<key>`, `A->B.producer.override.<key>`.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import {
  acted,
  className,
  flag,
  high,
  int,
  list,
  long,
  low,
  medium,
  noEffect,
  notYet,
  type Setting,
  text,
} from '../define.ts'

const byteArrays = ['org.apache.kafka.common.serialization.ByteArraySerializer']

export const producerSettings: readonly Setting[] = [
  int(
    'max.request.size',
    '1048576',
    medium,
    acted,
    "Upper bound of one produce request, bytes; godwit's own default is 4194304, a larger value raises it.",
    { min: 0 },
  ),
  text('acks', 'all', low, noEffect, 'godwit always waits for all in-sync replicas.', {
    choices: ['all', '-1', '0', '1'],
  }),
  flag('enable.idempotence', 'true', low, noEffect, 'godwit always writes idempotently.'),
  int('batch.size', '16384', medium, noEffect, 'godwit copies batches as they are, and merges small ones.', { min: 0 }),
  long('linger.ms', '5', medium, noEffect, "How long Java's producer waits to fill a batch, ms.", { min: 0 }),
  long('buffer.memory', '33554432', high, noEffect, "Memory of Java's producer, bytes; see `godwit.memory.bytes`.", {
    min: 0,
  }),
  text('compression.type', 'none', high, notYet, "Codec of the records; godwit keeps the source's.", {
    choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    effect: "MM2 would write every record with this codec; godwit keeps the source's batches as they are",
  }),
  int('compression.gzip.level', '-1', medium, notYet, 'Level of gzip.', { min: -1, max: 9 }),
  int('compression.lz4.level', '9', medium, notYet, 'Level of lz4.', { min: 1, max: 17 }),
  int('compression.zstd.level', '3', medium, notYet, 'Level of zstd.', { min: -131072, max: 22 }),
  int(
    'delivery.timeout.ms',
    '120000',
    medium,
    noEffect,
    'How long a record may take, ms; godwit never gives a record up.',
    { min: 0 },
  ),
  long('max.block.ms', '60000', medium, noEffect, 'How long a call may block, ms.', { min: 0 }),
  int(
    'max.in.flight.requests.per.connection',
    '5',
    low,
    noEffect,
    'Requests in flight; godwit chooses by itself so that order is kept.',
    { min: 1 },
  ),
  int('retries', '2147483647', high, noEffect, 'Attempts; godwit never gives a record up.', { min: 0 }),
  long('metadata.max.idle.ms', '300000', low, noEffect, 'How long metadata of an unused topic is kept, ms.', {
    min: 5000,
  }),
  flag(
    'partitioner.adaptive.partitioning.enable',
    'true',
    low,
    noEffect,
    'Concerns records without a partition; a copied record has one.',
  ),
  long(
    'partitioner.availability.timeout.ms',
    '0',
    low,
    noEffect,
    'Concerns records without a partition; a copied record has one.',
    { min: 0 },
  ),
  className(
    'partitioner.class',
    null,
    medium,
    noEffect,
    'Concerns records without a partition; a copied record has one.',
  ),
  flag(
    'partitioner.ignore.keys',
    'false',
    medium,
    noEffect,
    'Concerns records without a partition; a copied record has one.',
  ),
  list('interceptor.classes', '', low, noEffect, 'Java code around records.', {
    effect: 'MM2 would let these classes see and change every record it writes',
  }),
  className('key.serializer', null, high, noEffect, 'Java serializer; Connect sets byte arrays.', {
    required: true,
    effect: 'MM2 would write every key through it; godwit copies the bytes',
    harmless: byteArrays,
  }),
  className('value.serializer', null, high, noEffect, 'Java serializer; Connect sets byte arrays.', {
    required: true,
    effect: 'MM2 would write every value through it; godwit copies the bytes',
    harmless: byteArrays,
  }),
  int('transaction.timeout.ms', '60000', low, noEffect, 'Longest transaction, ms.'),
  flag(
    'transaction.two.phase.commit.enable',
    'false',
    low,
    noEffect,
    'Whether transactions take part in a two-phase commit.',
  ),
  text('transactional.id', null, low, noEffect, 'Id of a transactional producer.'),
]
