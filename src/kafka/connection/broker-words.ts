// The message of a broker's error answer as a sentence may quote it: one line, without what Java prints of its own objects.

/** The longest message that is quoted whole (characters); brokers quote names and values of any length. */
const LONGEST = 500

/**
 * A broker's message without raw Java: `Request(processor=0, connectionId=...)` is `the request`, `ConfigResource(type=TOPIC,
 * name='x')` is `topic x`, names of exception classes go. Blanks and line ends become one blank; what is too long loses its
 * middle. Empty when nothing is left.
 */
export function brokerWords(message: string): string {
  const line = withoutObjects(message.replaceAll(/\s+/g, ' '))
    .replaceAll(/\b(?:[a-z_]\w*\.){2,}[A-Z]\w*(?:Exception|Error)(?::\s*)?/g, '')
    .replaceAll(/\b[Rr]equest the request\b/g, 'the request')
    .trim()
  if (line.length <= LONGEST) return line
  const half = Math.floor((LONGEST - 5) / 2)
  return `${line.slice(0, half)} ... ${line.slice(-half)}`
}

/** How Java prints an object: its class and its fields, in parentheses or braces that may hold others. */
const beginning = /\b([A-Z]\w*)([({])(?=\w+\s*=)/

function withoutObjects(text: string): string {
  let rest = text
  let clean = ''
  for (let found = beginning.exec(rest); found; found = beginning.exec(rest)) {
    const [, name = '', open = '('] = found
    const from = found.index + name.length
    const to = endOf(rest, from, open)
    clean += rest.slice(0, found.index) + wordsFor(name, rest.slice(from + 1, to - 1))
    rest = rest.slice(to)
  }
  return clean + rest
}

/** Behind the parenthesis that closes the one at `from`; the end of the text where none does. */
function endOf(text: string, from: number, open: string): number {
  const close = open === '(' ? ')' : '}'
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++
    if (text[at] === close && --depth === 0) return at + 1
  }
  return text.length
}

function wordsFor(name: string, fields: string): string {
  const named = /\bname='([^']*)'/.exec(fields)?.[1]
  const type = /\btype=(\w+)/.exec(fields)?.[1]
  if (name === 'ConfigResource' && named !== undefined && type !== undefined) return `${type.toLowerCase()} ${named}`
  // `TopicPartition`, `ConfigResource`: the class in words says what it was.
  return `the ${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()}`
}
