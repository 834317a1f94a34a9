/**
 * The fixed phrases of the notice and the record of processing, in English and Finnish. `{name}` is filled in. A
 * phrase names no person and no policy; what a policy says comes from its own texts.
 */

import type { Language } from '../model.ts'
import { en, type Phrases } from './en.ts'
import { fi } from './fi.ts'

export const phrases: Readonly<Record<Language, Phrases>> = { en, fi }

/** A phrase with its `{names}` filled in. */
export const fill = (phrase: string, values: Readonly<Record<string, string | number>>): string =>
  phrase.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  )
