// Configuration files with difficult content, compared with Kafka's own classes. `{dir}` stands for
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of configuration files look like that
// the directory with the `files` of the case; `env` is the environment for both readers.

export interface AwkwardConfiguration {
  readonly name: string
  readonly text: string
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
}

export const two = 'clusters = a, b\na.bootstrap.servers = a:9092\nb.bootstrap.servers = b:9092\n'
export const on = `${two}a->b.enabled = true\n`
const three = `${two}clusters = a, b, c\nc.bootstrap.servers = c:9092\n`

/** The file of the Charmed Kafka guide, byte for byte. */
const guide = `# Aliases for each cluster, can be set to any unique alias
clusters = old,new${' '}

old->new.enabled = true
new->old.enabled = false

old.bootstrap.servers=$OLD_SERVERS
new.bootstrap.servers=$NEW_SERVERS

old.sasl.jaas.config=$OLD_SASL_JAAS_CONFIG
new.sasl.jaas.config=$NEW_SASL_JAAS_CONFIG

sasl.mechanism=SCRAM-SHA-512
security.protocol=SASL_PLAINTEXT

replication.policy.class=org.apache.kafka.connect.mirror.IdentityReplicationPolicy

topics=.*
groups=.*

tasks.max=3
replication.factor=2

refresh.topics.enabled=true
sync.group.offsets.enabled=true
sync.topic.configs.enabled=true
refresh.topics.interval.seconds=5
refresh.groups.interval.seconds=5
sync.group.offsets.interval.seconds=5
emit.checkpoints.interval.seconds=5

old.consumer.isolation.level=read_committed
new.consumer.isolation.level=read_committed

old.producer.enable.idempotence=true
new.producer.enable.idempotence=true
old.producer.acks=all
new.producer.acks=all
# old.exactly.once.support = enabled
# new.exactly.once.support = enabled
`

