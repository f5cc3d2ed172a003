// Reads settings from Juju, with its command, and from Connect, with its REST API.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Failure, sentenceOf } from '../base/failure.ts'
import type { ConnectorConfig } from './connectors.ts'
import { tree } from './tree.ts'

const run = promisify(execFile)
const WITHIN_MS = 20_000

/**
 * Juju's output about a unit, and about the secrets that its relation names. @param unit e.g. data-integrator/0
 * @returns texts for draftsOf @throws Failure CONFIG_INVALID when juju is missing or refuses
 */
export async function askJuju(unit: string, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const shown = await juju(['show-unit', unit, '--format', 'json'], environment)
  const ids = [...shown.matchAll(/"secret-(?:user|tls)":\s*"secret:(?:\/\/)?([^"]+)"/g)].map(
    ([, id = '']) => id.split('/').at(-1) ?? '',
  )
  const secrets = [...new Set(ids)].map((id) => juju(['show-secret', '--reveal', id, '--format', 'json'], environment))
  return [shown, ...(await Promise.all(secrets))]
}

async function juju(words: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const line = `juju ${words.join(' ')}`
  try {
    return (await run('juju', words, { env: environment, timeout: WITHIN_MS, maxBuffer: 16e6 })).stdout
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT'
    const said = String((cause as { stderr?: unknown }).stderr ?? '').trim()
    const sentence = isMissing ? 'juju is not installed here' : `'${line}' failed${said ? `: ${said}` : ''}`
    throw new Failure('CONFIG_INVALID', sentence, {
      remedy: `run '${line}' where juju works, and give the file with its output`,
    })
  }
}

/** Connectors of a Connect cluster with their configurations. @param url http://HOST:8083 @throws Failure when it does not answer as Connect does */
export async function askConnect(url: string, signal: AbortSignal): Promise<ConnectorConfig[]> {
  const address = new URL('connectors?expand=info', url.endsWith('/') ? url : `${url}/`)
  const { username, password } = address
  address.username = address.password = ''
  const login = username === '' ? {} : { authorization: `Basic ${btoa(`${decoded(username)}:${decoded(password)}`)}` }
  const answer = await fetch(address, {
    headers: login,
    signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
  })
    .then(async (response) => ({ ok: response.ok, status: response.status, body: await response.text() }))
    .catch((cause: unknown) => {
      const remedy = 'give the address of a Connect worker, http://HOST:8083'
      throw new Failure('BROKER_UNREACHABLE', `${address.origin} does not answer: ${reason(cause)}`, { remedy })
    })
  if (!answer.ok) {
    const remedy =
      answer.status === 401 ? 'write http://USER:PASSWORD@HOST:8083' : 'check that a Connect worker listens there'
    throw new Failure('CONFIG_INVALID', `${address.origin} answered with ${answer.status}`, { remedy })
  }
  return connectorsIn(answer.body, address.origin)
}

const decoded = (text: string) => decodeURIComponent(text)
const reason = (error: unknown) => sentenceOf(error instanceof Error && error.cause ? error.cause : error)

function connectorsIn(body: string, from: string): ConnectorConfig[] {
  try {
    const connectors = tree(JSON.parse(body))
    return Object.entries(connectors).map(([name, value]) => ({
      name,
      config: Object.fromEntries(
        Object.entries(tree(tree(tree(value)['info'])['config'])).map(([key, text]) => [key, String(text)]),
      ),
    }))
  } catch (cause) {
    const remedy = 'check that a Connect worker listens there'
    throw new Failure('CONFIG_INVALID', `${from} does not answer as Connect does`, { remedy, cause })
  }
}
