/**
 * A made-up access log in the combined format, for the demo, the tests and the bench: the same seed gives the same
 * bytes. It behaves like a real one (a day has a morning and an evening, most visitors come once and a few all the
 * time, some lines are malformed) and names nobody: addresses are those reserved for documentation (RFC 5737,
 * RFC 3849), hosts and referrers those reserved for examples (RFC 2606).
 */

/** What log to make. */
export interface LogOptions {
  readonly lines: number
  /** The same seed, the same bytes. */
  readonly seed?: number
  /** The first day, `YYYY-MM-DD`, in UTC. */
  readonly from?: string
  readonly days?: number
  /** One line in so many is malformed; 0 for none. */
  readonly malformedEvery?: number
}

const encoder = new TextEncoder()
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
/** How busy each hour of the day is. */
const busy = [3, 2, 1, 1, 1, 2, 4, 7, 10, 12, 12, 11, 12, 13, 12, 11, 10, 10, 11, 12, 13, 11, 8, 5]

/** Chunks of about 64 KiB. */
export function* generateLog(options: LogOptions): Generator<Uint8Array<ArrayBuffer>> {
  const { lines, seed = 1, from = '2026-01-05', days = 7, malformedEvery = 500 } = options
  const random = randomOf(seed)
  const visitors = visitorsOf(Math.max(20, Math.ceil(lines / 12)), random)
  const first = Date.parse(`${from}T00:00:00.000Z`)
  let text = ''
  let line = 0
  for (let hour = 0; hour < days * 24; hour++) {
    const day = new Date(first + hour * 3_600_000).toISOString().slice(0, 10)
    const until = Math.round((lines * share(hour + 1)) / share(days * 24))
    const count = Math.max(0, until - line)
    for (let i = 0; i < count; i++, line++) {
      const second = Math.floor(((i + random()) / count) * 3_600)
      const broken = malformedEvery > 0 && line % malformedEvery === malformedEvery - 1
      const written = lineOf({ visitor: pick(visitors, random, 2), day, hour: hour % 24, second, random })
      text += broken ? `${damaged(written, random)}\n` : `${written}\n`
      if (text.length < 65_536) continue
      yield encoder.encode(text)
      text = ''
    }
  }
  if (text !== '') yield encoder.encode(text)
}

/** How much of all visits come in the first so many hours. */
const share = (hours: number): number => {
  const whole = busy.reduce((sum, each) => sum + each, 0)
  const rest = busy.slice(0, hours % 24).reduce((sum, each) => sum + each, 0)
  return Math.floor(hours / 24) * whole + rest
}

interface Visitor {
  readonly host: string
  readonly agent: string
  readonly referrer: string
}

const agents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0',
  'ExampleBot/2.1 (+http://www.example.net/bot.html)',
  'An \\"escaped\\" agent/1.0',
  '-',
]
const referrers = [
  '-',
  'https://www.example.com/',
  'https://search.example.org/search?q=privacy',
  'https://www.example.com/pricing',
  'https://news.example.net/item/17',
  'http://intranet/wiki',
  'http://198.51.100.7/',
  'http://printer.local/',
]
const paths = [
  '/',
  '/pricing',
  '/docs/usage.html',
  '/style.css',
  '/favicon.ico',
  '/about',
  '/feed.xml',
  '/search?q=a%20b',
]

function visitorsOf(count: number, random: () => number): Visitor[] {
  return Array.from({ length: count }, (_, i) => ({
    host: hostOf(i, random),
    agent: pick(agents, random, 1.6),
    referrer: pick(referrers, random, 1.6),
  }))
}

function hostOf(i: number, random: () => number): string {
  const kind = random()
  const low = 1 + Math.floor(random() * 254)
  if (kind < 0.6) return `${['192.0.2', '198.51.100', '203.0.113'][i % 3]}.${low}`
  if (kind < 0.85) return `2001:db8:${(i % 65_536).toString(16)}::${low.toString(16)}`
  return `host-${i}.${['dsl', 'mobile', 'office'][i % 3]}.example.${i % 2 === 0 ? 'net' : 'org'}`
}

interface Moment {
  readonly visitor: Visitor
  readonly day: string
  readonly hour: number
  readonly second: number
  random(): number
}

function lineOf({ visitor, day, hour, second, random }: Moment): string {
  const [year = '', month = '', date = ''] = day.split('-')
  const two = (value: number): string => String(value).padStart(2, '0')
  const time = `${date}/${months[Number(month) - 1]}/${year}:${two(hour)}:${two(Math.floor(second / 60))}:${two(second % 60)} +0000`
  const status = random() < 0.93 ? 200 : random() < 0.5 ? 304 : 404
  const size = status === 304 ? '-' : String(200 + Math.floor(random() * 60_000))
  // Whoever is here already mostly moves on from a page of our own.
  const referrer = random() < 0.5 ? 'https://www.example.com/' : visitor.referrer
  return `${visitor.host} - - [${time}] "GET ${pick(paths, random, 1.5)} HTTP/1.1" ${status} ${size} "${referrer}" "${visitor.agent}"`
}

/** A line as logs get damaged: cut off, a quote lost, a date that does not exist, or not a line at all. */
function damaged(line: string, random: () => number): string {
  const ways = [
    line.slice(0, Math.floor(line.length / 2)),
    line.slice(0, -1),
    line.replace(/\[\d\d/, '[32'),
    '\\x16\\x03\\x01 garbage',
    '',
  ]
  return pick(ways, random, 1)
}

/** An element; with a skew above 1 the first ones more often. */
function pick<T>(from: readonly T[], random: () => number, skew: number): T {
  return from[Math.floor(random() ** skew * from.length)] as T
}

/** Numbers in [0, 1) (mulberry32): for made-up data, never for anything secret. */
function randomOf(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mix = Math.imul(state ^ (state >>> 15), 1 | state)
    mix = (mix + Math.imul(mix ^ (mix >>> 7), 61 | mix)) ^ mix
    return ((mix ^ (mix >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
