// Checks maps of entries against Kafka's definitions: which errors end MM2, and which disable one connector of a flow.
import type { ConnectorName } from '../../model/flow-status.ts'
import { connectorDefinitions, flowOnlyDefinition, topDefinition, workerDefinition } from '../definitions.ts'
import { javaTrim, parseSetting } from '../parse.ts'
import type { Problems, Stops } from '../problems.ts'
import { type Entries, type Entry, flowName, type Pair } from '../resolve.ts'
import type { Definition } from '../setting.ts'

/** How problems are reported, and what they stop. */
interface Reporting {
  readonly stops: Stops
  readonly severity: 'error' | 'warning'
  readonly flow?: string
  readonly connector?: string
  readonly duplicates: 'dropped' | 'refused'
  /** the name to show for a missing required key */
  readonly missing: (key: string) => string
}

/** Reports every invalid value, and every missing required key. @returns whether all are valid */
function validate(entries: Entries, definition: Definition, problems: Problems, reporting: Reporting): boolean {
  const { severity, duplicates, missing, ...details } = reporting
  let isValid = true
  for (const [key, setting] of definition) {
    const entry = entries.get(key)
    if (entry === undefined) {
      if (!setting.required) continue
      isValid = false
      problems.add(severity, 'is missing', missingRemedy(missing(key), entries), { key: missing(key), ...details })
      continue
    }
    const parsed = parseSetting(setting, entry.text, duplicates)
    if (parsed.ok) continue
    isValid = false
    problems.about(severity, entry, parsed.reason, parsed.remedy, details)
  }
  return isValid
}

/** The line to write, with the aliases in the file; unknown values are in capitals. */
function missingRemedy(key: string, entries: Entries): string {
  if (key.endsWith('bootstrap.servers')) return `write ${key} = HOST:PORT`
  if (key !== 'clusters') return `write ${key} = VALUE`
  const aliases = [...entries.keys()].flatMap((one) => {
    const flow = /^([^.>]+)->([^.>]+)\./.exec(one)
    return flow ? [flow[1] ?? '', flow[2] ?? ''] : (/^(.+)\.bootstrap\.servers$/.exec(one)?.[1] ?? [])
  })
  const known = [...new Set(aliases)]
  return `write clusters = ${known.length > 0 ? known.join(', ') : 'SOURCE, TARGET; then SOURCE.bootstrap.servers, TARGET.bootstrap.servers and SOURCE->TARGET.enabled'}`
}

/** What MM2 reads first: its own definition, and how to search for plugins. */
const readAtFirst: Definition = new Map(
  [...topDefinition, ...workerDefinition].filter(([key]) => topDefinition.has(key) || key === 'plugin.discovery'),
)

/** The file in MM2's first reading. Any error ends MM2. */
export function validateTop(entries: Entries, problems: Problems): boolean {
  return validate(entries, readAtFirst, problems, {
    stops: 'process',
    severity: 'error',
    duplicates: 'dropped',
    missing: (key) => key,
  })
}

/** The worker of a pair. Any error ends MM2, whatever the other flows. */
export function validateWorker(entries: Entries, pair: Pair, problems: Problems): boolean {
  return validate(entries, workerDefinition, problems, {
    stops: 'process',
    severity: 'error',
    duplicates: 'dropped',
    missing: (key) => `${pair.target}.${key}`,
  })
}

/** A pair with its worker, with references resolved. */
interface ValidatedPair extends Pair {
  readonly worker: Entries
}

/**
 * Validates one connector of a pair as the herder does: MM2 continues without a connector that fails. That is an error if it
 * prevents an enabled flow from copying, else a warning.
 */
export function validateConnector(
  entries: Entries,
  pair: ValidatedPair,
  connector: ConnectorName,
  problems: Problems,
): boolean {
  const severity = connector === 'MirrorSourceConnector' && mayCopy(entries) ? 'error' : 'warning'
  const details = { stops: 'connector', flow: flowName(pair), connector } as const
  const definition = new Map([...connectorDefinitions[connector], ...flowOnlyDefinition])
  const isValid = validate(entries, definition, problems, {
    ...details,
    severity,
    duplicates: 'refused',
    missing: (key) => key,
  })
  const report: Report = (key, reason, remedy) => {
    const entry = entries.get(key)
    if (entry) problems.about(severity, entry, reason, remedy, details)
    return false
  }
  const isExact = exactlyOnceCheck(entries, pair, connector, report)
  return crossChecks(entries, connector, report) && isExact && isValid
}

