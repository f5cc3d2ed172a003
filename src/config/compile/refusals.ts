// Keys that ask for Java code: filters, transforms, callback handlers of somebody's own cannot run here.
import { javaTrim, type Setting } from '../define.ts'
import type { Entries } from '../resolve.ts'
import { clusterSettings } from '../settings/cluster.ts'
import { connectorDefinitions, isClientKey } from '../settings/known.ts'
import type { Complaints } from './complaints.ts'

/** Complains about every key of the three connectors that stands for foreign code and is not at its default. */
export function refuseForeignCode(connector: Entries, complaints: Complaints): void {
  const settings = Object.values(connectorDefinitions).flatMap((definition) => [...definition.values()])
  refuse(connector, new Set(settings.filter(({ key }) => !isClientKey(key))), complaints)
}

/** The same for one client: how it logs in, and how it encrypts, where its protocol does either. */
export function refuseForeignSecurity(
  client: Entries,
  { hasSasl, hasTls }: { readonly hasSasl: boolean; readonly hasTls: boolean },
  complaints: Complaints,
): void {
  const settings = clusterSettings.filter(({ key }) => (key.startsWith('sasl.') ? hasSasl : hasTls))
  refuse(client, settings, complaints)
}

function refuse(entries: Entries, settings: Iterable<Setting>, complaints: Complaints): void {
  for (const { key, standing, fallback } of settings) {
    const text = javaTrim(entries.get(key)?.text ?? '')
    if (standing !== 'refused' || text === '' || text === fallback) continue
    complaints.error(key, `asks for ${text}, which is Java code and cannot run here`, 'remove the line')
  }
}
