// Requests to Connect's REST in order, and their answers in a comparable form.
import { readFileSync } from 'node:fs'
import { eventually } from '../../../harness/eventually.ts'

export interface Exchange {
  /** `GET /connectors`; a body follows after another blank */
  readonly ask: string
  /** wait for this state of a connector and its tasks before the request */
  readonly once?: 'RUNNING' | 'PAUSED' | 'STOPPED'
  /** the connector to wait for; default: the source connector */
  readonly of?: string
}

export interface Answered {
  readonly ask: string
  readonly status: number
  readonly body: unknown
}

const source = '/connectors/MirrorSourceConnector'
const running = 'RUNNING' as const

const [place, next] = ['"cluster":"A","partition":0,"topic":"orders"', '{"offset":41}']
const alter = (partition: string, offset: string) =>
  `PATCH ${source}/offsets {"offsets":[{"partition":${partition},"offset":${offset}}]}`

/** KIP-875: invalid bodies, partitions and offsets that MirrorSourceConnector refuses, and valid ones. */
const alterations: readonly Exchange[] = [
  ...['', ' {}', ' {"offsets":null}', ' {"offsets":[]}', ' []', ' nonsense', ' {"places":[]}', ' null'].map((body) => ({
    ask: `PATCH ${source}/offsets${body}`,
  })),
  { ask: `PATCH ${source}/offsets {"offsets":[{}]}` },
  ...[
    'null',
    '{}',
    '{"partition":0,"topic":"orders"}',
    '{"cluster":"A","topic":"orders"}',
    '{"cluster":"A","partition":0}',
  ].map((partition) => ({ ask: alter(partition, next) })),
  ...['{"cluster":1,"partition":0,"topic":"orders"}', '{"cluster":"A","partition":0,"topic":null}'].map(
    (partition) => ({
      ask: alter(partition, next),
    }),
  ),
  ...['"0"', '-1', '1.5', 'null', '3000000000', 'true'].map((number) => ({
    ask: alter(`{"cluster":"A","partition":${number},"topic":"orders"}`, next),
  })),
  ...['{}', '{"offset":-1}', '{"offset":"5"}', '{"offset":1.5}', '{"offset":null}', '5', '{"other":5}'].map(
    (offset) => ({
      ask: alter(`{${place}}`, offset),
    }),
  ),
  { ask: alter('{"nothing":"of MM2"}', 'null') },
]

/** The answers of MM2's other two connectors to such requests. */
const ofOthers: readonly Exchange[] = (
  [
    ['MirrorCheckpointConnector', '{"group":"g","partition":0,"topic":"A.orders"}', '{"group":"g","partition":0}'],
    ['MirrorHeartbeatConnector', '{"sourceClusterAlias":"A","targetClusterAlias":"B"}', '{"sourceClusterAlias":"A"}'],
  ] as const
).flatMap(([name, whole, lacking]) => {
  const altering = (partition: string, offset: string) =>
    `PATCH /connectors/${name}/offsets {"offsets":[{"partition":${partition},"offset":${offset}}]}`
  return [
    { ask: altering(whole, '{"offset":0}') },
    { ask: `PUT /connectors/${name}/stop` },
    { ask: altering(whole, '{"offset":7}'), once: 'STOPPED' as const, of: name },
    { ask: altering(lacking, '{"offset":0}') },
    { ask: altering(whole, '{"offset":0}') },
    { ask: altering(whole, 'null') },
    { ask: `DELETE /connectors/${name}/offsets` },
  ]
})

