// SCRAM as defined in RFC 5802 and RFC 7677, and as Kafka's server expects it.
import assert from 'node:assert/strict'
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../../../src/base/failure.ts'
import { type ScramHash, scram } from '../../../src/kafka/connection/scram.ts'

/** Returns answers from a list, and records what was sent. */
function scripted(...answers: readonly string[]) {
  const sent: string[] = []
  const exchange = (bytes: Buffer) => {
    sent.push(bytes.toString())
    return Promise.resolve(Buffer.from(answers[sent.length - 1] ?? ''))
  }
  return { sent, exchange }
}

/** A server written from the RFC, independent of the client: verifies the proof and signs. */
function server(hash: ScramHash, name: string, password: string) {
  const length = hash === 'sha256' ? 32 : 64
  const salt = Buffer.from('0123456789abcdef')
  const salted = pbkdf2Sync(password, salt, 4096, length, hash)
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
  const stored = createHash(hash).update(hmac(salted, 'Client Key')).digest()
  let [bare, first] = ['', '']
  return (bytes: Buffer): Promise<Buffer> => {
    const text = bytes.toString()
    if (first === '') {
      bare = text.slice(3)
      const [user, nonce] = [bare.slice(2, bare.indexOf(',r=')), bare.slice(bare.indexOf(',r=') + 3)]
      assert.match(user, /^(?:[^,=]|=2C|=3D)*$/su)
      assert.equal(user.replaceAll('=2C', ',').replaceAll('=3D', '='), name)
      first = `r=${nonce}server,s=${salt.toString('base64')},i=4096`
      return Promise.resolve(Buffer.from(first))
    }
    const at = text.lastIndexOf(',p=')
    const signed = `${bare},${first},${text.slice(0, at)}`
    const signature = hmac(stored, signed)
    const key = Buffer.from(Buffer.from(text.slice(at + 3), 'base64').map((byte, i) => byte ^ (signature[i] ?? 0)))
    if (!createHash(hash).update(key).digest().equals(stored)) return Promise.resolve(Buffer.from('e=invalid-proof'))
    return Promise.resolve(Buffer.from(`v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`))
  }
}

const user = { name: 'user', password: 'pencil' }
const rfcNonce = 'rOprNGfwEbeRWgbNEkqO'
const rfcFirst = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
const rfcFinal = 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

test('the exchange of RFC 7677 is reproduced byte for byte', async () => {
  const { sent, exchange } = scripted(rfcFirst, rfcFinal)
  await scram('sha256', user, exchange, rfcNonce)
  assert.deepEqual(sent, [
    'n,,n=user,r=rOprNGfwEbeRWgbNEkqO',
    'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
  ])
})

test('any user name and password is accepted by a server that knows them, with either hash', async () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((one) => one.isWellFormed())
  const tricky = fc.oneof(text, fc.constantFrom('a,b,c', '=2C', 'a=b=c', ',,==', 'J\u00fcrgen', '\u{1f600},='))
  const hashes = fc.constantFrom<ScramHash>('sha256', 'sha512')
  await fc.assert(
    fc.asyncProperty(tricky, tricky, hashes, (name, password, hash) =>
      scram(hash, { name, password }, server(hash, name, password)),
    ),
    { numRuns: 40 },
  )
})

test('a wrong password is refused', async () => {
  const attempt = scram('sha512', { name: 'user', password: 'wrong' }, server('sha512', 'user', 'pencil'))
  await assert.rejects(attempt, isRefusal(/invalid-proof/))
})

const wrongAnswers: readonly (readonly [title: string, first: string, final: string, says: RegExp])[] = [
  ['a server that does not know the password', rfcFirst, 'v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=', /prove/],
  ['a server that signs nothing', rfcFirst, '', /prove/],
  ['a server that repeats another nonce', rfcFirst.replace('rOpr', 'xxxx'), '', /nonce/],
  ['a server that adds nothing to the nonce', `r=${rfcNonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`, '', /nonce/],
  ['a server without salt', rfcFirst.replace(/s=[^,]*/, 's='), '', /salt/],
  ['a server that asks for few iterations', rfcFirst.replace('4096', '4095'), '', /4095 iterations/],
  ['a server that would keep us busy for ever', rfcFirst.replace('4096', '4096000000'), '', /iterations/],
  ['a server that refuses at once', 'e=unknown-user', '', /unknown-user/],
  ['an answer that is no SCRAM at all', 'HTTP/1.1 400 Bad Request', '', /nonce/],
  ['an empty answer', '', '', /nonce/],
]
for (const [title, first, final, says] of wrongAnswers) {
  test(`${title} fails the login, with a Failure`, async () => {
    await assert.rejects(scram('sha256', user, scripted(first, final).exchange, rfcNonce), isRefusal(says))
  })
}

test('any answer of a server causes only Failures', async () => {
  const answer = fc.string({ unit: 'binary', maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(answer, answer, async (first, final) => {
      await assert.rejects(scram('sha256', user, scripted(first, final).exchange, rfcNonce), Failure)
    }),
  )
})

function isRefusal(says: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof Failure)
    assert.equal(error.code, 'AUTHENTICATION_FAILED')
    assert.match(error.message, says)
    return true
  }
}
