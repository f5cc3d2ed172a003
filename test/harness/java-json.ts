// Exchanges JSON with our Java programs: the request is a line on their standard input, and every line they print is JSON.
import { type JavaOptions, type JavaProcess, type JavaResult, runJava, startJava } from './java.ts'

/** The addresses of a cluster for tools; `direct` bypasses proxies. A TestCluster has this shape. */
export interface Reach {
  readonly bootstrap: string
  readonly direct?: string
  /** client settings, for example of a secured listener */
  readonly client?: Readonly<Record<string, string>>
}

/** Runs a program with a request until it ends. @throws Error with its error output */
export async function askJava<Answer>(
  file: string,
  reach: Reach,
  request: object,
  options: JavaOptions = {},
): Promise<Answer[]> {
  const result = await runJava(file, [], { ...options, stdin: requestLine(reach, request) })
  return answersOf(file, result)
}

/** Starts a program that runs until `child.stdin` is closed. */
export function startAsking(file: string, reach: Reach, request: object, options: JavaOptions): Promise<JavaProcess> {
  return startJava(file, [], { ...options, interactive: true, stdin: requestLine(reach, request) })
}

/** The answers that it printed. @throws Error if the program failed */
export function answersOf<Answer>(file: string, { code, stdout, stderr }: JavaResult): Answer[] {
  if (code !== 0) throw new Error(`${file} failed (${code}): ${stderr.slice(-3000)}${stdout.slice(-1000)}`)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Answer)
}

function requestLine({ bootstrap, direct, client }: Reach, request: object): string {
  return `${JSON.stringify({ bootstrap: direct ?? bootstrap, client: client ?? {}, ...request })}\n`
}
