// Features that the source has switched on and the target has not: clients miss them once they have moved.
import type { Feature } from '../../kafka/survey.ts'
import type { FlowFacts, Side } from '../facts/flow-facts.ts'
import type { Finding } from '../finding.ts'
import { advice, upgradeFeature } from '../remedies/commands.ts'

/** What clients can do with a feature, and which groups cannot be joined without it (as brokers name their type). */
interface Use {
  readonly gives: string
  readonly groupType?: string
  /** the Kafka whose brokers first have it */
  readonly since: string
}

const uses: Readonly<Record<string, Use>> = {
  'group.version': { gives: 'the consumer protocol (KIP-848)', groupType: 'consumer', since: '4.0' },
  'share.version': { gives: 'share groups (KIP-932)', groupType: 'share', since: '4.1' },
  'streams.version': { gives: 'Streams groups (KIP-1071)', groupType: 'streams', since: '4.1' },
  'transaction.version': { gives: 'transactions that are closed for stray writers (KIP-890)', since: '4.0' },
}

/** How many groups a finding names. */
const NAMED = 3

/** A warning where groups exist that need the feature, a note where none is known. */
export function features(facts: FlowFacts): Finding[] {
  const { source, target } = facts
  const [here, there] = [featuresOf(source), featuresOf(target)]
  if (!here || !there) return []
  return Object.entries(uses).flatMap(([name, use]) => {
    const wanted = here.get(name)?.level ?? 0
    const found = there.get(name) ?? { level: 0, atMost: 0 }
    return wanted > found.level ? [lacking(facts, { name, wanted, found, ...use })] : []
  })
}

/** Undefined where they are not known; brokers before 2.7 list no feature, and have none. */
function featuresOf({ inventory }: Side): ReadonlyMap<string, Feature> | undefined {
  return inventory?.unknown.some(({ what }) => what === 'features') ? undefined : inventory?.features
}

interface Lack extends Use {
  readonly name: string
  readonly wanted: number
  readonly found: Feature
}

function lacking({ groups, source, target }: FlowFacts, lack: Lack): Finding {
  const { name, wanted, found, gives, groupType, since } = lack
  const users = (groups?.selected ?? []).filter(({ type }) => type === groupType).map(({ group }) => group)
  const more = users.length > NAMED ? ` and ${users.length - NAMED} more` : ''
  const who = `${users.slice(0, NAMED).join(', ')}${more}`
  return {
    code: 'feature-missing',
    check: 'features',
    severity: users.length > 0 ? 'warning' : 'note',
    cluster: target.alias,
    what: `cluster ${source.alias} has ${name} at ${wanted}, cluster ${target.alias} at ${found.level}: without it, it lacks ${gives}`,
    why:
      users.length > 0
        ? `the clients of ${who} use it: they could not join their group there once they are moved`
        : 'clients that rely on it would miss it once they are moved; none is known to',
    remedies: [
      found.atMost >= wanted
        ? upgradeFeature(target, name, wanted)
        : advice(`upgrade cluster ${target.alias} to Kafka ${since} or newer`),
    ],
  }
}
