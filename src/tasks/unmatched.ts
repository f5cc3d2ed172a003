// Warns at the start about items of the file's lists that match nothing on the source.
import type { Logger } from '../base/logger.ts'
import { unmatchedItems, unmatchedText } from '../mirror/topic-selection.ts'
import type { FlowSettings } from '../model/flow-settings.ts'

/** Logs one warning per item. @param names all topics, or groups, of the source */
export function warnOfUnmatched(
  settings: FlowSettings,
  key: 'topics' | 'groups',
  names: Iterable<string>,
  log: Logger,
): void {
  const { source, [key]: filter } = settings
  for (const item of unmatchedItems(filter, key, [...names])) {
    log.warn(unmatchedText(item, source), {
      cluster: source,
      setting: item.key,
      item: item.item,
      remedy: `correct ${item.key} in the file, unless the name will exist later; godwit check FILE prints the line`,
    })
  }
}
