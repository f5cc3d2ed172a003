// Prometheus names of MBeans. Each family has the names that one exporter or tutorial gives to the MBeans of MM2 and Connect.
import type { Attribute, MBean } from './mbeans.ts'

type AnyBean = Omit<MBean<never>, 'attributes'>

interface Naming {
  /** who uses these names */
  readonly doc: string
  /** names of the series of an attribute; none if this family does not export it */
  readonly names: (bean: AnyBean, attribute: string) => readonly string[]
  readonly labels: (tag: string) => readonly string[]
  /** whether label values keep the quotes that JMX puts around values with special characters */
  readonly isQuoted: boolean
}

const snake = (text: string) => text.replaceAll(/[^A-Za-z0-9_]/g, '_')
const isMirror = ({ domain }: AnyBean) => domain === 'kafka.connect.mirror'
const plainLabels = (tag: string) => [snake(tag)]
const clientLabel = (name: string) => (tag: string) => [tag === 'client-id' ? name : snake(tag)]

/** `kafka_<type>_<attribute>`, the type without `-metrics`, as in the rules of most examples. */
function shortName({ domain, type }: AnyBean, attribute: string): string {
  const kind = type.replace(/-metrics$/, '')
  const room = domain === 'kafka.connect' && !kind.startsWith('connect-') ? 'kafka_connect' : 'kafka'
  return `${room}_${snake(kind)}_${snake(attribute)}`
}

const longName = ({ domain, type }: AnyBean, attribute: string) => `${snake(domain)}_${snake(type)}_${snake(attribute)}`

/** The rules turn the state of a task into a label; none of them uses the state of a connector. */
const statusNames = ({ type }: AnyBean) => (type === 'connector-task-metrics' ? ['kafka_connect_connector_status'] : [])

function shortNames(bean: AnyBean, attribute: string): readonly string[] {
  return bean.isText ? statusNames(bean) : [shortName(bean, attribute)]
}

const reporterTexts: Readonly<Record<string, readonly string[]>> = {
  'connector-task-metrics': ['kafka_connect_connector_task_metrics_status_info', 'kafka_connect_connector_task_status'],
  'connector-metrics': ['kafka_connect_connector_metrics_status_info', 'kafka_connect_connector_info'],
}

export const namings = {
  strimzi: {
    doc: 'The rules and dashboards of Strimzi, and most others: lower case, `clientid`.',
    names: (bean, attribute) =>
      isMirror(bean)
        ? [`kafka_connect_mirror_${bean.type.toLowerCase()}_${snake(attribute)}`]
        : shortNames(bean, attribute),
    labels: clientLabel('clientid'),
    isQuoted: true,
  },
  'jmx-example': {
    doc: "The example for Connect that comes with JMX exporter, also Charmed Kafka's: no series of MirrorMaker 2 itself, `clientId`.",
    names: (bean, attribute) => (isMirror(bean) ? [] : shortNames(bean, attribute)),
    labels: clientLabel('clientId'),
    isQuoted: true,
  },
  jmx: {
    doc: 'JMX exporter without rules: domain, type and attribute, letter case kept, `client_id`; text attributes are not exported.',
    names: (bean, attribute) => (bean.isText ? [] : [longName(bean, attribute)]),
    labels: plainLabels,
    isQuoted: true,
  },
  'metrics-reporter': {
    doc: "Strimzi's metrics reporter, also Charmed Kafka Connect's dashboard: domain, group and name in lower case without `_total`, `client_id`, values without quotes.",
    names: (bean, attribute) =>
      bean.isText
        ? (reporterTexts[bean.type] ?? [])
        : [
            longName(bean, attribute)
              .toLowerCase()
              .replace(/_total$/, ''),
          ],
    labels: plainLabels,
    isQuoted: false,
  },
  'source-connector': {
    doc: 'Many tutorials: `kafka_connect_mirror_source_connector_*`; the target also as label `destination`.',
    names: (bean, attribute) => {
      const kind = bean.type === 'MirrorSourceConnector' ? 'source' : 'checkpoint'
      return isMirror(bean) ? [`kafka_connect_mirror_${kind}_connector_${snake(attribute)}`] : []
    },
    labels: (tag) => (tag === 'target' ? ['target', 'destination'] : [snake(tag)]),
    isQuoted: true,
  },
  'connect-mirror': {
    doc: 'Some samples: `connect_mirror_mirrorsourceconnector_*`.',
    names: (bean, attribute) =>
      isMirror(bean) ? [`connect_mirror_${bean.type.toLowerCase()}_${snake(attribute)}`] : [],
    labels: plainLabels,
    isQuoted: true,
  },
} as const satisfies Record<string, Naming>

/** Families that are not derived from MBeans: their metrics are in catalog.ts. */
export const otherFamilies = {
  summary: 'A managed MirrorMaker 2: `kafka_mirrormaker_summary_replication_lag`.',
  jvm: "V8's figures under the names of the JVM, for dashboard panels of memory, garbage collection and threads.",
} as const

export type FamilyName = keyof typeof namings | keyof typeof otherFamilies

/** What is exported in addition to godwit's own metrics. */
export interface Exposed {
  readonly families: readonly FamilyName[]
  /** false: one series per topic and per group instead of one per partition */
  readonly partitions: boolean
}

export interface LabelSource {
  readonly tag: string
  readonly isQuoted: boolean
}

/** A series of an attribute: its name, and the tag of each label. */
interface NamedSeries {
  readonly name: string
  readonly labels: ReadonlyMap<string, LabelSource>
}

/**
 * The series of an attribute in all of these families. Families with the same name share one series, because sums would
 * double otherwise: it has the labels of all of them, and if two families differ in a label the first one is used.
 */
export function namesOf(
  bean: MBean<never>,
  attribute: Pick<Attribute<never>, 'name'>,
  families: readonly FamilyName[],
): NamedSeries[] {
  const series = new Map<string, Map<string, LabelSource>>()
  for (const family of families) {
    if (!(family in namings)) continue
    const { names, labels, isQuoted }: Naming = namings[family as keyof typeof namings]
    for (const name of names(bean, attribute.name)) {
      const known = series.get(name) ?? new Map<string, LabelSource>()
      series.set(name, known)
      for (const tag of bean.tags) {
        for (const label of labels(tag)) if (!known.has(label)) known.set(label, { tag, isQuoted })
      }
    }
  }
  return [...series].map(([name, labels]) => ({ name, labels }))
}
