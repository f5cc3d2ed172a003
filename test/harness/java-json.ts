// Talks to our Java programs: the request is a line of JSON on their standard input, every line they print is JSON too.
import { type JavaOptions, type JavaProcess, type JavaResult, runJava, startJava } from './java.ts'

/** A cluster that tools can reach: past proxies if `direct` says how. A TestCluster is one. */
export interface Reach {
  readonly bootstrap: string
  readonly direct?: string
  /** client settings, e.g. of a secured listener */
  readonly client?: Readonly<Record<string, string>>
}

/** Asks a program and waits for its end. @throws Error with what it said on stderr */
export async function askJava<Answer>(
  file: string,
  reach: Reach,
  request: object,
  options: JavaOptions = {},
): Promise<Answer[]> {
  const result = await runJava(file, [], { ...options, stdin: requestLine(reach, request) })
  return answersOf(file, result)
}

/** Starts a program that goes on until `child.stdin` is ended. */
export function startAsking(file: string, reach: Reach, request: object, options: JavaOptions): Promise<JavaProcess> {
  return startJava(file, [], { ...options, interactive: true, stdin: requestLine(reach, request) })
}

/** The lines that it printed. @throws Error when it failed */
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
