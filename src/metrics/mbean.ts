// What an MBean is, before an exporter names it.

export interface Attribute<V> {
  /** as JMX has it: `record-count` */
  readonly name: string
  /** what it stands for in godwit */
  readonly help: string
  readonly value: (view: V) => number
}

/** A kind of MBean; each of them has a value for every tag. `V`: what its values are read from. */
export interface MBean<V> {
  readonly domain: string
  readonly type: string
  readonly tags: readonly string[]
  readonly attributes: readonly Attribute<V>[]
  /** its attribute is a text, which exporters turn into a label of a series that is always 1 */
  readonly isText?: boolean
}

/** @param attributes each with its name as JMX has it, what it stands for in godwit, and how its value is read */
export const bean = <V>(
  domain: string,
  type: string,
  tags: readonly string[],
  attributes: readonly (readonly [name: string, help: string, value: (view: V) => number])[],
): MBean<V> => ({
  domain,
  type,
  tags,
  attributes: attributes.map(([name, help, value]) => ({ name, help, value })),
})

/** How Kafka's windowed figures are described. */
export const window = 'over the last 30 to 60 s'
