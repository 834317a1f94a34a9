/** A process that adds checkpoints to a file: path, who it is, and how many. */

import { fileCheckpoints } from '@pilvi/privacy/node'

const [path = '', who = '', count = '0'] = process.argv.slice(2)
const sink = fileCheckpoints(path)
for (let n = 1; n <= Number(count); n++) {
  const size = Number(who) * 10_000 + n
  await sink.put({ tenant: 'pilvi', note: `o/pilvi\n${size}\n${'A'.repeat(43)}=\n\n— o/pilvi AAAAAAAA\n` })
}
