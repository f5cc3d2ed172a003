// Sends the request that shows whether a broker is ready: Metadata, version 1, no topics.
import { connect } from 'node:net'

const METADATA = 3

/** True if a broker answers on this port and lists at least `brokers` brokers. Never rejects. */
export function answersMetadata(port: number, brokers: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    let got = Buffer.alloc(0)
    const done = (ready: boolean) => {
      socket.destroy()
      resolve(ready)
    }
    socket.setTimeout(2000, () => done(false))
    socket.on('error', () => done(false))
    socket.on('close', () => resolve(false))
    socket.on('connect', () => socket.write(question()))
    socket.on('data', (chunk: Buffer) => {
      got = Buffer.concat([got, chunk])
      if (got.length >= 12) done(got.readInt32BE(8) >= brokers)
    })
  })
}

function question(): Buffer {
  const body = Buffer.alloc(18)
  body.writeInt32BE(14, 0)
  body.writeInt16BE(METADATA, 4)
  body.writeInt16BE(1, 6)
  body.writeInt32BE(1, 8)
  body.writeInt16BE(-1, 12)
  body.writeInt32BE(0, 14)
  return body
}
