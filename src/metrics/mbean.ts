// The description of an MBean, independent of the exporters that translate its name.

export interface Attribute<V> {
  /** JMX name: `record-count` */
  readonly name: string
  /** its meaning in godwit */
  readonly help: string
  readonly value: (view: V) => number
}

/** A kind of MBean. Each MBean of the kind has a value for every tag; `V` is the view that attributes are read from. */
export interface MBean<V> {
  readonly domain: string
  readonly type: string
  readonly tags: readonly string[]
  readonly attributes: readonly Attribute<V>[]
  /** its attribute is text, which exporters turn into a label of a series with the constant value 1 */
  readonly isText?: boolean
}

/** @param attributes each with its JMX name, its meaning in godwit, and how its value is read */
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

/** The time window of Kafka's windowed statistics, for help texts. */
export const window = 'over the last 30 to 60 s'
