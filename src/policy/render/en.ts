import type {
  Channel,
  DenialRoute,
  Dimension,
  DisclosureGround,
  ExemptionRule,
  LegalBasis,
  Measure,
  Recipient,
  Right,
  TransferGround,
} from '../model.ts'
import type { TransferRule } from '../transfer.ts'

/** The English phrases; the Finnish ones have the same names. */
export const en = {
  headings: {
    contents: 'Contents',
    controller: 'Controller',
    data: 'What data we keep',
    origins: 'Where the data come from',
    purposes: 'What the data are used for',
    denials: 'Your right to prohibit',
    recipients: 'Who receives data',
    transfers: 'Transfers outside the European Economic Area',
    retention: 'How long data are kept',
    statistics: 'Published statistics',
    rights: 'Your rights',
    obligation: 'Must you give the data?',
    automatedDecisions: 'Automated decisions',
    security: 'Security',
    acceptance: 'What using the services means',
    updates: 'Updates',
    records: 'Record of processing activities',
  },
  terms: {
    name: 'Controller',
    address: 'Address',
    email: 'E-mail',
    phone: 'Telephone',
    officer: 'Contact for matters of the register',
    dataProtectionOfficer: 'Data protection officer',
    register: 'Register',
    data: 'Data',
    contents: 'Contents',
    subjects: 'About whom',
    purpose: 'Purpose',
    basis: 'Legal basis',
    interest: 'Interest pursued',
    recipient: 'Recipient',
    recipients: 'Recipients',
    country: 'Country',
    ground: 'Disclosed because of',
    keep: 'Kept',
    exemption: 'What is kept even after an erasure',
    none: 'None',
    transfers: 'Transfers outside the EEA',
    limits: 'Time limits for erasure',
  },
  says: {
    version: 'Version {version}, in effect from {date}.',
    recordsVersion: 'Version {version} of the policy, in effect from {date} (GDPR, Article 30(1)).',
    required: '{group}: required are {fields}.',
    origins: 'Data come from {origins}.',
    denialRoute: 'Tell us {routes}: {contact}',
    denialBroader: 'Prohibiting “{broader}” prohibits this as well.',
    denialSignal: 'A browser that sends the signal Sec-GPC prohibits this as well.',
    unlessDenied: 'Unless you prohibit it: {channels}',
    consent: 'Only with your prior consent: {channels}',
    existingCustomers:
      'As an existing customer without it, about products like those you bought, with an easy way out each time: {channels}',
    never: 'Not at all: {channels}',
    recipients:
      'Data are disclosed only to the recipients named here, only for the purposes named, and at most the data named.',
    noRecipients: 'Data are disclosed to nobody.',
    noTransfers: 'No data are transferred outside the European Economic Area.',
    framework: 'This policy names {mechanism} as a framework for transfers.',
    frameworkInvalid:
      'This policy names {mechanism} as a framework for transfers. It has been invalid since {date}, and no transfer rests on it.',
    statistics:
      'Statistics on the use of the services may be published. A figure is published only if it rests on at least {k} sessions; smaller ones are left out. Users, IP addresses and DNS names are never published.',
    statisticsTable: '{table}: {measures} by {dimensions}, day by day',
    statisticsTotal: '{table}: {measures}, day by day',
    statisticsRaw:
      'The entries of the use log behind them are deleted {hours} hours after the end of their day.',
    statisticsKeep: 'Published statistics are kept for {months} months.',
    rightsHow:
      'Send your request to the contact address. We answer free of charge within one month of receiving it. If we need more time, at most two further months, we tell you so with the reasons within the first month.',
    authority: 'Supervisory authority: ',
    backups:
      'Backups of the keys under which sensitive data are encrypted are kept for {period}; after that, what was erased cannot be opened from any backup.',
    mfaOptional: 'Every user can protect sign-in with a second factor: {factors}.',
    mfaRequired: 'Every user signs in with a second factor: {factors}.',
    stepUp: 'If you have a second factor, we ask for it again before the following: {acts}.',
    mfaReset:
      'If you lose your second factors, two members of our staff can remove them together, at the earliest {period} after we have told you.',
    keep: '{label}: {says}',
    users: 'Users of the service “{service}”',
    basisMissing: 'not stated',
  },
  basis: {
    consent: 'your consent (GDPR 6(1)(a))',
    contract: 'performance of a contract (GDPR 6(1)(b))',
    'legal-obligation': 'a legal obligation (GDPR 6(1)(c))',
    'vital-interests': 'vital interests (GDPR 6(1)(d))',
    'public-task': 'a task in the public interest (GDPR 6(1)(e))',
    'legitimate-interests': 'legitimate interests (GDPR 6(1)(f))',
  },
  channel: {
    post: 'by post',
    phone: 'by telephone',
    'automated-call': 'by automated calls',
    email: 'by e-mail',
    sms: 'by text message',
    'in-person': 'in person',
  },
  factor: {
    totp: 'one-time codes from an authenticator app',
    hotp: 'one-time codes from a counting token',
    passkey: 'passkeys',
    'recovery-code': 'recovery codes',
    'contact-code': 'codes sent by e-mail or text message',
    'trusted-device': 'devices that are trusted for thirty days',
  },
  stepUp: {
    erasure: 'erasing your data',
    export: 'giving you your data',
    'factor-change': 'adding a second factor',
  },
  route: {
    letter: 'by letter',
    phone: 'by telephone',
    email: 'by e-mail',
    'in-person': 'in person',
    link: 'through the link in a message',
  },
  role: {
    processor: 'processes data on our behalf',
    controller: 'uses the data for purposes of its own',
    authority: 'authority',
  },
  ground: {
    law: 'a law that requires or permits it',
    consent: 'your consent',
    agreement: 'an agreement with you',
    partner: 'a product you have connected',
    subcontractor: 'subcontracting',
  },
  mechanism: {
    adequacy: 'an adequacy decision',
    'standard-contractual-clauses': 'standard contractual clauses',
    'binding-corporate-rules': 'binding corporate rules',
    derogation: 'derogations for specific situations',
    'privacy-shield': 'the EU-US Privacy Shield',
    'safe-harbour': 'Safe Harbour',
  },
  transfer: {
    'transfer.eea': 'The recipient is inside the European Economic Area.',
    'transfer.adequacy': 'The transfer rests on an adequacy decision of the European Commission.',
    'transfer.safeguards':
      'The transfer rests on {mechanism} and its effects have been assessed. You can ask us for a copy of these safeguards.',
    'transfer.derogation':
      'Data are transferred in single cases only, each for a reason of its own (GDPR 49).',
    'transfer.no-reason':
      'Data are transferred in single cases only, each for a reason of its own (GDPR 49).',
    'transfer.framework-invalid':
      'No data are transferred: {mechanism}, which the transfer was meant to rest on, has been declared invalid.',
    'transfer.not-certified':
      'No data are transferred: the recipient is not certified under a framework that holds.',
    'transfer.out-of-scope': 'No data are transferred: the adequacy decision does not cover the recipient.',
    'transfer.tool-not-in-force':
      'No data are transferred: the ground on file ({mechanism}) is not in force.',
    'transfer.clauses-superseded': 'No data are transferred: the clauses on file have been superseded.',
    'transfer.not-assessed': 'No data are transferred: the transfer has not been assessed.',
    'transfer.no-ground': 'No data are transferred: there is no ground for it.',
  },
  exemption: {
    'end-of-financial-year': 'Kept for {period} from the end of the financial year.',
    'end-of-calendar-year-of-financial-year':
      'Kept for {period} from the end of the calendar year in which the financial year ended.',
    event: 'Kept for {period}.',
  },
  right: {
    access: 'Access to your data',
    rectification: 'Correction',
    erasure: 'Erasure',
    restriction: 'Restriction of use',
    portability: 'Your data in a file',
    objection: 'Objection',
    'withdraw-consent': 'Withdrawal of consent',
    complaint: 'Complaint',
  },
  dimension: { hour: 'hour', weekday: 'day of the week', source: 'source' },
  measure: { visits: 'visits', sessions: 'sessions' },
} as const satisfies {
  readonly basis: Readonly<Record<LegalBasis, string>>
  readonly channel: Readonly<Record<Channel, string>>
  readonly route: Readonly<Record<DenialRoute, string>>
  readonly role: Readonly<Record<Recipient['role'], string>>
  readonly ground: Readonly<Record<DisclosureGround, string>>
  readonly mechanism: Readonly<Record<TransferGround['mechanism'], string>>
  readonly transfer: Readonly<Record<TransferRule, string>>
  readonly exemption: Readonly<Record<ExemptionRule['from'], string>>
  readonly right: Readonly<Record<Right, string>>
  readonly dimension: Readonly<Record<Dimension, string>>
  readonly measure: Readonly<Record<Measure, string>>
  readonly [part: string]: Readonly<Record<string, string>>
}

/** The phrases of one language; every language has all of them. */
export type Phrases = {
  readonly [Part in keyof typeof en]: Readonly<Record<keyof (typeof en)[Part], string>>
}
