// Checks maps of entries against Kafka's definitions: what ends MM2, and what costs it one connector of a flow.
import { parseSetting } from './define.ts'
import type { Problems, Stops } from './problems.ts'
import { type ConnectorName, type Entries, flowName, type Pair } from './resolve.ts'
import { connectorDefinitions, type Definition, topDefinition, workerDefinition } from './settings/known.ts'

interface Blame {
  readonly stops: Stops
  readonly severity: 'error' | 'warning'
  readonly flow?: string
  readonly connector?: string
  readonly duplicates: 'dropped' | 'refused'
  /** the name to show for a required key that is missing */
  readonly missing: (key: string) => string
}

/** Complains about every value that does not parse, and every required key that is missing. Gives whether all is well. */
function validate(entries: Entries, definition: Definition, problems: Problems, blame: Blame): boolean {
  const { severity, duplicates, missing, ...details } = blame
  let isValid = true
  for (const [key, setting] of definition) {
    const entry = entries.get(key)
    if (entry === undefined) {
      if (!setting.required) continue
      isValid = false
      problems.add(severity, 'is missing', 'add it', { key: missing(key), ...details })
      continue
    }
    const parsed = parseSetting(setting, entry.text, duplicates)
    if (parsed.ok) continue
    isValid = false
    problems.about(severity, entry, parsed.reason, parsed.remedy, details)
  }
  return isValid
}

/** The file as MM2 reads it at first; anything wrong here ends it. */
export function validateTop(entries: Entries, problems: Problems): boolean {
  return validate(entries, topDefinition, problems, {
    stops: 'process',
    severity: 'error',
    duplicates: 'dropped',
    missing: (key) => key,
  })
}

/** The worker of a pair; anything wrong here ends MM2, whatever the other flows are like. */
export function validateWorker(entries: Entries, pair: Pair, problems: Problems): boolean {
  return validate(entries, workerDefinition, problems, {
    stops: 'process',
    severity: 'error',
    duplicates: 'dropped',
    missing: (key) => `${pair.target}.${key}`,
  })
}

/**
 * One connector of a pair as the herder validates it: MM2 goes on without a connector that fails. That is an error where
 * it keeps an enabled flow from copying, else a warning.
 */
export function validateConnector(entries: Entries, pair: Pair, connector: ConnectorName, problems: Problems): boolean {
  const severity = connector === 'MirrorSourceConnector' ? 'error' : 'warning'
  const blame: Blame = {
    stops: 'connector',
    severity,
    flow: flowName(pair),
    connector,
    duplicates: 'refused',
    missing: (key) => key,
  }
  const isValid = validate(entries, connectorDefinitions[connector], problems, blame)
  const { duplicates: _d, missing: _m, severity: _s, ...details } = blame
  const complain: Complain = (key, reason, remedy) => {
    const entry = entries.get(key)
    if (entry) problems.about(severity, entry, reason, remedy, details)
    return false
  }
  return crossChecks(entries, connector, complain) && isValid
}

type Complain = (key: string, reason: string, remedy: string) => false

/** Rules over several keys, which compare raw text: `False` and `false ` are not false here. */
function crossChecks(entries: Entries, connector: ConnectorName, complain: Complain): boolean {
  const textOf = (key: string) => entries.get(key)?.text
  const isOff = (key: string) => textOf(key) === 'false'
  if (textOf('exactly.once.support') === 'required') {
    const isRead =
      (textOf('source.consumer.isolation.level') ?? textOf('consumer.isolation.level')) === 'read_committed'
    if (connector !== 'MirrorSourceConnector')
      return complain('exactly.once.support', `is required, which ${connector} cannot be`, 'write requested')
    if (!isRead)
      return complain(
        'exactly.once.support',
        'is required, but the source is not read with isolation.level = read_committed',
        'write read_committed for the source consumer',
      )
  }
  if (connector === 'MirrorSourceConnector' && isOff('emit.offset-syncs.enabled')) {
    const key = [...entries.keys()].find((name) => name.startsWith('offset-syncs'))
    if (key !== undefined)
      return complain(key, 'is given while emit.offset-syncs.enabled is false', 'remove one of them')
  }
  if (connector !== 'MirrorCheckpointConnector' || isOff('enabled')) return true
  const missing = ['emit.checkpoints.enabled', 'emit.offset-syncs.enabled'].find(isOff)
  return (
    missing === undefined ||
    complain(missing, 'is false, so that consumer groups are not translated', 'leave it true if groups matter')
  )
}
