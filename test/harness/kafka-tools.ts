// Executes the commands that godwit prints for an operator (kafka-acls.sh and similar tools), with the tools' real main classes.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runJava } from './java.ts'
import { answersOf } from './java-json.ts'
import { NEWEST } from './kafka-jars.ts'

const classes: Readonly<Record<string, string>> = {
  'kafka-acls.sh': 'org.apache.kafka.tools.AclCommand',
  'kafka-configs.sh': 'kafka.admin.ConfigCommand',
  'kafka-features.sh': 'org.apache.kafka.tools.FeatureCommand',
  'kafka-topics.sh': 'org.apache.kafka.tools.TopicCommand',
  'kafka-transactions.sh': 'org.apache.kafka.tools.TransactionsCommand',
}

/**
 * Executes the lines in order.
 * @returns the output of each
 * @param folder the directory for relative file names
 * @throws Error with the output of the first command that failed
 */
export async function executeCommands(lines: readonly string[], folder: string): Promise<string[]> {
  if (lines.length === 0) return []
  const commands = lines.map((line) => {
    const [tool = '', ...words] = wordsOf(line)
    const main = classes[tool]
    if (!main) throw new Error(`unknown tool ${tool} of: ${line}`)
    return [main, ...words.map((word, at) => (words[at - 1] === '--command-config' ? join(folder, word) : word))]
  })
  // File names are relative to the shell's folder. A JVM cannot change its working directory.
  const answers = answersOf<{ code: number; out: string }>(
    'Tools.java',
    await runJava('Tools.java', [], { version: NEWEST, stdin: `${JSON.stringify({ commands })}\n` }),
  )
  for (const [at, line] of lines.entries()) {
    const { code, out } = answers[at] ?? { code: 1, out: 'it was not executed' }
    if (code !== 0) throw new Error(`${line}\nended with ${code}: ${out}`)
  }
  return answers.map(({ out }) => out)
}

/** Writes the --command-config file of an administrator. */
export function writeAdminFile(folder: string, alias: string, client: Readonly<Record<string, string>> = {}): void {
  const lines = Object.entries(client).map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
  writeFileSync(join(folder, `${alias}-admin.properties`), lines.join(''))
}

/** Splits a line into words as a shell does: at blanks, without quotes. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'((?:[^']|'\\'')*)'|(\S+))/g)].map(([, quoted, plain]) =>
    (quoted ?? plain ?? '').replaceAll("'\\''", "'"),
  )
}
