// Messages about changed topics and missing offsets: each names the command that resolves the problem.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FlowSettings, PolicySettings } from '../../../src/model/flow-settings.ts'
import { PartitionCopy } from '../../../src/replicate/partition-copy.ts'
import {
  beyondEnd,
  notYetVisible,
  recreated,
  renamed,
  targetDeleted,
  targetShrank,
} from '../../../src/replicate/topic-failures.ts'

function settingsOf(policy: Partial<PolicySettings> = {}): FlowSettings {
  const leftOut = { topics: ['mm2.*\\.internal'], configProperties: [] }
  const names = { file: 'to the cloud.properties', source: 'A', sourceAlias: 'A', target: 'B', name: 'A->B', leftOut }
  return { ...names, policy: { kind: 'default', separator: '.', ...policy } } as unknown as FlowSettings
}

const shared = {
  ...{ topic: 'my.orders', targetTopic: 'A.my.orders', sourceId: '', targetId: '', maxMessageBytes: 1 },
  ...{ targetAppendTime: false, recodeTo: undefined, limitsRead: 0 },
}
const reset = "godwit positions reset 'to the cloud.properties' --flow 'A->B' --topic '^my\\.orders$'"

test('a changed replication policy is reported with the lines that undo it', () => {
  const choice = (was: string, policy: Partial<PolicySettings>) => {
    const { message, remedy = '' } = renamed(shared, was, settingsOf(policy))
    assert.match(message, new RegExp(`belong to target topic ${was}, the file now names A\\.my\\.orders`))
    assert.ok(remedy.endsWith(`or, to copy everything into A.my.orders, run ${reset} --execute`), remedy)
    return /^to go on in \S+, (.*?), and start godwit again/.exec(remedy)?.[1]
  }
  const policies = 'org.apache.kafka.connect.mirror'
  const ofDefault = `replication.policy.class = ${policies}.DefaultReplicationPolicy`
  assert.equal(choice('my.orders', {}), `write replication.policy.class = ${policies}.IdentityReplicationPolicy`)
  assert.equal(choice('A_my.orders', {}), 'write replication.policy.separator = _')
  assert.equal(choice('A.my.orders', { kind: 'identity' }), `write ${ofDefault}`)
  assert.equal(choice('A-my.orders', { kind: 'identity' }), `write ${ofDefault} and replication.policy.separator = -`)
  assert.equal(choice('elsewhere', {}), 'set the replication policy back')
})

test('a target partition whose end offset keeps changing is reported with a possible cause', () => {
  const { message, remedy } = notYetVisible(new PartitionCopy(shared, 3))
  assert.equal(message, 'waiting until target partition A.my.orders-3 does not change any more')
  assert.match(
    remedy ?? '',
    /^this resolves itself in a moment, unless fewer replicas .*: restart the missing brokers$/,
  )
})

test('messages about topics and offsets contain a complete command, with the topic quoted for the shell', () => {
  const copy = new PartitionCopy(shared, 3)
  copy.position.anchor = { sourceNext: 70, targetNext: 60, sequence: 0 }
  const settings = settingsOf()
  const source = recreated('source', shared, settingsOf()).remedy ?? ''
  assert.ok(source.includes(`run ${reset} --execute`), source)
  const target = recreated('target', shared, settingsOf()).remedy ?? ''
  assert.ok(target.endsWith(`run ${reset} --execute`), target)
  const deleted = targetDeleted('my.orders', 'A.my.orders', settings).remedy ?? ''
  assert.ok(deleted.includes(`run ${reset} --execute`), deleted)
  const line = 'A->B.topics.exclude = mm2.*\\\\.internal,my\\\\.orders'
  assert.ok(deleted.endsWith(`to leave it out, write ${line} into the file and start godwit again`), deleted)
  const truncated = beyondEnd(copy, 70, 50, settings).remedy ?? ''
  for (const to of ['earliest', 'latest'])
    assert.ok(truncated.includes(`${reset} --partition 3 --to ${to} --execute`), truncated)
  const shrunk = targetShrank(copy, 60, 40, settings).remedy ?? ''
  assert.ok(shrunk.includes(`delete target topic A.my.orders and run ${reset} --execute`), shrunk)
  assert.ok(shrunk.endsWith(`run ${reset} --partition 3 --to 70 --execute`), shrunk)
})
