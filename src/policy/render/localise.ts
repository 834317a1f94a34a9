/**
 * A policy in one language: every text replaced by its wording there. A wording that is missing is an error and never
 * a fallback, because a notice that is half English tells half its readers half the truth (GDPR 12(1)).
 */

import { InvalidInput } from '../../errors.ts'
import type { Language, Policy, Text } from '../model.ts'

/** The same value with strings in the place of texts. */
export type Localised<T> = T extends Text
  ? string
  : T extends readonly (infer E)[]
    ? readonly Localised<E>[]
    : T extends object
      ? { readonly [K in keyof T]: Localised<T[K]> }
      : T

/** @throws InvalidInput `policy.untranslated` where the policy is not in a language at all */
export function checkLanguage({ languages }: Policy, language: Language): void {
  if (language !== 'en' && !languages.includes(language)) {
    throw new InvalidInput('policy.untranslated', `the policy is not in the language ${language}`, {
      path: 'languages',
    })
  }
}

/** @throws InvalidInput `policy.untranslated`, with the path of the first wording that is missing */
export function localise(policy: Policy, language: Language): Localised<Policy> {
  checkLanguage(policy, language)
  return wording(policy, language, '') as Localised<Policy>
}

function wording(value: unknown, language: Language, path: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((each, i) => wording(each, language, `${path}[${i}]`))
  if ('en' in value && typeof value.en === 'string') return said(value as Text, language, path)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      wording(member, language, path === '' ? name : `${path}.${name}`),
    ]),
  )
}

/** @throws InvalidInput `policy.untranslated` */
export function said(text: Text, language: Language, path: string): string {
  const found = text[language]
  if (found !== undefined && found.trim() !== '') return found
  throw new InvalidInput('policy.untranslated', `${path}.${language} is missing`, {
    path: `${path}.${language}`,
  })
}
