// How commands commit group offsets: with retries, or as a dry run.
import type { Groups } from '../../kafka/groups.ts'
import type { SyncGroups } from './group-sync.ts'

/** Commits wait for a coordinator that is not ready yet; a running flow retries at its next round instead. */
export function patientGroups(groups: Groups): SyncGroups {
  return {
    ...readingOf(groups),
    commit: (group, coordinator, offsets) => groups.commitWithRetry(group, coordinator, offsets),
  }
}

/** Reads as usual; commits do nothing and count as done. */
export function dryGroups(groups: SyncGroups): SyncGroups {
  return { ...readingOf(groups), commit: () => Promise.resolve(new Map()) }
}

function readingOf(groups: SyncGroups): Omit<SyncGroups, 'commit'> {
  return {
    list: () => groups.list(),
    committed: (some, visit) => groups.committed(some, visit),
    members: (group) => groups.members(group),
    coordinatorsOf: (names) => groups.coordinatorsOf(names),
  }
}
