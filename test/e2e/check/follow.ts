// Runs `godwit check` and follows the printed remedies until no finding is left.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding, FindingCode, FlowReport } from '../../../src/preflight/finding.ts'
import { eventually } from '../../harness/eventually.ts'
import { godwit } from '../../harness/godwit.ts'
import { executeCommands } from '../../harness/kafka-tools.ts'
import { codesOf, type Scene, withoutRemedy } from './cases.ts'

const bin = join(import.meta.dirname, '../../../bin')

/** By finding: the action for a remedy that is not a command or a line, but text. */
export type ManualSteps = Readonly<Partial<Record<FindingCode, (finding: Finding) => unknown>>>

export interface Followed {
  readonly scene: Scene
  /** the configuration file */
  readonly file: string
  /** the working directory of commands; it contains the files of administrators */
  readonly folder: string
  readonly manualSteps?: ManualSteps
  /** findings of other scenes that this one provokes too */
  readonly also?: readonly FindingCode[]
  /** findings that this Kafka version cannot provoke */
  readonly except?: readonly FindingCode[]
  /** which findings of the file belong to the scene; default: all */
  readonly isMeant?: (finding: Finding) => boolean
}

/** All findings of all flows of a file. */
export async function findingsOf(file: string): Promise<Finding[]> {
  const { out, err } = await godwit(['check', file, '--output', 'json'])
  assert.ok(out.startsWith('{'), `${out}${err}`)
  const { flows } = JSON.parse(out) as { flows: FlowReport[] }
  return flows.flatMap(({ findings }) => findings)
}

const ROUNDS = 6

/**
 * Checks that exactly the findings of the scene are made, follows their remedies, and checks that they are gone. If two findings
 * print a line with the same key, one is followed, and the other is then reported with a line that contains both. Some findings
 * appear only after others are fixed.
 * @returns all findings that were made
 */
export async function follow(followed: Followed): Promise<readonly Finding[]> {
  const { scene, file, also = [], except = [], isMeant = () => true } = followed
  const look = async () => (await findingsOf(file)).filter(isMeant)
  const all: Finding[] = []
  let left: readonly Finding[] = await look()
  for (let round = 0; left.length > 0; round++) {
    for (const { code, remedies, what } of left)
      if (!withoutRemedy.has(code)) assert.ok(remedies.length > 0, `${code} has no remedy: ${what}`)
    all.push(...left)
    assert.ok(round < ROUNDS, `after ${ROUNDS} rounds there is still: ${JSON.stringify(left, null, 1)}`)
    await carryOut(left, followed)
    const before = texts(left)
    // Brokers know of a change slightly later than the controller.
    left = await eventually(look, (now) => now.length === 0 || texts(now) !== before, 60_000).catch((error: Error) => {
      throw new Error(`${error.message}\nthe file is now\n${readFileSync(file, 'utf8')}`)
    })
  }
  const found = new Set(all.map(({ code }) => code).filter((code) => !also.includes(code)))
  const expected = codesOf(scene).filter((code) => !except.includes(code))
  assert.deepEqual([...found].toSorted(), expected.toSorted(), JSON.stringify(all, null, 1))
  return all
}

const texts = (findings: readonly Finding[]) =>
  JSON.stringify(findings.map(({ code, topic, remedies }) => [code, topic, remedies]))

async function carryOut(findings: readonly Finding[], { file, folder, manualSteps = {} }: Followed): Promise<void> {
  const tools: string[] = []
  const own: string[] = []
  for (const finding of findings) {
    const { code, remedies } = finding
    const mechanical = remedies.filter(({ kind }) => kind === 'command' || kind === 'setting')
    if (mechanical.length === 0) {
      const manualStep = manualSteps[code]
      assert.ok(
        manualStep ?? withoutRemedy.has(code),
        `no action for the remedy of ${code}: ${JSON.stringify(finding)}`,
      )
      await manualStep?.(finding)
    }
    for (const { kind, text } of mechanical) {
      if (kind === 'setting') writeSetting(file, text)
      else (text.startsWith('godwit ') ? own : tools).push(text)
    }
  }
  await executeCommands([...new Set(tools)], folder)
  for (const command of new Set(own)) executeGodwit(command, folder)
}

/** Replaces the line with the same key. */
export function writeSetting(file: string, text: string): void {
  const key = text.slice(0, text.indexOf(' = '))
  const others = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith(`${key} =`) && !line.startsWith(`${key}=`))
  writeFileSync(file, [...others.filter((line) => line !== ''), text, ''].join('\n'))
}

/** Executes a printed godwit command with bash. */
function executeGodwit(command: string, folder: string): void {
  const { status, stderr, stdout } = spawnSync('bash', ['-c', command], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH']}` },
  })
  assert.equal(status, 0, `${command}\n${stdout}${stderr}`)
}
