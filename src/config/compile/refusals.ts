// Keys that ask for Java code: filters, transforms, callback handlers of somebody's own cannot run here.
import { javaTrim } from '../define.ts'
import type { Entries } from '../resolve.ts'
import { connectorDefinitions, isClientKey } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'

/** Complains about every key of the source connector that stands for foreign code and is not at its default. */
export function refuseForeignCode(connector: Entries, complaints: Complaints): void {
  for (const [key, { standing, fallback }] of connectorDefinitions.MirrorSourceConnector) {
    const text = javaTrim(connector.get(key)?.text ?? '')
    if (standing !== 'refused' || isClientKey(key) || text === '' || text === fallback) continue
    complaints.error(key, `asks for ${text}, which is Java code and cannot run here`, 'remove the line')
  }
}
