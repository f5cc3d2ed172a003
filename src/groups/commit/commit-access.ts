// How commands commit offsets of groups: patiently, or as a dry run.
import type { Groups } from '../../kafka/groups.ts'
import type { SyncGroups } from './group-sync.ts'

/** The groups of a cluster, whose commits wait for a coordinator that is not ready yet: a running flow tries again by itself. */
export function patientGroups(groups: Groups): SyncGroups {
  return {
    ...readingOf(groups),
    commit: (group, coordinator, offsets) => groups.commitWithRetry(group, coordinator, offsets),
  }
}

/** The groups of a cluster, told everything but commits: those are taken for done. */
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
