// `sasl.jaas.config`: one login module with its options, read as by Kafka with Java's StreamTokenizer.

export interface LoginModule {
  readonly name: string
  readonly options: ReadonlyMap<string, string>
  /** options whose value lost a backslash escape, a common mistake in passwords */
  readonly unescaped: readonly string[]
}

/** A one-sentence description of an invalid line. It never quotes a value. */
export class JaasError extends Error {}

interface Token {
  readonly kind: 'word' | 'quoted' | 'number' | 'sign'
  readonly text: string
  readonly hadEscape: boolean
}

/** The only login module of the line. @throws JaasError */
export function parseJaas(line: string): LoginModule {
  const tokens = tokenize(line)
  const [first, flag] = tokens
  if (first === undefined) throw new JaasError('names no login module')
  if (flag === undefined) throw new JaasError('lacks the control flag (required) behind the login module')
  if (!/^(?:required|requisite|sufficient|optional)$/i.test(flag.text)) {
    throw new JaasError('has no control flag (required) behind the login module')
  }
  const end = tokens.findIndex((token, at) => at > 1 && isSign(token, ';'))
  const options = readOptions(tokens.slice(2, end === -1 ? undefined : end))
  if (end === -1) throw new JaasError('does not end with a semicolon')
  if (end + 1 < tokens.length) throw new JaasError('holds more than one login module')
  if (!isText(first) || first.text === '') throw new JaasError('names no login module')
  return { name: first.text, ...options }
}

function readOptions(tokens: readonly Token[]): Pick<LoginModule, 'options' | 'unescaped'> {
  const options = new Map<string, string>()
  const unescaped: string[] = []
  for (let at = 0; at < tokens.length; at += 3) {
    const [key, equals, value] = tokens.slice(at, at + 3)
    const name = key !== undefined && isText(key) ? key.text : 'null'
    if (equals === undefined || !isSign(equals, '=') || value === undefined || !isText(value)) {
      throw new JaasError(
        `gives no value for ${JSON.stringify(name)}; a value needs quotation marks unless it is one word`,
      )
    }
    options.set(name, value.text)
    if (value.hadEscape) unescaped.push(name)
  }
  return { options, unescaped }
}

const isSign = ({ kind, text }: Token, sign: string) => kind === 'sign' && text === sign
const isText = ({ kind }: Token) => kind === 'word' || kind === 'quoted'
const isWordChar = (c: string) => /^[A-Za-z0-9._$\-\u00a0-\uffff]$/.test(c)

function tokenize(line: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < line.length) {
    const c = line.charAt(at)
    if (c <= ' ') at++
    else if (c === '/') at = behindComment(line, at)
    else {
      const { token, end } = readToken(line, at)
      tokens.push(token)
      at = end
    }
  }
  return tokens
}

/** A slash starts a comment: to the end of the line, or from slash-star to star-slash. */
function behindComment(line: string, at: number): number {
  if (line.charAt(at + 1) === '*') {
    const end = line.indexOf('*/', at + 2)
    return end === -1 ? line.length : end + 2
  }
  const end = line.slice(at).search(/[\r\n]/)
  return end === -1 ? line.length : at + end
}

function readToken(line: string, at: number): { token: Token; end: number } {
  const c = line.charAt(at)
  if (c === '"' || c === "'") return readQuoted(line, at)
  const number = /^-?[0-9.]+/.exec(line.slice(at))?.[0]
  if (number !== undefined && number !== '-') return plain('number', number, at)
  if (c === '-' || !isWordChar(c)) return plain('sign', c, at)
  let end = at
  while (end < line.length && isWordChar(line.charAt(end))) end++
  return plain('word', line.slice(at, end), at)
}

const plain = (kind: Token['kind'], text: string, at: number) => ({
  token: { kind, text, hadEscape: false },
  end: at + text.length,
})

const cEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

/** A string ends at its quotation mark, at a line break, or at the end of the text. */
function readQuoted(line: string, at: number): { token: Token; end: number } {
  const mark = line.charAt(at)
  let text = ''
  let hadEscape = false
  let end = at + 1
  for (; end < line.length && !/[\r\n]/.test(line.charAt(end)) && line.charAt(end) !== mark; end++) {
    const c = line.charAt(end)
    if (c !== '\\') {
      text += c
      continue
    }
    const octal = /^(?:[0-3][0-7]{0,2}|[0-7]{1,2})/.exec(line.slice(end + 1))?.[0]
    const next = line.charAt(end + 1)
    hadEscape ||= next !== '"' && next !== "'" && next !== '\\'
    text += octal === undefined ? (cEscapes[next] ?? next) : String.fromCharCode(Number.parseInt(octal, 8))
    end += octal?.length ?? 1
  }
  return { token: { kind: 'quoted', text, hadEscape }, end: line.charAt(end) === mark ? end + 1 : end }
}
