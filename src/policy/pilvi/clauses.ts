/** The headings of Pilvi's written policy (updated 1 November 2025), which every entry of the data names. */
export const clauses = {
  who: 'Who we are',
  information: 'Personal information',
  useLog: 'Use log',
  disclosure: 'Disclosure',
  security: 'Security',
  availability: 'Availability',
  denial: 'Right for denial',
  review: 'Review & correction',
  rights: 'Your rights',
  updates: 'Updates',
} as const
