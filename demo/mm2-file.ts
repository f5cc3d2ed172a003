// The mm2.properties of a public guide (Charmed Kafka on Kubernetes, cluster migration) with its aliases, keys, values and
// environment variables. Changes that are needed for two clusters on one machine are marked with DEMO.

/** The environment variables that the file refers to. */
export interface FileVariables {
  readonly OLD_SERVERS: string
  readonly NEW_SERVERS: string
  readonly OLD_SASL_JAAS_CONFIG: string
  readonly NEW_SASL_JAAS_CONFIG: string
}

/** Values for the file's variables; the credentials are not used, because the demo's clusters require none. */
export function fileVariables(oldServers: string, newServers: string): FileVariables {
  const jaas = 'org.apache.kafka.common.security.scram.ScramLoginModule required username="admin" password="unused";'
  return {
    OLD_SERVERS: oldServers,
    NEW_SERVERS: newServers,
    OLD_SASL_JAAS_CONFIG: jaas,
    NEW_SASL_JAAS_CONFIG: jaas,
  }
}

export const mm2Properties = `\
# Aliases for each cluster, can be set to any unique alias
clusters = old,new

# Data goes from 'old' to 'new', and NOT vice versa ('active/passive')
old->new.enabled = true
new->old.enabled = false

# Comma-separated lists of the servers of both clusters, from the environment
old.bootstrap.servers=$OLD_SERVERS
new.bootstrap.servers=$NEW_SERVERS

# SASL credentials for each cluster, from the environment
old.sasl.jaas.config=$OLD_SASL_JAAS_CONFIG
new.sasl.jaas.config=$NEW_SASL_JAAS_CONFIG

# DEMO: the guide has security.protocol=SASL_PLAINTEXT here. The demo's clusters listen on 127.0.0.1 only and need no
# password, so this line differs; with PLAINTEXT the three sasl lines have no effect.
sasl.mechanism=SCRAM-SHA-512
security.protocol=PLAINTEXT

# Topic names stay the same on both clusters
replication.policy.class=org.apache.kafka.connect.mirror.IdentityReplicationPolicy

# All topics and all consumer groups
topics=.*
groups=.*

# The expected number of concurrent MirrorMaker tasks
tasks.max=3

# The replication.factor of topics created on the new cluster (which has three brokers)
replication.factor=2

# DEMO: not in the guide, whose old cluster has three brokers. Ours has one, and the default of 3 could not be met there.
offset-syncs.topic.replication.factor=1
heartbeats.topic.replication.factor=1

# New topics and groups are copied too when they appear during the migration
refresh.topics.enabled=true
sync.group.offsets.enabled=true
sync.topic.configs.enabled=true
refresh.topics.interval.seconds=5
refresh.groups.interval.seconds=5
sync.group.offsets.interval.seconds=5
emit.checkpoints.interval.seconds=5

# Records of aborted transactions are left out
old.consumer.isolation.level=read_committed
new.consumer.isolation.level=read_committed

# Idempotent, fully acknowledged writes
old.producer.enable.idempotence=true
new.producer.enable.idempotence=true
old.producer.acks=all
new.producer.acks=all
# old.exactly.once.support = enabled
# new.exactly.once.support = enabled
`
