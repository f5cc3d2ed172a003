// Errors in the command line, the configuration file, or the files to write: the printed remedy is followed, and the command
// succeeds.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { type Ended, godwit } from '../../harness/godwit.ts'
import { writeSetting } from '../check/follow.ts'
import { linesIn, Trial } from './trial.ts'

const folder = mkdtempSync(join(tmpdir(), 'godwit-words-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** The remedy in the output of a command. */
function remedyIn({ err, out }: Ended): string {
  const [, remedy] = /^ *remedy: (.*)$/m.exec(err) ?? /^ *remedy: (.*)$/m.exec(out) ?? []
  assert.ok(remedy, `no remedy is printed: ${err}${out}`)
  return remedy
}

const run = (...words: string[]) => godwit(words, { cwd: folder })

test('USAGE: the named help describes the option, and the suggested command name exists', async () => {
  const number = await run('lag', '--fail-above', 'x', '--http', '127.0.0.1:1')
  assert.equal(number.code, 64)
  const [, given = ''] = /^e\.g\. (.*)$/.exec(remedyIn(number)) ?? []
  assert.equal((await run('lag', ...given.split(' '), '--http', '127.0.0.1:1')).code, 69)
  const unknown = await run('lag', '--fail-over', '1')
  assert.equal(unknown.code, 64)
  const [, words] = /'godwit ([^']*)'/.exec(remedyIn(unknown)) ?? []
  const help = await run(...(words ?? '').split(' '))
  assert.equal(help.code, 0, `${words}: ${help.err}`)
  assert.match(help.out, /--fail-above/)
  const misspelt = await run('confg', 'show')
  assert.equal(misspelt.code, 64)
  const [, meant] = /did you mean '([^']+)'\?/.exec(misspelt.err) ?? []
  assert.equal((await run(...(meant ?? '').split(' '), '--help')).code, 0)
})

test('CONFIG_INVALID: the printed line makes the file usable', async () => {
  const file = join(folder, 'wrong.properties')
  const lines = ['clusters = A, B', 'A.bootstrap.servers = a:1', 'B.bootstrap.servers = b:1', 'A->B.enabled = true']
  writeFileSync(file, [...lines, 'replication.policy.class = org.apache.kafka.DefaultReplicationPolicy', ''].join('\n'))
  const refused = await run('run', file, '--http', 'off')
  assert.equal(refused.code, 78, `${refused.out}${refused.err}`)
  const [line] = linesIn(remedyIn(refused))
  assert.ok(line, remedyIn(refused))
  writeSetting(file, line)
  const shown = await run('config', 'show', file)
  assert.equal(shown.code, 0, shown.err)
  assert.doesNotMatch(shown.err + shown.out, /^error: /m)
})

test('FILE_EXISTS: with --force it is overwritten, with another --file both exist', async () => {
  const file = join(folder, 'made.properties')
  const words = [
    'init',
    '--source-alias',
    'S',
    '--target-alias',
    'T',
    '--source-servers',
    'a:1',
    '--target-servers',
    'b:1',
    '--file',
  ]
  assert.equal((await run(...words, file)).code, 0)
  writeFileSync(file, 'mine')
  const refused = await run(...words, file)
  assert.equal(refused.code, 73, refused.err)
  assert.equal(readFileSync(file, 'utf8'), 'mine')
  const [, force = '', other = ''] = /give (--\S+) to overwrite it, or another (--\S+)/.exec(remedyIn(refused)) ?? []
  const another = join(folder, 'other.properties')
  assert.equal((await run(...words.slice(0, -1), other, another)).code, 0)
  assert.equal(readFileSync(file, 'utf8'), 'mine')
  assert.equal((await run(...words, file, force)).code, 0)
  assert.match(readFileSync(file, 'utf8'), /^clusters = S, T$/m)
})

test('CONNECTION_LOST: status answers at the address that godwit logs at its start', async () => {
  const alone = await run('status', '--http', '127.0.0.1:1')
  assert.equal(alone.code, 69, alone.err)
  assert.match(remedyIn(alone), /It logs its address at the start; give that address with --http HOST:PORT/)
  const flow = ['clusters = A, B', 'A.bootstrap.servers = 127.0.0.1:1', 'B.bootstrap.servers = 127.0.0.1:1']
  using trial = new Trial([...flow, 'A->B.enabled = true', ''].join('\n'))
  await using running = await trial.start()
  const { address } = await running.untilLogged(({ message }) => message === 'http listens')
  const status = await run('status', '--http', String(address).replace('http://', ''))
  assert.notEqual(status.code, 69, status.err)
  assert.match(status.out, /A->B/)
})
