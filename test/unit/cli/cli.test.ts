import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { failureText, runCli } from '../../../src/cli/cli.ts'
import { type Command, type Context, textOf } from '../../../src/cli/command.ts'
import { commands } from '../../../src/cli/commands.ts'
import { byPurpose } from '../../../src/cli/help.ts'
import { captured } from './scripted.ts'

function command(given: Partial<Command> = {}): Command {
  return {
    name: 'run',
    summary: 'Runs.',
    usage: 'run FILE',
    arguments: ['FILE'],
    options: {
      clusters: { value: 'ALIAS', several: true, doc: 'Aliases.' },
      level: { value: 'LEVEL', choices: ['info', 'debug'], doc: 'Level.' },
      watch: { doc: 'Flag.' },
    },
    run: () => Promise.resolve(0),
    ...given,
  }
}

/** Runs these arguments with a command that records its context. */
async function attempt(words: readonly string[], given: Partial<Command> = {}) {
  const seen: Context[] = []
  const { around, out, err } = captured()
  const run = (context: Context) => {
    seen.push(context)
    return Promise.resolve(0)
  }
  const shown = { ...command({ ...given, run: given.run ?? run }) }
  const code = await runCli([shown, command({ name: 'config show', arguments: [] })], words, '1.2.3', around)
  return { code, seen, out: out.join('\n'), err: err.join('\n') }
}

test('an option with several values ends at the next option, and may come after the file', async () => {
  const { seen } = await attempt(['run', 'mm2.properties', '--clusters', 'a', 'b', '--watch'])
  assert.deepEqual(seen[0]?.positionals, ['mm2.properties'])
  assert.deepEqual({ ...seen[0]?.values }, { clusters: ['a', 'b'], watch: true })
})

test('an option value is accepted after a blank and after an equals sign', async () => {
  for (const words of [['--level', 'debug'], ['--level=debug']]) {
    const { seen } = await attempt(['run', ...words, 'f'])
    assert.equal(textOf(seen[0]?.values ?? {}, 'level'), 'debug')
    assert.deepEqual(seen[0]?.positionals, ['f'])
  }
})

test('a list option before the file takes the file as a value, and the message says how to write it', async () => {
  const { code, err } = await attempt(['run', '--clusters', 'a', 'mm2.properties'])
  assert.equal(code, 64)
  assert.match(err, /FILE is missing; --clusters takes all words after it, so write FILE before it/)
})

test('the value of an option may be a negative number', async () => {
  const { seen } = await attempt(['run', 'f', '--shift', '-5', '--watch'], {
    options: { shift: { value: 'N', doc: 'Number.' }, watch: { doc: 'Flag.' } },
  })
  assert.deepEqual(seen[0]?.values, { shift: '-5', watch: true })
})

const wrongLines: [string[], RegExp][] = [
  [['rnu', 'f'], /there is no command 'rnu'; did you mean 'run'\?/],
  [['config', 'shwo'], /there is no command 'config shwo'; did you mean 'config show'\?/],
  [['config'], /there is no command 'config'; did you mean 'config show'\?/],
  [['zebra'], /there is no command 'zebra'\n/],
  [['confg', 'show'], /there is no command 'confg show'; did you mean 'config show'\?/],
  [['shwo'], /there is no command 'shwo'; did you mean 'config show'\?/],
  [['configshow'], /there is no command 'configshow'; did you mean 'config show'\?/],
  [['--wacth'], /there is no option --wacth before a command/],
  [['run', 'f', '--wacth'], /there is no option --wacth; did you mean --watch\?/],
  [['run', 'f', '-w'], /there is no option -w/],
  [['run', 'f', '--toString'], /there is no option --toString/],
  [['run', 'f', '--level'], /--level needs a value: --level LEVEL/],
  [['run', 'f', '--level', 'infoo'], /--level is one of info, debug, not 'infoo'; did you mean info\?/],
  [['run', 'f', '--watch=yes'], /--watch takes no value, but got 'yes'/],
  [['run', 'f', '--clusters'], /--clusters needs a value: --clusters ALIAS/],
  [['run', 'f', '--clusters', '--watch'], /--clusters needs a value/],
  [['run'], /FILE is missing\n/],
  [['run', 'f', 'g'], /'g' is an unexpected argument/],
]
for (const [words, message] of wrongLines) {
  test(`'godwit ${words.join(' ')}' is refused with exit code 64 and the reason`, async () => {
    const { code, seen, err, out } = await attempt(words)
    assert.equal(code, 64)
    assert.equal(seen.length, 0)
    assert.equal(out, '')
    assert.match(err, message)
    assert.match(err, /remedy: see 'godwit .*--help'/)
  })
}

