/**
 * A policy from a file: JSON, or a module whose default export, or export named `policy`, is one. A module that calls
 * `definePolicy` on a policy that contradicts itself cannot be loaded; export what is given to it to have it linted.
 */

import { pathToFileURL } from 'node:url'
import { type CalendarDate, type Instant, InvalidInput } from '../index.ts'
import type { CliIo } from './io.ts'

/**
 * What the file holds, not yet parsed as a policy. `argument` names the file in messages.
 * @throws InvalidInput `input.invalid` (cannot be read), `policy.invalid` (is not JSON, or the module's own refusal)
 */
export async function readPolicyFile(
  path: string,
  { argument, io }: { argument: string; io: CliIo },
): Promise<unknown> {
  if (!/\.[cm]?[jt]s$/.test(path)) return readJson(path, { argument, io })
  const loaded = await load(path, argument)
  return loaded['default'] ?? loaded['policy']
}

/** The day it is where a policy holds; in UTC where its time zone is none, which is for lint to report. */
export function todayOf(policy: unknown, now: Instant): CalendarDate {
  const timeZone = String(Object(policy).timeZone)
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(Date.parse(now)) as CalendarDate
  } catch {
    return now.slice(0, 10) as CalendarDate
  }
}

async function readJson(path: string, { argument, io }: { argument: string; io: CliIo }): Promise<unknown> {
  const { bytes } = await io.readFile(path, argument)
  const parts: Uint8Array[] = []
  for await (const part of bytes) parts.push(part)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(parts)))
  } catch (cause) {
    throw new InvalidInput('policy.invalid', `${argument} is not JSON`, { path: argument, cause })
  }
}

async function load(path: string, argument: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>
  } catch (cause) {
    if (cause instanceof InvalidInput) throw cause
    throw new InvalidInput('input.invalid', `${argument} cannot be loaded as a module`, {
      path: argument,
      cause,
    })
  }
}
