// source.cluster.alias and target.cluster.alias in a file: which names they change, and which problems are reported.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newReplicationPolicy } from '../../../src/mirror/replication-policy.ts'
import { base, load, next, onlyFlow, said } from './reading.ts'

const two = base.replaceAll(/\ba\b/g, 'source').replaceAll(/\bb\b/g, 'target')

function named(lines: string) {
  const { settings, sourceAdmin } = onlyFlow(`${two}${lines}\n`)
  const { sourceAlias, targetAlias, policy, offsetSyncs, checkpoints } = settings
  const naming = newReplicationPolicy(policy, sourceAlias)
  return {
    flow: settings.name,
    group: settings.groupId,
    offsets: settings.offsetStorage.name,
    aliases: `${sourceAlias}|${targetAlias}`,
    topic: naming.formatRemoteTopic(sourceAlias, 'plain'),
    syncs: offsetSyncs.topic.name,
    checkpoints: checkpoints.topic.name,
    client: sourceAdmin.clientId,
  }
}

const pair = { flow: 'source->target', group: 'source-mm2', offsets: 'mm2-offsets.source.internal' }

test('an empty alias with an empty separator leaves topic names as they are', () => {
  assert.deepEqual(named('source.cluster.alias =\nreplication.policy.separator ='), {
    ...pair,
    aliases: '|target',
    topic: 'plain',
    syncs: 'mm2-offset-syncstargetinternal',
    checkpoints: 'checkpointsinternal',
    client: '->target|MirrorSourceConnector|replication-source-admin',
  })
})

for (const line of [
  'source.cluster.alias = usdf',
  'source.alias = usdf',
  'source->target.source.cluster.alias = usdf',
]) {
  test(`${line} names topics, checkpoints and client ids; flow, group and offsets topic keep the aliases`, () => {
    assert.deepEqual(named(line), {
      ...pair,
      aliases: 'usdf|target',
      topic: 'usdf.plain',
      syncs: 'mm2-offset-syncs.target.internal',
      checkpoints: 'usdf.checkpoints.internal',
      client: 'usdf->target|MirrorSourceConnector|replication-source-admin',
    })
    const { problems } = load(`${two}${line}\n`)
    assert.match(
      said(problems, next).join(),
      /^note \S+ is "usdf": as in MM2 the target topics \(topic plain becomes usdf\.plain\)/,
    )
    assert.equal(problems.length, 1, JSON.stringify(problems))
  })
}

test('the target alias names the offset syncs topic, and identifies topics that came from the target', () => {
  assert.deepEqual(
    [named('target.cluster.alias = prod').syncs, named('target.cluster.alias = prod').topic],
    ['mm2-offset-syncs.prod.internal', 'source.plain'],
  )
})

test('an alias without prefix is a warning with flows in both directions: topics would be copied in a loop', () => {
  const { problems } = load(`${two}target->source.enabled = true\nsource.cluster.alias = usdf\n`)
  const warnings = problems.filter(({ severity }) => severity === 'warning').map(({ reason }) => reason)
  assert.equal(warnings.length, 2)
  assert.match(
    warnings[0] ?? '',
    /does not see which topics came by source->target, since those go by "usdf" and it looks for "source"/,
  )
})

test('two sources with one alias are a warning: their topics are mixed', () => {
  const text = `${two.replace('source, target', 'source, target, third')}third.bootstrap.servers = c:1\nthird->target.enabled = true\nsource.cluster.alias = usdf\n`
  assert.match(
    load(text)
      .problems.map(({ reason }) => reason)
      .join('\n'),
    /both call their source "usdf": topics of the same name are mixed on target/,
  )
})

test('an alias equal to the default is not reported', () => {
  assert.deepEqual(load(`${two}source->target.source.cluster.alias = source\n`).problems, [])
})
