// The subjects of generated records. The field names of `pizza` are those of the data generator that migration guides use.
import { faker } from '@faker-js/faker/locale/en'

/** One generated record: its key, and its value before conversion to JSON. */
export interface Invented {
  readonly key: string
  readonly value: Readonly<Record<string, unknown>>
}

export interface Subject {
  readonly doc: string
  /** The `n`th record, from 0, at `now` (ms since the epoch). */
  readonly invent: (n: number, now: number) => Invented
}

const shops = ['Marios Pizza', 'Luigis Pizza', 'Circular Pi Pizzeria', 'Ill Make You a Pizza', 'Its-a me! Mario Pizza!']
const pizzas = ['Margherita', 'Marinara', 'Diavola', 'Mari & Monti', 'Salami', 'Peperoni']
const toppings = ['tomato', 'mozzarella', 'blue cheese', 'salami', 'green peppers', 'ham', 'olives', 'garlic', 'tuna']
const pages = ['home', 'search', 'product', 'cart', 'checkout', 'account']
const actions = ['view', 'scroll', 'click', 'hover', 'leave']
const symbols = ['ARMD', 'BLUE', 'CORE', 'DELT', 'ECHO', 'FOXT']
const outcomes = ['win', 'draw', 'lose']

const orderedPizza = () => ({
  pizzaName: faker.helpers.arrayElement(pizzas),
  additionalToppings: faker.helpers.arrayElements(toppings, { min: 0, max: 5 }),
})

function pizza(n: number, now: number): Invented {
  const shop = faker.helpers.arrayElement(shops)
  const value = {
    id: n,
    shop,
    name: faker.person.fullName(),
    phoneNumber: faker.phone.number(),
    address: faker.location.streetAddress({ useFullAddress: true }),
    pizzas: Array.from({ length: faker.number.int({ min: 1, max: 9 }) }, orderedPizza),
    timestamp: now,
  }
  return { key: JSON.stringify({ shop }), value }
}

function userBehaviour(n: number, now: number): Invented {
  const user = faker.number.int({ min: 1, max: 5000 })
  const value = {
    id: n,
    user,
    page: faker.helpers.arrayElement(pages),
    action: faker.helpers.arrayElement(actions),
    agent: faker.internet.userAgent(),
    address: faker.internet.ip(),
    timestamp: now,
  }
  return { key: JSON.stringify({ user }), value }
}

function stock(n: number, now: number): Invented {
  const symbol = faker.helpers.arrayElement(symbols)
  const price = faker.number.float({ min: 5, max: 500, fractionDigits: 2 })
  return { key: JSON.stringify({ symbol }), value: { id: n, symbol, price, timestamp: now } }
}

function metric(n: number, now: number): Invented {
  const host = `host-${faker.number.int({ min: 1, max: 40 })}`
  const usage = faker.number.float({ min: 0, max: 100, fractionDigits: 1 })
  return { key: JSON.stringify({ host }), value: { id: n, host, cpu: `cpu${n % 8}`, usage, timestamp: now } }
}

function bets(n: number, now: number): Invented {
  const player = faker.internet.username()
  const amount = faker.number.int({ min: 1, max: 500 })
  const value = { id: n, player, match: n % 30, bet: faker.helpers.arrayElement(outcomes), amount, timestamp: now }
  return { key: JSON.stringify({ player }), value }
}

export const subjects: Readonly<Record<string, Subject>> = {
  pizza: { doc: 'pizza orders, about 500 bytes each', invent: pizza },
  userbehaviour: { doc: 'actions of visitors of a web site', invent: userBehaviour },
  stock: { doc: 'share prices, small records with few keys', invent: stock },
  metric: { doc: 'CPU usage of forty hosts', invent: metric },
  userbets: { doc: 'bets on matches, nearly all keys different', invent: bets },
}

/** Makes all records generated from here on repeatable. */
export function seed(number: number): void {
  faker.seed(number)
}
