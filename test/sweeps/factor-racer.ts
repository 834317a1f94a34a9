/** A process that gives answers when it is told to: URL of the database, and its schema or prefix. */

import { connected } from '../stores/connected.ts'
import { factorsOf, type Volley } from './factors.ts'

const [url = '', where = ''] = process.argv.slice(2)
const { store, close } = await connected(url, where)
const { racer } = factorsOf(store)
process.on('message', async (volley: Volley) => process.send?.(await racer(volley)))
process.once('disconnect', close)
process.send?.('ready')
