// The settings reference as Markdown, generated from the setting tables.
import { markdownTable } from '../base/markdown-table.ts'
import { formerKeys } from './review/former-keys.ts'
import { rangeText, type Setting } from './setting.ts'
import { checkpointSettings } from './settings/checkpoint.ts'
import { adminSettings, clientsSettings } from './settings/clients.ts'
import { clusterSettings } from './settings/cluster.ts'
import { connectorSettings } from './settings/connector.ts'
import { consumerSettings } from './settings/consumer.ts'
import { filterSettings, flowOnlySettings } from './settings/flow-only.ts'
import { godwitSettings, processSettings } from './settings/godwit.ts'
import { heartbeatSettings } from './settings/heartbeat.ts'
import { producerSettings } from './settings/producer.ts'
import { sourceSettings } from './settings/source.ts'
import { topSettings } from './settings/top.ts'
import { workerSettings } from './settings/worker.ts'

const introduction = `# Settings

Written from the tables in \`src/config/settings/\`. \`godwit config show FILE\` shows what a file comes to.

A configuration file is a MirrorMaker 2 \`mm2.properties\`, read as MirrorMaker 2 of Kafka 4.3 reads it: the syntax of
\`java.util.Properties\` (ISO-8859-1; \`#\` and \`!\` begin a comment only at the start of a line; a blank behind a value belongs
to it; a backslash in front of an ordinary letter is dropped, so those of patterns are doubled; of equal keys the last one
counts), its prefixes and its precedence.

## Where a key may stand

\`A\` and \`B\` are aliases of \`clusters\`, \`A->B\` is the flow that copies from A to B.

| written | reaches |
| --- | --- |
| \`A.<key>\` | the clients of cluster A; for the target of a flow also its worker |
| \`A.consumer.<key>\`, \`A.producer.<key>\`, \`A.admin.<key>\` | one kind of client of cluster A; beats \`A.<key>\` |
| \`A->B.<key>\` | the connectors of one flow; beats the bare key |
| \`A->B.source.consumer.<key>\`, \`A->B.target.admin.<key>\` ... | one client of one flow; beats the cluster's |
| \`A->B.consumer.<key>\` ... | both ends of one flow; the cluster's own beats it |
| \`A->B.producer.override.<key>\` | the producer that writes the records; beats \`B.producer.<key>\` |
| bare connection key | every cluster that does not have its own |
| bare connector key | every flow that does not have its own |
| bare \`offset.storage.*\`, \`config.storage.*\`, \`status.storage.*\` | every worker; beats \`B.<key>\` |

MirrorMaker 2 ignores what it does not know. godwit warns, names the nearest key it knows, and says where a key would have to
stand to mean something.

## References

- \`$NAME\` and \`\${NAME}\` are replaced by the environment variable of that name, as a shell does for the text of a here
  document, in values only. The text of the variable goes in as it is: its backslashes are not escapes, its \`$\` no
  variables. A name that the environment does not have stays as it is, with a warning if it is written in capitals; so do
  \`$_\`, everything inside \`\${provider:key}\`, and a sign written \`\\$\`. Variables come first, then everything below; a variable
  may therefore hold a reference to a provider.
- \`\${provider:key}\` and \`\${provider:path:key}\` are resolved by the config providers of \`config.providers\`, with the classes
  FileConfigProvider, DirectoryConfigProvider and EnvVarConfigProvider of Kafka and their parameters. As in MirrorMaker 2, a
  provider or key that does not exist leaves the text as it is, and a provider that stands behind a blank in the list does not
  resolve the keys that choose the flows.

\`config show\` prints references as they are written, and secrets as \`[secret]\`.

## Lists and patterns

Items of a list are separated by commas; an empty item, or one that is given twice in a connector's list, makes MirrorMaker 2
refuse it. Patterns are Java's (\`java.util.regex\`), translated, and match whole names; a pattern with a comma cannot stand in a
list. Back references, \`(?x)\`, \`(?U)\`, \`(?iu)\` and a few escapes are refused.

## What a file is refused for

A problem that would end MirrorMaker 2 (a value of the wrong type at the top or in a worker, a cluster without
\`bootstrap.servers\`, no flow at all) refuses the file, exit code 78. A problem that costs MirrorMaker 2 the source connector
of a flow, or what is not supported here, is an error of that flow: it is not run, the others are. \`run\` logs such errors at
its start, \`check\` counts them as findings, \`config show\` marks the flow. Where no flow is left that copies \`run\` does not
start, exit code 78, since a process that silently copies nothing is worse; \`run --until in-sync\` gives 78 whenever a flow was
left out. A refused checkpoint or heartbeat connector is a warning: as in MirrorMaker 2 its work is not done, the flow copies.

## Aliases

Topics on the target, offset syncs, checkpoints, heartbeats and the keys of stored offsets go by \`source.cluster.alias\` and
\`target.cluster.alias\`. MirrorMaker 2 inserts the aliases of the flow there; a file may override them: \`A->B.source.cluster.alias\`
for one flow, \`A.alias\` for the flows from and to A, bare for every flow. An empty alias with an empty
\`replication.policy.separator\` leaves topic names as they are. The flow itself, its Connect group and its offsets topic keep the
names of the pair.

## Versions

Keys, defaults and ranges are those of MirrorMaker 2 of Kafka 4.3. Against 4.2 two keys differ, as their rows say:
\`config.properties.exclude\` has another default, which leaves out the same configs, and \`metric.names.formats\` is new.

## The tables

The column *godwit* says: **acted on**; **not yet**: read and kept, without effect so far; **no effect**: has no meaning here;
**refused**: only the default is accepted, since anything else is Java code; the flow is then not run. Where MirrorMaker 2 would
act on a key without effect, *reported* says what it would do: a file that sets it is warned at the start of \`run\`, by \`check\`
and by \`config show\`. All other keys without effect that a file sets are named in one note, except those of\nConnect's config and status topics, which MirrorMaker 2 needs and godwit leaves alone. Types, defaults and ranges are Kafka's.`

