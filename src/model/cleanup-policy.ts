// cleanup.policy of a topic. Kafka reads its value as a set: `compact,delete` says the same as `delete,compact`.

/** The policies of a value of cleanup.policy; blanks around them do not count. */
function policiesOf(value: string): ReadonlySet<string> {
  const policies = value.split(',').map((one) => one.trim())
  return new Set(policies.filter((one) => one !== ''))
}

/** Whether the topic is compacted, whatever else is done with its records. @param value undefined where it is not known: false */
export function isCompacted(value: string | null | undefined): boolean {
  return policiesOf(value ?? '').has('compact')
}

/** Whether records are deleted by age and size. @param value undefined where it is not known: false */
export function deletesRecords(value: string | null | undefined): boolean {
  return policiesOf(value ?? '').has('delete')
}

/** Whether the topic is compacted and nothing else: Connect's rule for the topics of its state, as nothing in them may be deleted by age. */
export function isOnlyCompacted(value: string): boolean {
  return isCompacted(value) && policiesOf(value).size === 1
}

/** Why records of a topic with the first policy are not kept in a copy with the second; undefined where all are kept. */
export function cleanupConflict(source: string, target: string): string | undefined {
  if (isCompacted(target) && !isCompacted(source))
    return 'only the last record of each key would stay, and records without a key are refused'
  if (deletesRecords(target) && !deletesRecords(source))
    return 'the target would delete records with time that the source keeps'
  return isCompacted(source) && !isCompacted(target) ? 'the target would never compact what the source does' : undefined
}
