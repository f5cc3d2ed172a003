// Connects to the first address that works, whatever the others do.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../../src/base/failure.ts'
import { firstOf } from '../../../src/kafka/connection/first-of.ts'

const never = () => new Promise<string>(() => {})
const unreachable = (name: string) => () => Promise.reject(new Failure('BROKER_UNREACHABLE', name))

test('a failed attempt is followed by the next at once', async () => {
  assert.equal(await firstOf([unreachable('a'), unreachable('b'), () => Promise.resolve('c')], 60_000), 'c')
})

test('an attempt without an answer is followed by the next after a while', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const first = firstOf([never, () => Promise.resolve('b')], 400)
  t.mock.timers.tick(399)
  let isDone = false
  void first.then(() => {
    isDone = true
  })
  await Promise.resolve()
  assert.equal(isDone, false)
  t.mock.timers.tick(1)
  assert.equal(await first, 'b')
})

test('a slow first attempt may still succeed, and no later attempt is started then', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const slow = Promise.withResolvers<string>()
  let begun = 0
  const later = () => {
    begun++
    return never()
  }
  const first = firstOf([() => slow.promise, later, later], 400)
  t.mock.timers.tick(400)
  slow.resolve('a')
  assert.equal(await first, 'a')
  t.mock.timers.tick(10_000)
  assert.equal(begun, 1)
})

test('if all fail, a failure that the user must fix is reported rather than a temporary one', async () => {
  const refused = () => Promise.reject(new Failure('AUTHENTICATION_FAILED', 'wrong password'))
  await assert.rejects(firstOf([unreachable('a'), refused, unreachable('c')], 1), /wrong password/)
  await assert.rejects(firstOf([unreachable('a'), unreachable('b')], 1), /^Failure: a$/)
  await assert.rejects(firstOf([], 1), /no address/)
})