interface Section {
  readonly title: string
  /** where the keys may be written */
  readonly places: string
  readonly settings: readonly Setting[]
}

const bare = 'Bare only.'
const bareOrFlow = 'Bare or per flow.'
const sections: readonly Section[] = [
  {
    title: 'godwit',
    places: 'Keys of its own: bare, `B.<key>` for all flows into B, or `A->B.<key>`; the narrower one counts.',
    settings: godwitSettings,
  },
  { title: 'godwit: the process', places: bare, settings: processSettings },
  { title: 'The file', places: bare, settings: topSettings },
  {
    title: 'Connections',
    places: 'Bare, per cluster, or per client of a cluster.',
    settings: clusterSettings,
  },
  { title: 'Flows: all connectors', places: bareOrFlow, settings: connectorSettings },
  { title: 'Flows: topics', places: bareOrFlow, settings: sourceSettings },
  { title: 'Flows: consumer groups', places: bareOrFlow, settings: checkpointSettings },
  { title: 'Flows: heartbeats', places: bareOrFlow, settings: heartbeatSettings },
  {
    title: 'Flows: keys that must stand at the flow',
    places: '`A->B.<key>`; without effect when bare.',
    settings: [...filterSettings, ...flowOnlySettings],
  },
  { title: 'Workers', places: '`B.<key>`; storage keys also bare.', settings: workerSettings },
  {
    title: 'Any client',
    places: '`X.consumer.<key>` and so on; `X.<key>` for the worker.',
    settings: clientsSettings,
  },
  {
    title: 'Consumers',
    places: '`A.consumer.<key>`, `A->B.source.consumer.<key>`.',
    settings: consumerSettings,
  },
  {
    title: 'Producers',
    places: '`B.producer.<key>`, `A->B.producer.override.<key>`.',
    settings: producerSettings,
  },
  { title: 'Admin clients', places: '`X.admin.<key>`.', settings: adminSettings },
]

/** docs/reference/settings.md. */
export function settingsReference(): string {
  const tables = sections.flatMap(({ title, places, settings }) => [
    ...['', `### ${title}`, '', places, ''],
    ...table(settings),
  ])
  return `${[introduction, ...tables, '', ...formerTable()].join('\n')}\n`
}

function table(settings: readonly Setting[]): string[] {
  return markdownTable(['key', 'type', 'default', 'range', 'importance', 'godwit', 'meaning'], settings.map(row))
}

function row(setting: Setting): string[] {
  const { name, type, range, importance, effect, docs, reported, change } = setting
  const meaning = [docs, ownDefaultText(setting), reported && `*Reported: ${reported}.*`, change]
  const texts = [defaultText(setting), rangeText(range) ?? '', importance, effect, meaning.filter(Boolean).join(' ')]
  return [`\`${name}\``, type, ...texts]
}

function defaultText({ default: fallback, required }: Setting): string {
  if (fallback === null) return required ? 'required' : ''
  return fallback === '' ? 'empty' : `\`${fallback}\``
}

function ownDefaultText({ ownDefault }: Setting): string | undefined {
  if (ownDefault === undefined) return undefined
  const { value, setBy } = ownDefault
  return setBy === 'godwit' ? `godwit's own default is ${value}.` : `${setBy} sets ${value}.`
}

function formerTable(): string[] {
  const rows = Object.entries(formerKeys).map(([key, { successor, since, actedOn }]) => {
    const still = actedOn ? `; godwit still heeds it ${actedOn}` : ''
    return [`\`${key}\``, successor ? `\`${successor}\`` : '', `${since}${still}`]
  })
  return ['### Keys of older versions', '', ...markdownTable(['key', 'now', 'remark'], rows)]
}
