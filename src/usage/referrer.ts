/**
 * Where a visit came from, reduced to what may be published: the registrable domain of the referrer's host (public
 * suffix list), or one of three words.
 *
 * Addresses, single-label hosts, names under no public suffix (`.local`, `.internal`), reverse-lookup and onion names
 * and everything that is not an http(s) address are `unknown`: such names can be a person's machine (Pilvi policy,
 * "Use log": DNS names are never published). Private suffixes do not count, so that `somebody.github.io` becomes
 * `github.io`: a subdomain under one can be a person's own.
 */

import { parse } from 'tldts'
import { InvalidInput } from '../errors.ts'
import type { RegistrableDomain, VisitSource } from './model.ts'

/** Names below these have an owner's machine or a key in them, not a site. */
const notSites = /\.(arpa|onion)$/
const hostName = /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/
const domainName = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/

/** The registrable domain of a host name in lower case, or `null` where it has none. */
export function registrableDomain(host: string): RegistrableDomain | null {
  if (!domainName.test(host) || notSites.test(host)) return null
  const { domain, isIcann } = parse(host, { extractHostname: false, allowPrivateDomains: false })
  return isIcann === true ? (domain as RegistrableDomain | null) : null
}

/** Whether a text is a source as it may be published. */
export const isSource = (text: string): text is VisitSource =>
  text === 'direct' || text === 'internal' || text === 'unknown' || registrableDomain(text) === text

/** The host part of an http(s) address; `null` where it has none. */
function hostOf(address: string): string | null {
  const scheme = /^https?:\/\//i.exec(address)
  if (scheme === null) return null
  const rest = address.slice(scheme[0].length)
  const authority = rest.slice(0, rest.search(/[/?#\\]|$/))
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:[0-9]*$/, '')
  return host.replace(/\.$/, '').toLowerCase()
}

/**
 * The source of a visit from its referrer. `sites`: the hosts of the service itself, in lower case; a referrer on one
 * of them or below it is `internal`. No referrer, or a dash, is `direct`.
 */
export function sourceOf(referrer: string | null, sites: readonly string[]): VisitSource {
  if (referrer === null || referrer === '' || referrer === '-') return 'direct'
  const host = hostOf(referrer)
  if (host === null) return 'unknown'
  if (sites.some((site) => host === site || host.endsWith(`.${site}`))) return 'internal'
  return registrableDomain(host) ?? 'unknown'
}

/** The service's own host names as they are compared. @throws InvalidInput `input.invalid` */
export function sitesOf(sites: readonly string[]): string[] {
  if (!Array.isArray(sites))
    throw new InvalidInput('input.invalid', 'sites must be an array', { path: 'sites' })
  return sites.map((site: unknown, i) => {
    const host = typeof site === 'string' ? site.toLowerCase().replace(/\.$/, '') : ''
    if (hostName.test(host)) return host
    throw new InvalidInput('input.invalid', `sites[${i}] must be a host name`, { path: `sites[${i}]` })
  })
}
