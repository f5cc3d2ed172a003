// Reads an existing mm2.properties and sorts its settings by cluster and flow; values are not changed.
import { propertiesOf } from '../config/text.ts'
import type { FileSection, FileSetting } from './sections.ts'

/** Whether the text is a configuration of MirrorMaker 2 rather than of one client. */
export function isMirrorMakerFile(text: string): boolean {
  return /^\s*clusters\s*[=:]/m.test(text) && !/^\s*"?kind"?\s*:/m.test(text)
}

/** The settings of the file in sections. @throws Failure CONFIG_INVALID with the line, if it is not valid Java properties */
export function sectionsOfFile(text: string, file: string): FileSection[] {
  const settings = Object.entries(propertiesOf(text, file)).map(([key, value]) => ({ key, value }))
  const value = settings.find(({ key }) => key === 'clusters')?.value ?? ''
  const aliases = value.split(',').map((alias) => alias.trim())
  const titleOf = ({ key }: FileSetting) => {
    const [flow] = /^[^.]*->[^.]*/.exec(key) ?? []
    if (flow !== undefined) return `The flow ${flow}`
    const alias = aliases.find((one) => key.startsWith(`${one}.`))
    return alias === undefined ? 'All flows' : `The cluster ${alias}`
  }
  const clusters = { title: 'Clusters', comment: [`From ${file}.`], settings: settings.filter(isClusters) }
  const others = Map.groupBy(
    settings.filter((one) => !isClusters(one)),
    titleOf,
  )
  return [clusters, ...[...others].map(([title, own]) => ({ title, settings: own }))]
}

const isClusters = ({ key }: FileSetting) => key === 'clusters'
