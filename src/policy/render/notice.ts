/**
 * The notice that people read: everything GDPR 13 and 14 ask for, section by section, from the same data that the
 * library enforces. What a transfer rests on is not copied from the policy but decided by the rule that decides
 * transfers, as of the day the notice is for.
 */

import { recipients, transfers } from './disclosing.ts'
import type { Block, Document } from './document.ts'
import { controller, data, obligation, origins, purposes, retention, statistics } from './keeping.ts'
import { fill } from './phrases.ts'
import { acceptance, automatedDecisions, denials, passages, rights, security, updates } from './promising.ts'
import { type Telling, written } from './telling.ts'

/** The notice as a document. */
export const notice = (t: Telling): Document => ({
  lang: t.language,
  title: t.policy.title,
  contents: t.phrases.headings.contents,
  blocks: [version(t), ...sections.flatMap((section) => section(t))],
})

const sections: readonly ((t: Telling) => Block[])[] = [
  controller,
  data,
  origins,
  purposes,
  denials,
  recipients,
  transfers,
  retention,
  statistics,
  rights,
  obligation,
  automatedDecisions,
  security,
  acceptance,
  updates,
  passages,
]

const version = (t: Telling): Block => ({
  paragraph: fill(t.phrases.says.version, { version: t.policy.version, date: written(t, t.policy.date) }),
})
