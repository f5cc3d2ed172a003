// The fields of a KafkaMirrorMaker2: the old layout of Strimzi 0.51 including v1alpha1, the new one of Strimzi 1.2.
import type { ObjectShape, Shape } from './shape.ts'

const text: Shape = { kind: 'text' }
const flag: Shape = { kind: 'flag' }
const config: Shape = { kind: 'config' }
const free: Shape = { kind: 'free' }
const from = (min: number): Shape => ({ kind: 'whole', min })
const listOf = (items: Shape): Shape => ({ kind: 'list', items })
const object = (fields: Readonly<Record<string, Shape>>, ...required: string[]): ObjectShape => ({
  kind: 'object',
  fields,
  required,
})

/** The same shape for several names, separated by blanks. */
const each = (names: string, shape: Shape): Readonly<Record<string, Shape>> =>
  Object.fromEntries(names.split(' ').map((name) => [name, shape]))

const alias: Shape = {
  kind: 'text',
  pattern: /^[a-zA-Z0-9._-]{1,100}$/,
  words: '1 to 100 letters, digits, dots, underscores and hyphens',
}

const trustedCertificates = listOf(object({ secretName: text, certificate: text, pattern: text }, 'secretName'))
const keyInSecret = object({ secretName: text, key: text }, 'secretName', 'key')
const passwordSecret = object({ secretName: text, password: text }, 'secretName', 'password')

const plainAuthentication = {
  type: { kind: 'text', choices: ['tls', 'scram-sha-256', 'scram-sha-512', 'plain', 'oauth', 'custom'] },
  certificateAndKey: object({ secretName: text, certificate: text, key: text }, 'secretName', 'certificate', 'key'),
  username: text,
  passwordSecret,
  sasl: flag,
  config,
} as const satisfies Record<string, Shape>

const oauthFields: Readonly<Record<string, Shape>> = {
  ...each('tokenEndpointUri clientId grantType scope audience accessTokenLocation', text),
  ...each('clientAssertionLocation clientAssertionType', text),
  ...each('clientSecret accessToken refreshToken clientAssertion', keyInSecret),
  ...each('accessTokenIsJwt disableTlsHostnameVerification includeAcceptHeader enableMetrics', flag),
  ...each('maxTokenExpirySeconds connectTimeoutSeconds readTimeoutSeconds httpRetries httpRetryPauseMs', from(0)),
  saslExtensions: config,
  tlsTrustedCertificates: trustedCertificates,
}

const authentication = object({ ...plainAuthentication, ...oauthFields }, 'type')

const clusterFields = {
  alias,
  bootstrapServers: text,
  tls: object({ trustedCertificates }),
  authentication,
  config,
} as const satisfies Record<string, Shape>

const connectorFields = {
  tasksMax: from(1),
  version: text,
  config,
  state: { kind: 'text', choices: ['running', 'paused', 'stopped'] },
  autoRestart: object({ enabled: flag, maxRestarts: from(0) }),
  listOffsets: free,
  alterOffsets: free,
} as const satisfies Record<string, Shape>

const patterns = {
  topicsPattern: text,
  topicsExcludePattern: text,
  groupsPattern: text,
  groupsExcludePattern: text,
} as const satisfies Record<string, Shape>

/** Fields of both layouts that do not concern copying; see `instead` in advice.ts. */
const workerFields: Readonly<Record<string, Shape>> = {
  version: text,
  replicas: from(0),
  rack: object({ topologyKey: text, type: text, envVarName: text }),
  ...each('image resources livenessProbe readinessProbe jvmOptions jmxOptions logging clientRackInitImage', free),
  ...each('metricsConfig metrics tracing template affinity tolerations', free),
}

/** Each mirror is checked separately, because a resource may contain both kinds. */
const mirrors = listOf({ kind: 'map' })

const oldConnector = object({ ...connectorFields, pause: flag })
export const oldShape: ObjectShape = object(
  {
    ...workerFields,
    connectCluster: alias,
    clusters: listOf(object(clusterFields, 'alias', 'bootstrapServers')),
    mirrors,
    externalConfiguration: object({ env: listOf(free), volumes: listOf(free) }),
  },
  'connectCluster',
  'clusters',
  'mirrors',
)

const newConnector: ObjectShape = {
  ...object(connectorFields),
  former: { pause: 'write state: paused' },
}
const inTheSource = 'write the whole cluster into source: of the mirror'
const isTheTarget = 'remove it: the target is that of spec.target'

/** Everything except the mirrors, with the new layout of the target. @param isMixed some mirrors name clusters of `clusters` */
export const newShape = (isMixed: boolean): ObjectShape => ({
  ...object(
    {
      ...workerFields,
      target: object(
        {
          ...clusterFields,
          groupId: text,
          configStorageTopic: text,
          statusStorageTopic: text,
          offsetStorageTopic: text,
        },
        ...['alias', 'bootstrapServers', 'groupId', 'configStorageTopic', 'statusStorageTopic', 'offsetStorageTopic'],
      ),
      mirrors,
      ...(isMixed && { clusters: listOf(object(clusterFields, 'alias', 'bootstrapServers')) }),
    },
    'target',
    'mirrors',
  ),
  former: {
    connectCluster: isTheTarget,
    ...(!isMixed && { clusters: inTheSource }),
    externalConfiguration: 'remove it: Strimzi 1.0 knows it no more',
  },
})

const oldMirror = {
  ...patterns,
  sourceCluster: text,
  targetCluster: text,
  sourceConnector: oldConnector,
  checkpointConnector: oldConnector,
  heartbeatConnector: oldConnector,
  topicsBlacklistPattern: text,
  groupsBlacklistPattern: text,
} as const satisfies Record<string, Shape>

const newMirror: ObjectShape = {
  ...object(
    {
      ...patterns,
      source: object(clusterFields, 'alias', 'bootstrapServers'),
      sourceConnector: newConnector,
      checkpointConnector: newConnector,
    },
    'source',
  ),
  former: {
    sourceCluster: 'remove it: source is what counts',
    targetCluster: isTheTarget,
    heartbeatConnector: 'remove it: Strimzi 1.0 makes no heartbeat connector any more',
    topicsBlacklistPattern: 'write topicsExcludePattern',
    groupsBlacklistPattern: 'write groupsExcludePattern',
  },
}

/** One mirror by its own layout; with `spec.target` it need not name the target. */
export function mirrorShape(mirror: 'old' | 'new', whole: 'old' | 'new'): ObjectShape {
  if (mirror === 'new') return newMirror
  return object(oldMirror, 'sourceCluster', ...(whole === 'old' ? ['targetCluster'] : []))
}
