// `godwit completion SHELL`: runs the scripts in real shells. bash is always tested; zsh and fish if they are installed.
import assert from 'node:assert/strict'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { commands } from '../../src/cli/commands.ts'
import { eventually } from '../harness/eventually.ts'
import { godwit } from '../harness/godwit.ts'
import { guard } from '../harness/guardian.ts'
import { terminalMissing } from '../harness/terminal.ts'

let folder = ''
const missing = (shell: string) =>
  spawnSync(shell, ['--version']).status === 0 ? undefined : `${shell} is not installed here`

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'godwit-completion-'))
  mkdirSync(join(folder, 'migration files'))
  writeFileSync(join(folder, 'migration.properties'), '')
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await godwit(['completion', shell])
    assert.equal(code, 0)
    writeFileSync(join(folder, `_godwit.${shell}`), out)
  }
})
after(() => rmSync(folder, { recursive: true, force: true }))

const run = (shell: string, ...words: string[]) => execFileSync(shell, words, { cwd: folder, encoding: 'utf8' })

/** The completions that each shell offers for the last word. */
const offers: Readonly<Record<string, (words: readonly string[]) => string[]>> = {
  bash: (words) => {
    const list = words.map((word) => `'${word}'`).join(' ')
    const script = `source _godwit.bash; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _godwit; printf '%s\\n' "\${COMPREPLY[@]}"`
    return lines(run('bash', '--norc', '-c', script))
  },
  fish: (words) => lines(run('fish', '--no-config', '-c', `source _godwit.fish; complete -C '${words.join(' ')}'`)),
}

const lines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.replace(/\t.*/, '').trim())
    .filter((line) => line !== '')

/** zsh completes only at its prompt: types into a zsh on a pseudo terminal, and returns what it shows after Tab. */
async function zshShows(words: readonly string[], holds: readonly string[]): Promise<string> {
  const child = spawn('script', ['-qefc', 'zsh -f -i', '/dev/null'], {
    cwd: folder,
    env: { ...process.env, TERM: 'dumb', LANG: 'C.UTF-8', HOME: folder },
  })
  guard(child)
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (shown += text))
  const until = (isThere: () => boolean) =>
    eventually(
      () => shown,
      isThere,
      15_000,
      () => words.join(' '),
    )
  const setUp =
    'stty rows 60 cols 200; PS1=; LISTMAX=999; setopt auto_list no_beep; autoload -Uz compinit; compinit -D -u'
  child.stdin.write(`${setUp}; source ./_godwit.zsh; print rea''dy\n`)
  await until(() => shown.includes('ready\r\n'))
  const from = shown.length
  child.stdin.write(`${words.join(' ')}\t\t`)
  await until(() => holds.every((word) => shown.slice(from).includes(word.split(' ')[0] ?? '')))
  child.kill('SIGKILL')
  await once(child, 'close')
  return shown.slice(from)
}

const asked: [words: readonly string[], holds: readonly string[], lacks: readonly string[]][] = [
  [['godwit', ''], ['run', 'status', 'config', 'completion', 'help'], ['show']],
  [['godwit', 'st'], ['status'], ['run']],
  [['godwit', 'config', ''], ['show'], ['status']],
  [['godwit', 'help', 'co'], ['config', 'completion'], ['status']],
  [['godwit', 'status', '--o'], ['--output'], ['--watch']],
  [['godwit', 'status', '--output', ''], ['text', 'json', 'yaml'], ['--watch']],
  [['godwit', 'config', 'show', '--se'], ['--secrets-dir'], ['--output']],
  [['godwit', 'completion', ''], ['bash', 'zsh', 'fish'], ['migration.properties']],
  [['godwit', 'run', 'mig'], ['migration.properties', 'migration files'], ['--watch']],
  [['godwit', 'lag', 'mig'], ['migration.properties'], []],
]

for (const shell of ['bash', 'fish']) {
  test(`${shell} completes commands, subcommands, options, choices and files`, { skip: missing(shell) }, () => {
    for (const [words, holds, lacks] of asked) {
      const offered = offers[shell]?.(words).map((word) => word.replaceAll('\\', '').replace(/\/$/, '')) ?? []
      for (const word of holds) assert.ok(offered.includes(word), `${words.join(' ')} -> ${offered.join(', ')}`)
      for (const word of lacks) assert.ok(!offered.includes(word), `${words.join(' ')} -> ${offered.join(', ')}`)
    }
  })
}

const noZsh = missing('zsh') ?? terminalMissing()
test('zsh completes commands, subcommands, options, choices and files', { skip: noZsh }, async () => {
  for (const [words, holds, lacks] of asked) {
    const shown = await zshShows(words, holds)
    // Matches an entry of the list, not a word in the description of another entry.
    for (const word of lacks) assert.doesNotMatch(shown, new RegExp(`(^|  )${word}( {2}|$)`, 'm'), words.join(' '))
  }
})

test('every command and each of its options can be completed', { skip: missing('bash') }, () => {
  for (const { name, options } of commands) {
    const words = name.split(' ')
    const [last = ''] = words.slice(-1)
    assert.ok(offers['bash']?.(['godwit', ...words.slice(0, -1), last]).includes(last), name)
    const offered = offers['bash']?.(['godwit', ...words, '--'])
    for (const option of [...Object.keys(options), 'help'])
      assert.ok(offered?.includes(`--${option}`), `${name} --${option}`)
  }
})

test('a value after an equals sign is completed too: bash passes it as three words', () => {
  assert.deepEqual(offers['bash']?.(['godwit', 'status', '--output', '=', 'j']), ['json'])
  assert.deepEqual(offers['bash']?.(['godwit', 'status', '--output', '=']), ['text', 'json', 'yaml'])
})

test('an unknown shell is refused with the list of supported shells', async () => {
  const { code, out, err } = await godwit(['completion', 'bsah'])
  assert.deepEqual([code, out], [64, ''])
  assert.match(err, /there is no completion for bsah; did you mean bash\?\n {2}remedy: give one of bash, zsh, fish/)
})
