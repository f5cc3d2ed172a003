import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Level, Secret } from '../../../src/base/logger.ts'
import { createLogger, type LogFormat } from '../../../src/cli/log-writer.ts'

function written(format: LogFormat, level: Level = 'info') {
  const lines: string[] = []
  const log = createLogger({ format, level, write: (line) => void lines.push(line), now: () => 1_700_000_000_123 })
  return { lines, log }
}

test('a JSON line has time, level, message and the fields of all parents, with offsets as numbers', () => {
  const { lines, log } = written('json')
  log.child({ flow: 'old->new' }).child({ topic: 'orders' }).warn('partition waits', { offset: 42n, gone: undefined })
  assert.deepEqual(lines, [
    '{"time":"2023-11-14T22:13:20.123Z","level":"warn","message":"partition waits","flow":"old->new","topic":"orders","offset":42}',
  ])
})

test('an offset too large for an exact JSON number is written as text', () => {
  const { lines, log } = written('json')
  log.info('far', { offset: 9_223_372_036_854_775_807n })
  assert.equal(JSON.parse(lines[0] ?? '').offset, '9223372036854775807')
})

test('a field cannot replace time, level or message', () => {
  const { lines, log } = written('json')
  log.info('true', { message: 'forged', level: 'error', time: 0 })
  assert.deepEqual(JSON.parse(lines[0] ?? ''), { time: '2023-11-14T22:13:20.123Z', level: 'info', message: 'true' })
})

test('messages below the level are not written', () => {
  for (const [level, count] of [
    ['error', 1],
    ['warn', 2],
    ['info', 3],
    ['debug', 4],
    ['trace', 4],
  ] as const) {
    const { lines, log } = written('json', level)
    log.error('e')
    log.warn('w')
    log.info('i')
    log.debug('d')
    assert.equal(lines.length, count, level)
  }
})

test('a text line has clock, level, sentence and fields, with quotes only where needed', () => {
  const { lines, log } = written('text')
  log.warn('target does not answer', { cluster: 'new', reason: 'connect ECONNREFUSED 10.0.0.1:9092', tries: 3 })
  assert.equal(
    lines[0],
    '22:13:20.123 WARN  target does not answer cluster=new reason="connect ECONNREFUSED 10.0.0.1:9092" tries=3',
  )
})

test('a log entry stays one line, whatever a message or field contains', () => {
  for (const format of ['json', 'text'] as const) {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, value) => {
        const { lines, log } = written(format)
        log.error(message, { value })
        assert.equal(lines.length, 1)
        assert.doesNotMatch(lines[0] ?? '', /[\n\r]/)
      }),
    )
  }
})

test('a secret is never written', () => {
  for (const format of ['json', 'text'] as const) {
    const { lines, log } = written(format)
    log.info('x', { password: new Secret('hunter2') as unknown as string })
    assert.doesNotMatch(lines[0] ?? '', /hunter2/)
    assert.match(lines[0] ?? '', /\[secret\]/)
  }
})