export const awkwardConfigurations: readonly AwkwardConfiguration[] = [
  { name: 'the guide', text: guide },
  { name: 'the guide, appended to itself by tee -a', text: guide + guide.replace('tasks.max=3', 'tasks.max=5') },

  // which flows exist
  { name: 'clusters only', text: two },
  { name: 'three clusters only', text: three },
  { name: 'no heartbeats anywhere', text: `${three}emit.heartbeats.enabled = false\n` },
  {
    name: 'heartbeats off for two pairs',
    text: `${three}a->b.emit.heartbeats.enabled=false\na->c.emit.heartbeats.enabled=false\n`,
  },
  { name: 'heartbeats off, one pair enabled', text: `${on}emit.heartbeats.enabled=false\n` },
  {
    name: 'heartbeats off for all pairs but one',
    text: `${three}emit.heartbeats.enabled=false\nb->c.emit.heartbeats.enabled=true\n`,
  },
  { name: 'heartbeats off with a blank behind', text: `${on}emit.heartbeats.enabled=false \n` },
  { name: 'heartbeats on with a blank behind', text: `${on}emit.heartbeats.enabled=true \n` },
  { name: 'heartbeats neither true nor false', text: `${on}emit.heartbeats.enabled=maybe\n` },
  { name: 'enabled with a blank behind', text: `${two}a->b.enabled = true \n` },
  {
    name: 'enabled with a trailing blank, no heartbeats',
    text: `${two}a->b.enabled = true \nemit.heartbeats.enabled=false\n`,
  },
  { name: 'enabled in capitals', text: `${two}a->b.enabled = TRUE\n` },
  { name: 'enabled is yes', text: `${two}a->b.enabled = yes\n` },
  { name: 'enabled is empty', text: `${two}a->b.enabled =\n` },
  { name: 'enabled with a comment behind', text: `${two}a->b.enabled = false # passive\n` },
  { name: 'enabled bare', text: `${two}enabled = true\n` },
  { name: 'enabled at the cluster', text: `${two}a.enabled = true\n` },
  { name: 'one cluster', text: 'clusters = a\na.bootstrap.servers = a:1\n' },
  { name: 'the same cluster twice', text: `clusters = a, b, a\na.bootstrap.servers=a:1\nb.bootstrap.servers=b:1\n` },

  // aliases
  { name: 'no clusters key', text: 'a.bootstrap.servers = a:1\n' },
  { name: 'clusters empty', text: 'clusters =\n' },
  { name: 'clusters with an empty item', text: `${on}clusters = a,,b\n` },
  { name: 'clusters with a comma at the end', text: `${on}clusters = a, b,\n` },
  { name: 'clusters with tabs and blanks', text: `${on}clusters = \ta \t, b \n` },
  { name: 'clusters continued', text: `${on}clusters = a,\\\n    b\n` },
  {
    name: 'an alias that is a prefix of the other',
    text: 'clusters = us, us.west\nus.bootstrap.servers=u:1\nus.west.bootstrap.servers=w:1\nus->us.west.enabled=true\nus.west.consumer.fetch.min.bytes=7\nus.client.id=x\n',
  },
  {
    name: 'aliases with dashes, underscores and dots',
    text: 'clusters = dc-1, dc_2.eu\ndc-1.bootstrap.servers=a:1\ndc_2.eu.bootstrap.servers=b:1\ndc-1->dc_2.eu.enabled=true\ndc-1->dc_2.eu.topics=x.*\n',
  },
  {
    name: 'an alias that equals a key',
    text: 'clusters = topics, source\ntopics.bootstrap.servers=a:1\nsource.bootstrap.servers=b:1\ntopics->source.enabled=true\ntopics.exclude = x\nsource.consumer.fetch.min.bytes=5\n',
  },
  {
    name: 'an alias called consumer',
    text: 'clusters = consumer, b\nconsumer.bootstrap.servers=a:1\nb.bootstrap.servers=b:1\nconsumer->b.enabled=true\nconsumer.consumer.fetch.min.bytes=3\n',
  },
  {
    name: 'an alias with an arrow in it',
    text: 'clusters = a, b, a->b\na.bootstrap.servers=a:1\nb.bootstrap.servers=b:1\na->b.bootstrap.servers=c:1\na->b.enabled=true\n',
  },
  {
    name: 'an alias in non-Latin letters',
    text: 'clusters = \\u00fcber, b\n\\u00fcber.bootstrap.servers=a:1\nb.bootstrap.servers=b:1\n\\u00fcber->b.enabled=true\n',
  },
  {
    name: 'an alias called constructor',
    text: 'clusters = constructor, __proto__\nconstructor.bootstrap.servers=a:1\n__proto__.bootstrap.servers=b:1\nconstructor->__proto__.enabled=true\n',
  },
  { name: 'an alias set again', text: `${on}a.alias = X\nb.alias = Y\n` },

  // precedence of connection keys
  {
    name: 'security keys without prefix',
    text: `${on}security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nssl.truststore.location=/t\n`,
  },
  { name: 'cluster beats bare', text: `${on}security.protocol=SASL_SSL\na.security.protocol=PLAINTEXT\n` },
  {
    name: 'consumer keys override cluster keys',
    text: `${on}a.security.protocol=SSL\na.consumer.security.protocol=PLAINTEXT\na.producer.sasl.mechanism=PLAIN\n`,
  },
  {
    name: 'bootstrap.servers without prefix',
    text: 'clusters = a, b\nbootstrap.servers = x:1\nb.bootstrap.servers = b:1\na->b.enabled = true\n',
  },
  {
    name: 'role keys without prefix',
    text: `${on}consumer.fetch.min.bytes=2\nproducer.acks=1\nadmin.retries=3\nsource.consumer.fetch.min.bytes=9\n`,
  },
  {
    name: 'role keys of the flow',
    text: `${on}a->b.consumer.fetch.min.bytes=2\na->b.source.consumer.fetch.min.bytes=3\na->b.producer.override.max.request.size=9\na->b.target.producer.acks=1\na->b.consumer.override.fetch.min.bytes=4\n`,
  },
  {
    name: 'keys that start like role keys',
    text: `${on}a.consumers = 1\na.producerx.y = 2\na.administrator = 3\na.consumer = 4\na.admin = 5\n`,
  },
  {
    name: 'connection keys of one cluster under the flow',
    text: `${on}a.security.protocol=SSL\na->b.source.cluster.security.protocol=PLAINTEXT\na->b.target.cluster.bootstrap.servers=z:1\n`,
  },
  {
    name: 'OAuth keys of the cluster',
    text: `${on}a.sasl.oauthbearer.client.credentials.client.id=i\na.sasl.oauthbearer.client.credentials.client.secret=s\nsasl.oauthbearer.scope=x\nsasl.oauthbearer.assertion.file=/f\n`,
  },
  { name: 'security.protocol in small letters', text: `${on}security.protocol=sasl_ssl\n` },
  { name: 'security.protocol unknown', text: `${on}security.protocol=TLS\n` },
  { name: 'security.protocol of a cluster unknown', text: `${on}a.security.protocol=TLS\n` },
  { name: 'security.protocol of the target unknown', text: `${on}b.security.protocol=TLS\n` },
  { name: 'security.protocol with blanks', text: `${on}security.protocol=  SSL \n` },
  {
    name: 'a listed cluster without servers',
    text: 'clusters = a, b\na.bootstrap.servers = a:1\na->b.enabled = true\n',
  },
  { name: 'empty servers', text: `${on}b.bootstrap.servers =\n` },
  { name: 'servers with an empty item', text: `${on}b.bootstrap.servers = b:1,,b:2\n` },
  { name: 'the same server twice', text: `${on}b.bootstrap.servers = b:1, b:1\n` },
  { name: 'a number out of range', text: `${on}sasl.login.refresh.buffer.seconds = 4000\n` },
  { name: 'a factor out of range', text: `${on}sasl.login.refresh.window.factor = 0.4\n` },
  {
    name: 'a factor in scientific notation',
    text: `${on}sasl.login.refresh.window.factor = 8e-1\nsasl.login.refresh.window.jitter = .1f\nsasl.kerberos.ticket.renew.jitter = 0x1p-3\n`,
  },
  {
    name: 'a number with a plus',
    text: `${on}sasl.login.retry.backoff.ms = +100\nsasl.login.connect.timeout.ms = -1\n`,
  },
  { name: 'a number with a unit', text: `${on}sasl.login.retry.backoff.ms = 100ms\n` },
  { name: 'a number too large for its kind', text: `${on}rest.advertised.port = 2147483648\n` },
  { name: 'oauth without its choice', text: `${on}sasl.oauthbearer.assertion.algorithm = rs256\n` },
  { name: 'oauth with a wrong choice', text: `${on}sasl.oauthbearer.assertion.algorithm = HS256\n` },
  { name: 'internal rest', text: `${on}dedicated.mode.enable.internal.rest = true\nlisteners = http://localhost:0\n` },
  { name: 'internal rest neither true nor false', text: `${on}dedicated.mode.enable.internal.rest = on\n` },
  { name: 'listeners that are none', text: `${on}listeners = localhost\n` },
  { name: 'listeners empty', text: `${on}listeners =\n` },
  { name: 'response headers', text: `${on}response.http.headers.config = add X: y, set Cache-Control: no-cache\n` },
  { name: 'response headers that are none', text: `${on}response.http.headers.config = nonsense\n` },
  { name: 'client authentication in capitals', text: `${on}ssl.client.auth = REQUIRED\n` },
  { name: 'enabled TLS versions twice', text: `${on}ssl.enabled.protocols = TLSv1.2, TLSv1.2\n` },

  // the connectors' own keys
  {
    name: 'connector keys without prefix and under the flow',
    text: `${on}topics=x\na->b.topics=y\nb->a.topics=z\ngroups=g\ntasks.max=4\noffset.lag.max=7\n`,
  },
  {
    name: 'keys that are valid only under the flow',
    text: `${on}use.defaults.from=source\na->b.use.defaults.from=source\ntopic.creation.groups=x\nproducer.override.acks=1\ntransforms.t.type=T\n`,
  },
  { name: 'a list with an empty item', text: `${on}topics = a,,b\n` },
  { name: 'a list with an item twice', text: `${on}topics = a, b, a\n` },
  { name: 'an empty list', text: `${on}topics =\n` },
  { name: 'groups with an empty item', text: `${on}groups = a,\n` },
  { name: 'excluded properties with an item twice', text: `${on}config.properties.exclude = a, a\n` },
  { name: 'no tasks', text: `${on}tasks.max = 0\n` },
  { name: 'tasks with a blank behind', text: `${on}tasks.max = 3 \n` },
  { name: 'tasks that are no number', text: `${on}tasks.max = three\n` },
  { name: 'an interval that is no number', text: `${on}refresh.topics.interval.seconds = 5s\n` },
  { name: 'a replication factor beyond a short', text: `${on}offset-syncs.topic.replication.factor = 40000\n` },
  { name: 'a location in capitals', text: `${on}offset-syncs.topic.location = TARGET\n` },
  { name: 'a location with blanks', text: `${on}offset-syncs.topic.location =  target \n` },
  { name: 'offset syncs off', text: `${on}emit.offset-syncs.enabled = false\n` },
  {
    name: 'offset syncs disabled, but their topic configured',
    text: `${on}emit.offset-syncs.enabled = false\noffset-syncs.topic.replication.factor = 1\n`,
  },
  {
    name: 'offset syncs disabled in capitals, but their topic configured',
    text: `${on}emit.offset-syncs.enabled = False\noffset-syncs.topic.replication.factor = 1\n`,
  },
  { name: 'checkpoints off', text: `${on}emit.checkpoints.enabled = false\n` },
  { name: 'checkpoints off with a blank behind', text: `${on}emit.checkpoints.enabled = false \n` },
  {
    name: 'exactly once required',
    text: `${on}a->b.exactly.once.support = required\na.consumer.isolation.level = read_committed\n`,
  },
  { name: 'exactly once required, reading uncommitted', text: `${on}a->b.exactly.once.support = required\n` },
  { name: 'exactly once bare', text: `${on}exactly.once.support = required\n` },
  { name: 'the source alias set bare', text: `${on}source.cluster.alias = other\n` },
  {
    name: 'name and class set',
    text: `${on}name = mine\na->b.connector.class = org.apache.kafka.connect.mirror.MirrorSourceConnector\n`,
  },
  { name: 'error tolerance', text: `${on}errors.tolerance = all\nerrors.log.enable = true\n` },
  { name: 'error tolerance that is none', text: `${on}errors.tolerance = ALL\n` },
  { name: 'reload action that is none', text: `${on}config.action.reload = later\n` },
  {
    name: 'the replication policy and one of its keys',
    text: `${on}replication.policy.class = org.apache.kafka.connect.mirror.IdentityReplicationPolicy\nreplication.policy.separator = _ \nreplication.policy.custom = x\nreplication.policyx = y\n`,
  },
  {
    name: 'converters and their settings',
    text: `${on}key.converter = org.apache.kafka.connect.json.JsonConverter\nkey.converter.schemas.enable = false\nvalue.converter = org.apache.kafka.connect.converters.ByteArrayConverter\n`,
  },
  {
    name: 'deprecated names of list keys',
    text: `${on}topics.blacklist = x\na->b.groups.blacklist = y\nconfig.properties.blacklist = z\n`,
  },
  { name: 'transforms without a type', text: `${on}transforms = t\n` },
  { name: 'typing errors', text: `${on}topcis = x\na->b.topcs = y\na.bootstrap.server = z\nc->d.enabled = true\n` },

  // the worker
  {
    name: 'worker keys in all places',
    text: `${on}offset.flush.interval.ms = 1\nb.offset.flush.interval.ms = 2\na->b.offset.flush.interval.ms = 3\noffset.storage.replication.factor = 1\nb.offset.storage.replication.factor = 2\nb.offset.storage.partitions = 5\nb.group.id = g\ntaskx = 1\nworker.sync.timeout.ms = 9\n`,
  },
  { name: 'a worker key that is no number', text: `${on}b.offset.flush.interval.ms = soon\n` },
  {
    name: 'a worker key of the source that is not a number',
    text: `${two}a->b.enabled = true\nemit.heartbeats.enabled = false\na.offset.flush.interval.ms = soon\n`,
  },
  { name: 'a storage replication factor of zero', text: `${on}b.offset.storage.replication.factor = 0\n` },
  {
    name: 'a storage replication factor of minus one',
    text: `${on}b.offset.storage.replication.factor = -1\nstatus.storage.partitions = -1\n`,
  },
  { name: 'no storage partitions', text: `${on}b.offset.storage.partitions = 0\n` },
  { name: 'exactly once of the worker', text: `${on}b.exactly.once.source.support = Enabled\n` },
  { name: 'exactly once of the worker misspelt', text: `${on}b.exactly.once.source.support = true\n` },
  {
    name: 'topic settings of the storage',
    text: `${on}offset.storage.segment.bytes = 1000000\nb.config.storage.cleanup.policy = delete\n`,
  },

  { name: 'plugin discovery that is none', text: `${on}plugin.discovery = quick\n` },
  { name: 'plugin discovery in capitals', text: `${on}plugin.discovery = ONLY_SCAN\n` },

  // the properties syntax around prefixes
  { name: 'escaped colons and blanks in keys', text: `${on}a\\:b = 1\nto\\ pics = 2\ntopics\\u002eexclude = 3\n` },
  { name: 'keys with other delimiters', text: `${on}topics: x\ngroups g.*\ntasks.max\t7\n` },
  { name: 'values with delimiters', text: `${on}topics = = x\ngroups = : g\n` },
  { name: 'a value that ends with blanks', text: `${on}topics = x.*   \n` },
  { name: 'a comment behind a value', text: `${on}topics = foo.*  # all of foo\n` },
  { name: 'backslashes of patterns', text: `${on}topics.exclude = .*[\\-\\.]internal, foo\\\\.bar\n` },
  { name: 'lone carriage returns', text: on.replaceAll('\n', '\r') },
  { name: 'carriage returns and line feeds', text: on.replaceAll('\n', '\r\n') },
  { name: 'a byte order mark', text: `\u00ef\u00bb\u00bf${on}` },
  { name: 'a byte order mark in front of a comment', text: `\u00ef\u00bb\u00bf# comment\n${on}` },
  { name: 'a malformed escape', text: `${on}topics = \\u12\n` },
  { name: 'a malformed escape in a comment', text: `${on}# C:\\users\n` },
  { name: 'a backslash at the end', text: `${on}topics = x\\` },
  { name: 'no line feed at the end', text: `${on}topics = x` },
  { name: 'an empty file', text: '' },
  { name: 'no-break spaces', text: `${on}topics =\u00a0x\u00a0\n` },
]