/** A connector that does not copy records: the keys that disable it, and its name in messages. */
const jobs: Readonly<Partial<Record<ConnectorName, { readonly keys: readonly string[]; readonly words: string }>>> = {
  MirrorCheckpointConnector: {
    keys: ['emit.checkpoints.enabled', 'sync.group.offsets.enabled'],
    words: 'no checkpoints are written and no groups are synced',
  },
  MirrorHeartbeatConnector: { keys: ['emit.heartbeats.enabled'], words: 'no heartbeats are emitted' },
}

/**
 * Disables a connector with an invalid value: MM2 would not create it, and a default instead of that value (`groups = a,,b` read
 * as all groups) would not be what the file requests. A warning if the flow copies.
 */
export function switchedOff(
  entries: Entries,
  pair: Pair,
  connector: ConnectorName,
  problems: Problems,
): [string, Entry][] {
  const job = jobs[connector]
  const bad = [...connectorDefinitions[connector].values()].find((setting) => {
    const entry = entries.get(setting.name)
    return entry !== undefined && !parseSetting(setting, entry.text, 'refused').ok
  })
  const invalid = bad && entries.get(bad.name)
  if (job === undefined || invalid === undefined) return []
  if (mayCopy(entries) && !problems.stopped.has(flowName(pair))) {
    const reason = `${invalid.key} cannot be read, so MM2 makes no ${connector}: ${job.words}`
    problems.add('warning', reason, `correct line ${invalid.line}`, { flow: flowName(pair) })
  }
  return job.keys.map((key) => [key, { ...invalid, text: 'false', written: 'false' }])
}

type Report = (key: string, reason: string, remedy: string) => false

/** `required` must be possible: only for the source connector, on a worker that supports it, with read_committed. */
function exactlyOnceCheck(
  entries: Entries,
  { worker, ...pair }: ValidatedPair,
  connector: ConnectorName,
  report: Report,
): boolean {
  const key = 'exactly.once.support'
  const written = entries.get(key)?.text
  if (javaTrim(written ?? '').toLowerCase() !== 'required') return true
  if (connector !== 'MirrorSourceConnector')
    return report(key, `is required, which ${connector} cannot be`, 'write requested')
  const isOn = javaTrim(worker.get('exactly.once.source.support')?.text ?? '').toLowerCase() === 'enabled'
  if (!isOn)
    return report(
      key,
      'is required, but the worker does not support it',
      `write ${pair.target}.exactly.once.source.support = enabled`,
    )
  const level = entries.get('source.consumer.isolation.level') ?? entries.get('consumer.isolation.level')
  if (level?.text === 'read_committed') return true
  return report(
    key,
    'is required, but the source is not read committed',
    `write ${flowName(pair)}.source.consumer.isolation.level = read_committed`,
  )
}

/** Whether the flow is enabled, or might be if its value were valid. */
export const mayCopy = (entries: Entries) => javaTrim(entries.get('enabled')?.text ?? '').toLowerCase() !== 'false'

/** Rules for several keys, which compare untrimmed text: `False` and `false ` are not false here. */
function crossChecks(entries: Entries, connector: ConnectorName, report: Report): boolean {
  const textOf = (key: string) => entries.get(key)?.text
  const isOff = (key: string) => textOf(key) === 'false'
  if (connector === 'MirrorSourceConnector' && isOff('emit.offset-syncs.enabled')) {
    const key = [...entries.keys()].find((name) => name.startsWith('offset-syncs'))
    if (key !== undefined)
      return report(
        key,
        `is given while ${entries.get('emit.offset-syncs.enabled')?.key} is false`,
        'remove the line, or the one that switches offset syncs off',
      )
  }
  if (connector !== 'MirrorCheckpointConnector' || isOff('enabled')) return true
  if (isOff('emit.checkpoints.enabled'))
    return report(
      'emit.checkpoints.enabled',
      'is false, so that consumer groups are not translated',
      `write ${entries.get('emit.checkpoints.enabled')?.key} = true; leave it so only where groups do not matter`,
    )
  if (!isOff('emit.offset-syncs.enabled')) return true
  return report(
    'emit.offset-syncs.enabled',
    'is false: MM2 then translates no consumer groups, godwit does so without offset syncs',
    `write ${entries.get('emit.offset-syncs.enabled')?.key} = true; leave it so where MirrorMaker 2 is not to run on the file again`,
  )
}
