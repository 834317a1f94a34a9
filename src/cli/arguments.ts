/** Arguments of a command, read strictly: what is not known is refused by name. */

import { type ParseArgsConfig, parseArgs } from 'node:util'
import { InvalidInput, type Language } from '../index.ts'

/** @throws InvalidInput `input.invalid` */
export function argumentsOf<T extends NonNullable<ParseArgsConfig['options']>>(
  argv: string[],
  { options, command }: { options: T; command: string },
) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true, strict: true })
  } catch (cause) {
    // The first sentence names the option; the rest is advice about another one.
    const [says = ''] = String((cause as Error).message).split('. ')
    throw new InvalidInput('input.invalid', `${says}; see pilvi-privacy ${command} --help`, {
      path: 'argv',
      cause,
    })
  }
}

/** @throws InvalidInput `input.invalid` */
export function languageOf(text: string): Language {
  if (text === 'en' || text === 'fi') return text
  throw new InvalidInput('input.invalid', '--lang must be en or fi', { path: '--lang' })
}
