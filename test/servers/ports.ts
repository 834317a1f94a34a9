/** What the test servers share: a free port, and waiting with an end. */

import { createServer } from 'node:net'

/** A port that nobody listens on at this moment. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Asks again and again until it is so. @throws Error when the time is over */
export async function until(milliseconds: number, isSo: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + milliseconds
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`not so within ${milliseconds} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
