/**
 * A policy from a file: JSON, or a module whose default export, or export named `policy`, is one.
 */

import { pathToFileURL } from 'node:url'
import { InvalidInput, type Policy, parsePolicy } from '../index.ts'
import type { CliIo } from './io.ts'

/**
 * `argument` names the file in messages.
 * @throws InvalidInput `input.invalid` (cannot be read), `policy.invalid`
 */
export async function readPolicy(
  path: string,
  { argument, io }: { argument: string; io: CliIo },
): Promise<Policy> {
  if (!/\.[cm]?[jt]s$/.test(path)) return parsePolicy(await readJson(path, { argument, io }))
  const loaded = await load(path, argument)
  return parsePolicy(loaded['default'] ?? loaded['policy'])
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
