/**
 * What `pilvi-privacy stats` writes of 10,000 real lines, searched for everything in them that could tell of a visitor.
 * The two files are read back from the disk, as whoever publishes them has them.
 */

import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { fixedEnvironment } from '@pilvi/privacy/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { processIo } from '../../src/cli/io.ts'
import { main } from '../../src/cli/main.ts'
import { pilviPolicy } from '../../src/policy/pilvi.ts'
import { Anonymiser } from '../../src/usage/anonymise.ts'
import { LineParser } from '../../src/usage/parse.ts'
import { registrableDomain } from '../../src/usage/referrer.ts'
import { Partial } from '../../src/usage/tally.ts'

const path = fileURLToPath(new URL('../../../shared/data/access-apache-combined.log', import.meta.url))
const present = existsSync(path)
const environment = () => fixedEnvironment({ at: '2026-06-01T12:00:00.000Z', seed: 4 })

/** Runs the command on the log with the real files of this process, and gives what it printed and wrote. */
async function stats(dir: string, language: 'en' | 'fi') {
  const printed: string[] = []
  const said: string[] = []
  const io = {
    ...processIo(),
    environment: environment(),
    stdout: (text: string) => void printed.push(text),
    stderr: (text: string) => void said.push(text),
    isTerminal: false,
  }
  const [json, out] = [join(dir, `${language}.json`), join(dir, `${language}.html`)]
  const code = await main(['stats', path, '--json', json, '--out', out, '--lang', language], io)
  const files = [readFileSync(json, 'utf8'), readFileSync(out, 'utf8')] as const
  return { code, printed: printed.join(''), said: said.join(''), files }
}

describe.skipIf(!present)(
  `stats on 10,000 real lines${present ? '' : ' (../shared/data is not here: skipped)'}`,
  () => {
    const text = present ? readFileSync(path, 'latin1') : ''
    const all = text.split('\n').slice(0, -1)
    const hosts = [...new Set(all.map((each) => each.slice(0, each.indexOf(' '))))]
    const quoted = all.map((each) =>
      [...each.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, inner = '']) => inner),
    )
    let dir = ''
    let made: Awaited<ReturnType<typeof stats>>[] = []
    beforeAll(async () => {
      dir = await mkdtemp(join(tmpdir(), 'pilvi-leaks-'))
      made = [await stats(dir, 'en'), await stats(dir, 'fi')]
    })
    afterAll(() => rm(dir, { recursive: true, force: true }))

    const found = (needles: Iterable<string>): string[] => {
      const outputs = made.flatMap(({ files }) => files)
      return [...needles].filter((needle) => outputs.some((output) => output.includes(needle)))
    }

    it('counts or rejects every line, exactly: one is malformed', () => {
      for (const { code, printed, said } of made) {
        expect([code, said]).toEqual([0, ''])
        expect(printed).toMatch(
          /^lines read +10,000\ncounted +9,999\nrejected +1\n {2}agent +1, first on line 8,899\n/,
        )
      }
    })

    it('writes both files, with figures in them: the search below looks at something', () => {
      for (const { files } of made) {
        const { publications } = JSON.parse(files[0]) as { publications: { day: string; cells: object[] }[] }
        expect(publications.length).toBeGreaterThan(3)
        expect(publications.every(({ cells }) => cells.length > 0)).toBe(true)
        expect(files[1]).toMatch(/^<!doctype html>/i)
        expect(files[1]).toContain('</html>')
      }
      expect(found(['"day"', '<svg'])).toEqual(['"day"', '<svg'])
    })

    it('leaves no address in the JSON or the report, in any spelling', () => {
      expect(hosts).toHaveLength(1_753)
      const spellings = hosts.flatMap((host) => {
        const parts = host.split('.').map(Number)
        const value = parts.reduce((sum, part) => sum * 256 + part, 0)
        const digests = ['md5', 'sha1', 'sha256'].flatMap((name) =>
          (['hex', 'base64', 'base64url'] as const).map((form) => createHash(name).update(host).digest(form)),
        )
        return [
          host,
          parts.join('-'),
          [...parts].reverse().join('.'),
          parts.map((part) => String(part).padStart(3, '0')).join('.'),
          String(value),
          value.toString(16).padStart(8, '0'),
          host.replaceAll('.', '%2E'),
          host.replaceAll('.', '&#46;'),
          Buffer.from(host).toString('base64').replaceAll('=', ''),
          ...digests,
        ]
      })
      expect(found(spellings)).toEqual([])
    })

    it('leaves no referrer host, registrable domains apart, no referrer and no user agent', () => {
      const referrers = [
        ...new Set(quoted.flatMap(([, referrer = '-']) => (referrer === '-' ? [] : referrer))),
      ]
      const referrerHosts = new Set(referrers.flatMap((each) => /^\w+:\/\/([^/:?#]+)/.exec(each)?.[1] ?? []))
      expect(referrerHosts.size).toBeGreaterThan(150)
      const below = [...referrerHosts].filter(
        (host) => registrableDomain(host.toLowerCase()) !== host.toLowerCase(),
      )
      expect(found(below)).toEqual([])
      expect(found(referrers)).toEqual([])
      const agents = new Set(quoted.flatMap(([, , agent = '-']) => (agent === '-' ? [] : agent)))
      expect(agents.size).toBeGreaterThan(500)
      expect(found(agents)).toEqual([])
    })

    it('leaves no exact time and no session token', () => {
      expect(found(all.map((each) => /\[([^\]]+)\]/.exec(each)?.[1] ?? 'absent'))).toEqual([])
      // The key that the command drew: the same seed, the same first bytes.
      const partial = new Partial({ dimensions: [], cellsPerSession: 1, key: environment().random(32) })
      const { hash, identifiers } = partial
      const anonymiser = new Anonymiser({ timeZone: pilviPolicy.timeZone, sites: [], hash, identifiers })
      const parser = new LineParser()
      const tokens = new Set<string>()
      for (const each of all) {
        const raw = Buffer.from(each, 'latin1')
        if (parser.parse(raw, 0, raw.length) !== null) continue
        const { lo, hi } = anonymiser.line(raw, parser)
        for (const word of [lo >>> 0, hi >>> 0]) tokens.add(word.toString(16).padStart(8, '0'))
      }
      expect(tokens.size).toBeGreaterThan(3_000)
      expect(found(tokens)).toEqual([])
    })
  },
)
