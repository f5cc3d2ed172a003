// Prepares a broker's error message for quoting in a sentence: one line, without printed Java objects.

/** The longest message that is quoted whole (characters); broker messages can contain names and values of any length. */
const LONGEST = 500

/**
 * A broker's message without raw Java: `Request(processor=0, connectionId=...)` becomes `the request`, `ConfigResource(type=TOPIC,
 * name='x')` becomes `topic x`, names of exception classes are removed. White space becomes single blanks; a long message is
 * shortened in the middle. Empty if nothing remains.
 */
export function cleanBrokerMessage(message: string): string {
  const line = withoutObjects(message.replaceAll(/\s+/g, ' '))
    .replaceAll(/\b(?:[a-z_]\w*\.){2,}[A-Z]\w*(?:Exception|Error)(?::\s*)?/g, '')
    .replaceAll(/\b[Rr]equest the request\b/g, 'the request')
    .trim()
  if (line.length <= LONGEST) return line
  const half = Math.floor((LONGEST - 5) / 2)
  return `${line.slice(0, half)} ... ${line.slice(-half)}`
}

/** The start of a printed Java object: its class, then its fields in parentheses or braces, which can be nested. */
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

/** The index after the parenthesis that closes the one at `from`, or the end of the text. */
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
  // The class name as words: `TopicPartition` becomes `the topic partition`.
  return `the ${name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()}`
}
