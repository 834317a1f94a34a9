/**
 * One-click unsubscribe links: what stands in a message, and which request acts.
 *
 * The link carries a token that names nobody readably; the headers are those of RFC 2369 §3.2 and RFC 8058 §3.1. Only a
 * POST whose body says `List-Unsubscribe=One-Click`, and nothing else, acts (RFC 8058 §3.2); any other request, a GET
 * first of all, changes nothing, because scanners follow links. Refused are addresses that are not https (RFC 8058
 * §3.1), that carry credentials, a fragment or a token of their own, or that could break out of the header.
 */

import * as z from 'zod'
import { InvalidInput } from '../errors.ts'
import { idParser } from '../parsing.ts'
import type { Policy, Purpose } from '../policy/model.ts'
import { tooLarge } from '../values/limits.ts'
import type { EventKind } from './model.ts'

/** What a link is wanted for. */
export interface UnsubscribeWanted<Name extends string = string> {
  readonly subject: string
  /** One that can be denied, or that rests on consent. */
  readonly purpose: Name
  /** The host's page: `https://…`; the token is added to its query as `token`. */
  readonly url: string
}

/** What goes into a message. */
export interface UnsubscribeLink {
  readonly token: string
  readonly url: string
  /** Header fields of the message; both must be covered by its DKIM signature (RFC 8058 §4). */
  readonly headers: {
    readonly 'List-Unsubscribe': string
    readonly 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'
  }
}

/** A request to the host's page, as it came. Cookies and sessions are not looked at. */
export interface UnsubscribeRequest {
  readonly method: string
  readonly contentType?: string
  readonly body?: string
  readonly token: string
}

/** `done`: nobody is reached for the purpose any more. `confirm`: nothing was changed; show a button that posts. */
export interface UnsubscribeOutcome {
  readonly outcome: 'done' | 'confirm'
  readonly purpose: string
}

export const wantedParser: z.ZodType<UnsubscribeWanted> = z.strictObject({
  subject: idParser,
  purpose: idParser,
  url: z.string().max(1_000),
})

const text = z.string().max(10_000)
export const requestParser: z.ZodType<UnsubscribeRequest> = z.strictObject({
  method: z.string().max(20),
  contentType: z.exactOptional(text),
  body: z.exactOptional(text),
  token: text,
})

/** What leaving a purpose is: a denial where it can be denied, a withdrawal where it rests on consent. */
export function leavingOf(policy: Policy, name: string): EventKind & ('denied' | 'withdrawn') {
  const purpose: Purpose | undefined = Object.hasOwn(policy.purposes, name)
    ? policy.purposes[name]
    : undefined
  if (purpose?.denial !== undefined) return 'denied'
  if (purpose?.legalBasis === 'consent') return 'withdrawn'
  const says = 'the policy has no purpose of this name that people can leave'
  throw new InvalidInput('input.not-in-policy', says, { path: 'link.purpose' })
}

/** RFC 5322 §2.1.1 allows 998 characters a line; a mailer that does not fold keeps the header whole. */
const longestHeader = 998 - 'List-Unsubscribe: <>'.length

/** The link with its headers. @throws InvalidInput `input.invalid`, `input.too-large` */
export function linkOf(url: string, token: string): UnsubscribeLink {
  const page = pageOf(url)
  page.searchParams.set('token', token)
  const { href } = page
  if (href.length > longestHeader)
    throw tooLarge('link.url', `must be at most ${longestHeader} with its token`)
  return {
    token,
    url: href,
    headers: { 'List-Unsubscribe': `<${href}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
  }
}

function pageOf(url: string): URL {
  // Looked at before it is parsed: the parser drops tabs and line feeds without a word.
  const page = /^https:\/\/[^\s\p{Cc}<>"'`\\]+$/u.test(url) && URL.canParse(url) ? new URL(url) : undefined
  const own =
    page?.username === '' && page.password === '' && page.hash === '' && !page.searchParams.has('token')
  if (page !== undefined && own) return page
  const says = 'link.url must be an https address without credentials, fragment and token'
  throw new InvalidInput('input.invalid', says, { path: 'link.url' })
}

/** Whether a request is the one click that acts. */
export function isOneClick({ method, contentType = urlencoded, body = '' }: UnsubscribeRequest): boolean {
  if (method !== 'POST') return false
  const [type = ''] = contentType.split(';')
  if (type.trim().toLowerCase() === urlencoded) return isClick([...new URLSearchParams(body.trimEnd())])
  const boundary = /^\s*multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
    contentType,
  )
  return boundary !== null && isClick(formFields(body, boundary[1] ?? boundary[2] ?? ''))
}

const urlencoded = 'application/x-www-form-urlencoded'

const isClick = (fields: readonly (readonly [string, string])[]): boolean =>
  fields.length === 1 && fields[0]?.[0] === 'List-Unsubscribe' && fields[0][1] === 'One-Click'

/** The fields of a multipart form (RFC 7578); whatever is not one has no name. */
function formFields(body: string, boundary: string): [string, string][] {
  const [, ...parts] = `\r\n${body.replaceAll(/\r?\n/g, '\r\n')}`.split(`\r\n--${boundary}`)
  const end = parts.pop()
  if (end === undefined || !/^--\s*$/.test(end)) return []
  return parts.map((part) => {
    const [head = '', ...rest] = part.split('\r\n\r\n')
    const name = /^content-disposition:\s*form-data\s*;\s*name="([^"\r\n]*)"\s*$/im.exec(head)?.[1] ?? ''
    return [name, rest.join('\r\n\r\n')]
  })
}