test('help and version are printed to standard output and end with 0', async () => {
  for (const words of [['--help'], ['-h'], ['help']]) {
    const { code, out } = await attempt(words)
    assert.equal(code, 0)
    assert.match(out, /godwit 1\.2\.3[\s\S]*\n\nPrepare:\n {2}config show {2}Runs\.\n\nRun:\n {2}run {10}Runs\.\n/)
  }
  for (const words of [
    ['run', '--help'],
    ['run', '-h'],
    ['help', 'run'],
    ['run', '--level', 'info', '--help'],
  ]) {
    const { code, out, seen } = await attempt(words)
    assert.deepEqual([code, seen.length], [0, 0])
    assert.match(out, /^Usage: godwit run FILE\n/)
    assert.match(out, /--clusters ALIAS\.\.\. {2}Aliases\./)
    assert.match(out, /--level info\|debug {3}Level\./)
  }
  assert.equal((await attempt(['--version'])).out, 'godwit 1.2.3')
})

test('the common first word of several commands lists them with help, and is refused with the list alone', async () => {
  const own = (name: string) => command({ name, arguments: [], summary: `Does ${name}.` })
  const around = async (...words: string[]) => {
    const said = captured()
    const code = await runCli([own('groups list'), own('groups describe'), own('topics')], words, '1', said.around)
    return { code, out: said.out.join(''), err: said.err.join('') }
  }
  for (const words of [
    ['groups', '--help'],
    ['help', 'groups'],
    ['groups', '-h'],
  ]) {
    const { code, out } = await around(...words)
    assert.equal(code, 0)
    assert.match(out, /groups list {6}Does groups list\.\n {2}groups describe {2}Does groups describe\./)
    assert.doesNotMatch(out, /topics/)
  }
  for (const [words, meant] of [
    [['groups'], ''],
    [['groups', 'decsribe'], `; did you mean 'groups describe'?`],
    [['groups', 'zebra'], ''],
  ] as const) {
    const { code, err } = await around(...words)
    assert.equal(code, 64)
    assert.ok(err.startsWith(`godwit: there is no command '${words.join(' ')}'${meant}\n`), err)
    assert.match(err, /remedy: give one of groups list, groups describe/)
  }
})

test('if a word and that word with another are both commands, the longer one is used', async () => {
  const seen: string[] = []
  const own = (name: string) => command({ name, arguments: [], run: () => Promise.resolve(seen.push(name)) })
  await runCli([own('groups'), own('groups describe')], ['groups', 'describe'], '1', captured().around)
  await runCli([own('groups'), own('groups describe')], ['groups'], '1', captured().around)
  assert.deepEqual(seen, ['groups describe', 'groups'])
})

test('every command belongs to a section of the help', () => {
  assert.ok(
    !byPurpose(commands).some(([title]) => title === 'More'),
    'add the new command to a section in src/cli/help.ts',
  )
  assert.deepEqual(
    byPurpose(commands)
      .flatMap(([, list]) => list.map(({ name }) => name))
      .toSorted(),
    commands.map(({ name }) => name).toSorted(),
  )
})

test('long notes are wrapped for a terminal without losing words', async () => {
  const note = Array.from({ length: 60 }, (_, i) => `word${i}`).join(' ')
  const { out } = await attempt(['run', '--help'], { notes: [note] })
  for (const line of out.split('\n')) assert.ok(line.length <= 100)
  assert.ok(out.replaceAll('\n', ' ').includes(note))
})

test('without arguments the overview is printed to standard error, with exit code 64', async () => {
  const { code, out, err } = await attempt([])
  assert.deepEqual([code, out], [64, ''])
  assert.match(err, /Usage: godwit COMMAND/)
})

test('an expected failure is one sentence with subject, cause and remedy, and its own exit code', async () => {
  const failure = new Failure('NOT_AUTHORIZED', 'the user may not read orders', {
    cluster: 'old',
    topic: 'orders',
    partition: 3,
    cause: new Error('TOPIC_AUTHORIZATION_FAILED'),
    remedy: 'grant READ on the topic',
  })
  const { code, err } = await attempt(['run', 'f'], { run: () => Promise.reject(failure) })
  assert.equal(code, 77)
  assert.equal(
    err,
    [
      'godwit: the user may not read orders (cluster old, topic orders, partition 3)',
      '  cause: TOPIC_AUTHORIZATION_FAILED',
      '  remedy: grant READ on the topic',
    ].join('\n'),
  )
})

test('a failure in a file starts with file and line', () => {
  const failure = new Failure('CONFIG_INVALID', 'unknown key', { file: 'mm2.properties', line: 12 })
  assert.equal(failureText(failure), 'godwit: mm2.properties:12: unknown key')
})

test('an unexpected error is not turned into a message', async () => {
  const mistake = new TypeError('x is undefined')
  await assert.rejects(attempt(['run', 'f'], { run: () => Promise.reject(mistake) }), mistake)
})
