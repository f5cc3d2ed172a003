// The checkpoint connector: consumer groups.
// Types, defaults and ranges are those of Kafka 4.3 unless the text says otherwise.
import { acted, className, flag, high, list, long, low, refused, type Setting, short } from '../define.ts'

export const checkpointSettings: readonly Setting[] = [
  list('groups', '.*', high, acted, 'Java patterns of the consumer groups whose offsets are translated.'),
  list(
    'groups.exclude',
    'console-consumer-.*,connect-.*,__.*',
    high,
    acted,
    'Java patterns of groups to leave out; they beat `groups`.',
  ),
  className(
    'group.filter.class',
    'org.apache.kafka.connect.mirror.DefaultGroupFilter',
    low,
    refused,
    "Java code that chooses groups; only Kafka's DefaultGroupFilter makes sense here.",
  ),
  flag('refresh.groups.enabled', 'true', low, acted, 'Whether new groups are looked for while running.'),
  long('refresh.groups.interval.seconds', '600', low, acted, 'How often.'),
  flag('emit.checkpoints.enabled', 'true', low, acted, 'Whether checkpoints are written.'),
  long('emit.checkpoints.interval.seconds', '60', low, acted, 'How often.'),
  flag(
    'sync.group.offsets.enabled',
    'false',
    low,
    acted,
    'Whether translated offsets are committed for the groups on the target.',
  ),
  long('sync.group.offsets.interval.seconds', '60', low, acted, 'How often.'),
  short('checkpoints.topic.replication.factor', '3', low, acted, 'Replication factor of the checkpoints topic.'),
]
