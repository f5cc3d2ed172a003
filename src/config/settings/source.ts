// The source connector: which topics, and how they are made and kept alike.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { acted, className, flag, high, int, list, long, low, refused, type Setting, short, text } from '../define.ts'

export const sourceSettings: readonly Setting[] = [
  list(
    'topics',
    '.*',
    high,
    acted,
    'Java patterns of the topics to copy; each matches a whole name. An empty list copies nothing.',
  ),
  list(
    'topics.exclude',
    'mm2.*\\.internal,.*\\.replica,__.*',
    high,
    acted,
    'Java patterns of topics not to copy; they beat `topics`.',
  ),
  className(
    'topic.filter.class',
    'org.apache.kafka.connect.mirror.DefaultTopicFilter',
    low,
    refused,
    "Java code that chooses topics; only Kafka's DefaultTopicFilter makes sense here.",
  ),
  list(
    'config.properties.exclude',
    'follower.replication.throttled.replicas,leader.replication.throttled.replicas,message.timestamp.difference.max.ms,log.message.timestamp.before.max.ms,log.message.timestamp.after.max.ms,message.timestamp.type,unclean.leader.election.enable,min.insync.replicas',
    high,
    acted,
    'Java patterns of topic configs that are not copied.',
    {
      change:
        "The default is that of Kafka 4.3. Kafka 4.2 escapes the dots and lacks the two names with `log.`, which are a broker's: of the configs a topic can have both leave out the same.",
    },
  ),
  className(
    'config.property.filter.class',
    'org.apache.kafka.connect.mirror.DefaultConfigPropertyFilter',
    low,
    refused,
    "Java code that chooses topic configs; only Kafka's DefaultConfigPropertyFilter makes sense here.",
  ),
  flag('refresh.topics.enabled', 'true', low, acted, 'Whether new topics and partitions are looked for while running.'),
  long('refresh.topics.interval.seconds', '600', low, acted, 'How often.'),
  flag(
    'sync.topic.configs.enabled',
    'true',
    low,
    acted,
    'Whether configs of existing target topics follow the source.',
  ),
  long('sync.topic.configs.interval.seconds', '600', low, acted, 'How often; the first time at the start.'),
  flag('sync.topic.acls.enabled', 'true', low, acted, 'Whether ACLs of topics, except for writing, are copied.'),
  long('sync.topic.acls.interval.seconds', '600', low, acted, 'How often; the first time at the start.'),
  int(
    'replication.factor',
    '2',
    low,
    acted,
    "Replication factor of topics made on the target; -1: the target's default.",
  ),
  text('offset-syncs.topic.location', 'source', low, acted, 'Cluster that hosts the offset-syncs topic.', {
    choices: ['source', 'target'],
  }),
  short('offset-syncs.topic.replication.factor', '3', low, acted, 'Replication factor of the offset-syncs topic.'),
  flag('emit.offset-syncs.enabled', 'true', low, acted, 'Whether offset syncs are written.'),
  long(
    'offset.lag.max',
    '100',
    low,
    acted,
    'How many records a translated offset may be behind before a sync is written.',
  ),
  flag(
    'heartbeats.replication.enabled',
    'true',
    low,
    acted,
    'Whether heartbeats topics are copied even if `topics` leaves them out.',
  ),
]