export const exchanges: readonly Exchange[] = [
  { ask: 'GET /', once: running },
  { ask: 'GET /connectors' },
  { ask: 'GET /connectors/' },
  { ask: 'GET /connectors?expand=status' },
  { ask: 'GET /connectors?expand=info' },
  { ask: 'GET /connectors?expand=status&expand=info' },
  { ask: 'GET /connectors?expand=nonsense' },
  { ask: `GET ${source}` },
  { ask: `GET ${source}/config` },
  { ask: `GET ${source}/status` },
  { ask: `GET ${source}/tasks` },
  { ask: `GET ${source}/tasks/0/status` },
  { ask: `GET ${source}/tasks/7/status` },
  { ask: `GET ${source}/tasks/x/status` },
  { ask: `GET ${source}/offsets` },
  { ask: `GET ${source}/topics` },
  { ask: 'GET /connectors/MirrorHeartbeatConnector/tasks' },
  { ask: 'GET /connectors/MirrorCheckpointConnector/status' },
  { ask: 'GET /connectors/MirrorCheckpointConnector/tasks' },
  { ask: 'GET /connectors/MirrorCheckpointConnector/offsets' },
  ...['', '/config', '/status', '/tasks', '/tasks/0/status', '/offsets'].map((rest) => ({
    ask: `GET /connectors/nobody${rest}`,
  })),
  ...['pause', 'resume', 'stop'].map((verb) => ({ ask: `PUT /connectors/nobody/${verb}` })),
  { ask: 'POST /connectors/nobody/restart' },
  { ask: 'POST /connectors/nobody/restart?includeTasks=true' },
  { ask: 'POST /connectors/nobody/tasks/0/restart' },
  { ask: `GET ${source}/nowhere` },
  { ask: `POST ${source}/status` },
  { ask: `DELETE ${source}/status` },
  { ask: `GET ${source}/pause` },
  { ask: 'PATCH /connectors' },
  { ask: `PUT ${source}/pause` },
  { ask: `GET ${source}/status`, once: 'PAUSED' },
  { ask: `GET ${source}/tasks/0/status` },
  { ask: `PUT ${source}/pause` },
  { ask: `PUT ${source}/resume` },
  { ask: `GET ${source}/status`, once: running },
  { ask: `POST ${source}/restart` },
  { ask: `POST ${source}/restart?includeTasks=true&onlyFailed=false`, once: running },
  { ask: `POST ${source}/restart?includeTasks=true&onlyFailed=true`, once: running },
  { ask: `POST ${source}/restart?onlyFailed=true`, once: running },
  { ask: `POST ${source}/restart?includeTasks=perhaps`, once: running },
  { ask: `POST ${source}/tasks/7/restart`, once: running },
  { ask: `POST ${source}/tasks/0/restart` },
  { ask: `PUT ${source}/stop`, once: running },
  { ask: `GET ${source}/status`, once: 'STOPPED' },
  { ask: `GET ${source}` },
  { ask: `GET ${source}/tasks` },
  { ask: `PUT ${source}/resume` },
  { ask: `GET ${source}/status`, once: running },
  { ask: 'PATCH /connectors/nobody/offsets {"offsets":[{"partition":{},"offset":null}]}' },
  { ask: 'DELETE /connectors/nobody/offsets' },
  { ask: alter(`{${place}}`, next) },
  { ask: `DELETE ${source}/offsets` },
  { ask: `PUT ${source}/stop`, once: running },
  { ask: `GET ${source}/status`, once: 'STOPPED' },
  ...alterations,
  { ask: `GET ${source}/offsets` },
  { ask: alter(`{${place}}`, next) },
  { ask: `GET ${source}/offsets` },
  { ask: alter(`{${place}}`, 'null') },
  { ask: `GET ${source}/offsets` },
  { ask: `DELETE ${source}/offsets` },
  { ask: `GET ${source}/offsets` },
  { ask: `DELETE ${source}/offsets` },
  ...ofOthers,
]

/** The recorded answers of Connect. */
export function golden(): readonly Answered[] {
  const answers = JSON.parse(readFileSync(new URL('connect-4.3.1.json', import.meta.url), 'utf8')) as Answered[]
  return answers.map((one) => ({ ...one, body: withoutStates(one.ask, one.body) }))
}

/** Sends every request in order. `answer` returns status and body text. */
export async function askAll(
  answer: (method: string, path: string, body?: string) => Promise<{ status: number; text: string }>,
): Promise<Answered[]> {
  const answered: Answered[] = []
  for (const { ask, once, of = 'MirrorSourceConnector' } of exchanges) {
    const [, method = '', path = '', body] = /^(\S+) (\S+)(?: (.*))?$/.exec(ask) ?? []
    const stateOf = async () => JSON.parse((await answer('GET', `/connectors/${of}/status`)).text) as unknown
    if (once)
      await eventually(
        stateOf,
        (body) => isIn(once, body),
        60_000,
        () => `before ${ask}`,
      )
    const { status, text } = await answer(method, path, body)
    answered.push({ ask, status, body: text === '' ? null : withoutStates(ask, normalized(jsonOrText(text))) })
  }
  return answered
}

/** The message for an unreadable body comes from the JSON library and is not compared; messages of MM2 start with Source. */
function withoutParser(body: unknown): unknown {
  const { error_code: code, message = '' } = body as { error_code?: number; message?: string }
  return code === 500 && !message.startsWith('Source ') ? { error_code: code, message: 'why it cannot be read' } : body
}

/** A worker may read its own tombstone shortly before it forgets the partition. */
function withoutTombstones(body: unknown): unknown {
  const { offsets, ...rest } = body as { offsets?: readonly { offset: unknown }[] }
  return offsets ? { ...rest, offsets: offsets.filter(({ offset }) => offset !== null) } : body
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The answer to a restart depends on the progress of the previous one, so that states are not compared. */
function withoutStates(ask: string, body: unknown): unknown {
  if (/^PATCH .*\/offsets/.test(ask)) return withoutParser(body)
  if (/^GET .*\/offsets$/.test(ask)) return withoutTombstones(body)
  if (!/^POST .*\/restart/.test(ask)) return body
  return JSON.parse(JSON.stringify(body), (key, value: unknown) => (key === 'state' ? 'a state' : value)) as unknown
}

function isIn(state: string, body: unknown): boolean {
  const { connector, tasks } = body as { connector: { state: string }; tasks: readonly { state: string }[] }
  const isDone = state === 'STOPPED' ? tasks.length === 0 : tasks.length === 1 && tasks[0]?.state === state
  return connector.state === state && isDone
}

const words: Readonly<Record<string, string>> = { version: 'a version', worker_id: 'a worker', commit: 'a commit' }
const kept = new Set(['name', 'connector.class', 'task.class', 'task.index', 'task.assigned.partitions'])

/** A body with values that differ between runs replaced by words; lists without a defined order are sorted. */
export function normalized(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(normalized).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof body !== 'object' || body === null) return body
  const isConfig = 'connector.class' in body
  const entries = Object.entries(body)
    .filter(([key]) => !isConfig || kept.has(key))
    .map(([key, value]) => [key, key === 'kafka_cluster_id' ? 'a cluster' : (words[key] ?? normalized(value))])
  return Object.fromEntries(entries.sort(([a], [b]) => ((a ?? '') < (b ?? '') ? -1 : 1)))
}
