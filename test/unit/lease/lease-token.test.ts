// Which member gets the lease: a pure function with the same result in every member of the group.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Candidate,
  claimBytes,
  holderBytes,
  holderOf,
  holders,
  parseClaim,
  parseHolder,
} from '../../../src/lease/lease-token.ts'

const claim = fc.record(
  { flow: fc.constant('a->b'), active: fc.boolean(), since: fc.nat(5), who: fc.string() },
  { noNullPrototype: true },
)
const candidates = fc.uniqueArray(fc.record({ memberId: fc.string({ minLength: 1 }), claim }), {
  minLength: 1,
  selector: (one: Candidate) => one.memberId,
})

test('the order of the members does not matter', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      assert.deepEqual(holderOf(list), holderOf([...list].reverse()))
    }),
  )
})

test('a holder keeps the lease when others join, unless another has held it longer', () => {
  fc.assert(
    fc.property(candidates, (list) => {
      const holder = list.find((one) => one.memberId === holderOf(list)?.memberId)
      const active = list.filter((one) => one.claim.active)
      if (active.length === 0) return
      assert.equal(holder?.claim.active, true)
      assert.equal(holder.claim.since, Math.min(...active.map((one) => one.claim.since)))
    }),
  )
})

test('flows that share a group have separate leases, and no flow gets that of another', () => {
  const flows = fc.constantFrom('a->c', 'b->c', 'd->c')
  const member = fc.record({ memberId: fc.string({ minLength: 1 }), flow: flows, claim })
  fc.assert(
    fc.property(fc.uniqueArray(member, { selector: ({ memberId }) => memberId }), (list) => {
      const all = list.map(({ memberId, flow, claim }) => ({ memberId, claim: { ...claim, flow } }))
      const found = holders(all)
      assert.equal(found.size, all.length)
      for (const { memberId, claim } of all) {
        assert.deepEqual(found.get(memberId), holderOf(all.filter((one) => one.claim.flow === claim.flow)))
      }
    }),
  )
})

test('without candidates there is no holder', () => {
  assert.equal(holderOf([]), undefined)
})

test('claims and holders are encoded and decoded unchanged', () => {
  fc.assert(
    fc.property(claim, fc.string(), (one, memberId) => {
      assert.deepEqual(parseClaim(claimBytes(one)), one)
      assert.deepEqual(parseHolder(holderBytes({ memberId, who: one.who })), { memberId, who: one.who })
    }),
  )
})

test('unknown bytes contain no claim and no holder, and cause no exception', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        const read = parseClaim(Buffer.from(bytes))
        assert.equal(typeof read.active, 'boolean')
        assert.equal(typeof read.since, 'number')
        const holder = parseHolder(Buffer.from(bytes))
        assert.ok(holder === undefined || typeof holder.memberId === 'string')
      },
    ),
  )
  assert.equal(parseHolder(Buffer.alloc(0)), undefined)
  assert.equal(parseClaim(Buffer.from('null')).active, false)
})
