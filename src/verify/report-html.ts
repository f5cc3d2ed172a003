// The report as one self-contained HTML file that can be printed.
import { counted } from '../base/counted.ts'
import type { Section } from './around.ts'
import type { Difference } from './outcome.ts'
import type { PartitionReport, Report, TopicReport } from './report.ts'
import { startLines, verdictSentences, verdictWords } from './verdict-words.ts'

const style = `
:root { color-scheme: light; font: 15px/1.45 system-ui, sans-serif; color: #1b1f24; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d6dae0; vertical-align: top; overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code { font: .88em ui-monospace, monospace; overflow-wrap: anywhere; }
.verdict { display: inline-block; padding: .1rem .6rem; border-radius: .3rem; border: 1px solid; font-weight: 600; }
.equal { color: #14632b; } .different { color: #a3181f; } .notYet, .heldBack, .incomplete { color: #8a5200; }
ul { margin: .2rem 0; padding-left: 1.2rem; } .quiet { color: #57606a; }
@media print { body { margin: 0; max-width: none; } tr, li { break-inside: avoid; } thead { display: table-header-group; } }
`

/** The report as HTML. */
export function reportHtml(report: Report): string {
  const { flow, verdict } = report
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`godwit verify ${flow}: ${verdictWords[verdict]}`)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(flow)} <span class="verdict ${verdict}">${escaped(verdictWords[verdict])}</span></h1>
<p>${escaped(verdictSentences[verdict])}</p>
${list([...startLines(report), ...report.notes].map(escaped))}
${facts(report)}
<h2>Topics</h2>
${topicsTable(report.topics)}
${report.topics.map(topicSection).join('')}
<h2>Configs, ACLs and groups</h2>
${aroundTable(report.around)}
<h2>Digest</h2>
<p><code>sha256:${report.digest}</code></p>
<p class="quiet">SHA-256 of the JSON report without this member, without whitespace, with the members of each object in alphabetical order. The digests of partitions are chained SHA-256 over offset, record count and CRC-32C of every batch that was compared.</p>
</body>
</html>
`
}

function facts({ godwit, depth, startedAt, endedAt, source, target, isolation, records, bytesRead }: Report): string {
  const side = ({ alias, clusterId, brokers }: Report['source']) =>
    `${alias}, cluster id ${clusterId}, ${counted(brokers, 'broker')}`
  const rows: [string, string][] = [
    ['Source', side(source)],
    ['Target', side(target)],
    ['Depth', depth],
    ['Isolation on the source', isolation],
    ['Started', startedAt],
    ['Ended', endedAt],
    ['Records', number(records)],
    ['Bytes read', `${number(bytesRead.source)} from the source, ${number(bytesRead.target)} from the target`],
    ['godwit', godwit],
  ]
  return `<table>${rows.map(([name, value]) => `<tr><th>${name}</th><td>${escaped(value)}</td></tr>`).join('')}</table>`
}

function topicsTable(topics: readonly TopicReport[]): string {
  const rows = topics.map(({ topic, targetTopic, verdict, partitionCounts, partitions, differences }) => {
    const records = partitions.reduce((sum, one) => sum + (one.counted?.source ?? one.records), 0)
    const found = partitions.reduce((sum, one) => sum + one.differences.length, differences.length)
    const cells = [`<td>${escaped(topic)}</td><td>${escaped(targetTopic)}</td>`]
    for (const value of [partitionCounts.source, partitionCounts.target, records, found])
      cells.push(`<td class="n">${number(value)}</td>`)
    return `<tr>${cells.join('')}<td class="${verdict}">${escaped(verdictWords[verdict])}</td></tr>`
  })
  const numbers = ['Partitions', 'On the target', 'Records', 'Differences']
  const head = `<th>Topic</th><th>On the target</th>${numbers.map((name) => `<th class="n">${name}</th>`).join('')}<th>Verdict</th>`
  return table(head, rows)
}

function topicSection({ topic, differences, partitions }: TopicReport): string {
  const rows = partitions.map((one) => {
    const { partition, verdict, source, target, records, counted } = one
    const cells = [partition, counted?.source ?? records].map((value) => `<td class="n">${number(value)}</td>`).join('')
    const ranges = [source, target]
      .map(({ from, to }) => `<td class="n">${number(from)} to ${number(to)}</td>`)
      .join('')
    return `<tr>${cells}${ranges}<td class="${verdict}">${escaped(verdictWords[verdict])}</td><td>${remarks(one)}</td></tr>`
  })
  const names = ['Partition', 'Records', 'Source offsets', 'Target offsets']
  const head = `${names.map((name) => `<th class="n">${name}</th>`).join('')}<th>Verdict</th><th>Found</th>`
  return `<h2>${escaped(topic)}</h2>${list(differences.map(escaped))}${table(head, rows)}`
}

function remarks({ differences, notes, late, heldBack, failure, digests }: PartitionReport): string {
  const items = [
    ...(failure ? [`not read: ${escaped(failure)}`] : []),
    ...(late ? [escaped(late)] : []),
    ...(heldBack?.sentences ?? []).map(escaped),
    ...differences.map(differenceHtml),
    ...notes.map(escaped),
    ...(digests ? [`<code class="quiet">source ${digests.source}<br>target ${digests.target}</code>`] : []),
  ]
  return list(items)
}

function differenceHtml({ kind, sentence, source, target }: Difference): string {
  const side = (name: string, record: Difference['source']) => {
    if (!record) return ''
    const headers = record.headers.map(({ name: header, value }) => `${header} ${fieldText(value)}`).join(', ')
    const text = `key ${fieldText(record.key)}; value ${fieldText(record.value)}; time ${record.timestamp}${headers && `; headers ${headers}`}`
    return `<br><code>${name}: ${escaped(text)}</code>`
  }
  return `<strong>${escaped(kind)}</strong>: ${escaped(sentence)}${side('source', source)}${side('target', target)}`
}

function fieldText(field: { readonly bytes: number; readonly sha256: string; readonly text?: string } | null): string {
  if (!field) return 'null'
  return `${field.text === undefined ? '' : `'${field.text}' `}(${field.bytes} B, sha256 ${field.sha256})`
}

function aroundTable(sections: readonly Section[]): string {
  const rows = sections.map(
    ({ what, verdict, compared, differences, notes }) =>
      `<tr><td>${what}</td><td class="n">${number(compared)}</td><td class="${verdict}">${escaped(verdictWords[verdict])}</td><td>${list([...differences, ...notes].map(escaped))}</td></tr>`,
  )
  return table('<th>What</th><th class="n">Compared</th><th>Verdict</th><th>Found</th>', rows)
}

const table = (head: string, rows: readonly string[]) =>
  rows.length === 0 ? '' : `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`

const list = (items: readonly string[]) =>
  items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`

const number = (value: number) => value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ',')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
