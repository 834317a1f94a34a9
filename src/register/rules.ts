/**
 * What a register record must hold, what is sealed in it, and what a correction makes of it.
 *
 * The policy is the only source of fields: what it does not name is refused. Kinds that could do harm if the database
 * leaked (payment details) are sealed at rest wherever they occur. A correction is held to what it touches, so that a
 * record that a newer policy would not accept can still be corrected (GDPR 16).
 */

import * as z from 'zod'
import { InvalidInput } from '../errors.ts'
import { idParser, parse } from '../parsing.ts'
import type { Field, FieldKind, Group, Policy } from '../policy/model.ts'
import type { JsonValue } from '../store.ts'
import { sameValue } from '../values/canonical.ts'
import { askedParser, isLookedUp } from './equality.ts'
import { fieldParser } from './fields.ts'

/** Kinds of field that are sealed at rest. */
const sealedKinds: ReadonlySet<FieldKind> = new Set(['payment'])
export const isSealedKind = ({ kind }: Pick<Field, 'kind'>): boolean => sealedKinds.has(kind)

/** A flat record: `field` of the group, or `service.field`, to its value. */
export type FlatFields = Readonly<Record<string, JsonValue>>

/**
 * The fields that a record of a group can have, by flat name. None where the policy does not name the group: what is
 * kept under an older policy can still be exported and erased.
 */
export function declaredFields(policy: Policy, group: string): ReadonlyMap<string, Field> {
  if (!Object.hasOwn(policy.groups, group)) return new Map()
  const found = new Map(Object.entries(groupOf(policy, group).fields))
  for (const [service, { fields: own }] of Object.entries(policy.services)) {
    for (const [name, field] of Object.entries(own)) found.set(`${service}.${name}`, field)
  }
  return found
}

/** @throws InvalidInput `input.not-in-policy` */
export function groupOf(policy: Policy, group: unknown): Group {
  const found =
    typeof group === 'string' && Object.hasOwn(policy.groups, group) ? policy.groups[group] : undefined
  if (found === undefined) {
    throw new InvalidInput('input.not-in-policy', 'group is not in the policy', { path: 'group' })
  }
  return found
}

/** A group is kept where its tier says: the controller's customers in its own tenant, theirs in each of theirs. */
export function checkTier(group: Group, tier: Group['tier']): void {
  if (group.tier !== tier) {
    throw new InvalidInput('tenant.not-allowed', `this group belongs to the ${group.tier}'s tenant`, {
      path: 'group',
    })
  }
}

/** What a host hands in, parsed against the policy, with its fields made flat. */
export interface Parsed {
  readonly group: string
  readonly subject: string
  readonly origin: string
  readonly fields: FlatFields
}

/** @throws InvalidInput `input.invalid`, `input.not-in-policy` */
export function parseInput(policy: Policy, input: unknown): Parsed {
  const group = groupOf(policy, (input as { group?: unknown } | null | undefined)?.group)
  const shape = z.strictObject({
    group: z.string(),
    subject: idParser,
    origin: idParser,
    fields: fieldsParser(group.fields),
    services: z.exactOptional(servicesParser(policy)),
  })
  const { subject, origin, fields, services = {}, ...rest } = parse(shape, input, 'record')
  checkOrigin(policy, origin, 'record.origin')
  const flat = { ...fields, ...flatten(services) } as FlatFields
  checkAnyOf(group.anyOf ?? [], { fields: flat, path: 'record.fields' })
  return { subject, origin, fields: flat, ...rest }
}

function checkOrigin(policy: Policy, origin: string, path: string): void {
  if (!Object.hasOwn(policy.origins, origin)) {
    throw new InvalidInput('input.not-in-policy', 'origin is not in the policy', { path })
  }
}

const fieldsParser = (fields: Readonly<Record<string, Field>>): z.ZodType<Record<string, unknown>> =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]) => {
        const parser = fieldParser(field)
        return [name, field.required ? parser : z.exactOptional(parser)]
      }),
    ),
  )

const servicesParser = (policy: Policy): z.ZodType<Record<string, Record<string, unknown>>> =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(policy.services).map(([name, { fields }]) => [
        name,
        z.exactOptional(fieldsParser(fields)),
      ]),
    ),
  ) as z.ZodType<Record<string, Record<string, unknown>>>

function flatten(services: Record<string, Record<string, unknown>>): Record<string, unknown> {
  const flat: Record<string, unknown> = {}
  for (const [service, fields] of Object.entries(services)) {
    for (const [name, value] of Object.entries(fields)) flat[`${service}.${name}`] = value
  }
  return flat
}

/** The fields of a group, and those of services, told apart again. */
export function unflatten(fields: FlatFields): {
  fields: Record<string, JsonValue>
  services: Record<string, Record<string, JsonValue>>
} {
  const own: Record<string, JsonValue> = {}
  const services: Record<string, Record<string, JsonValue>> = {}
  for (const [name, value] of Object.entries(fields)) {
    const [first = '', second] = name.split('.')
    if (second === undefined) own[first] = value
    else services[first] = { ...services[first], [second]: value }
  }
  return { fields: own, services }
}

/** @param anyOf lists of fields of which at least one must be there */
function checkAnyOf(
  anyOf: readonly (readonly string[])[],
  { fields, path }: { fields: FlatFields; path: string },
): void {
  for (const names of anyOf) {
    if (!names.some((name) => fields[name] !== undefined)) {
      throw new InvalidInput('input.invalid', `${path}: one of ${names.join(', ')} must be given`, {
        path: `${path}.${names[0]}`,
      })
    }
  }
}

/** Which record of which person. */
export interface Where {
  readonly group: string
  readonly subject: string
}

const whereParser: z.ZodType<Where> = z.strictObject({ group: z.string(), subject: idParser })

/** @throws InvalidInput `input.invalid`, `input.not-in-policy` */
export function parseWhere(policy: Policy, input: unknown): Where & { readonly in: Group } {
  const where = parse(whereParser, input, 'where')
  return { ...where, in: groupOf(policy, where.group) }
}

/** The group of which the records are asked for. @throws InvalidInput `input.invalid`, `input.not-in-policy` */
export function parseGroup(policy: Policy, input: unknown): string {
  const { group } = parse(z.strictObject({ group: z.string() }), input, 'where')
  groupOf(policy, group)
  return group
}

/** A value that is looked up. */
export interface ParsedLookup {
  readonly group: string
  readonly field: string
  readonly declared: Field
  readonly equals: JsonValue
}

/** @throws InvalidInput `input.invalid`; `input.not-in-policy` where the policy has no such field to be looked up by */
export function parseLookup(policy: Policy, input: unknown): ParsedLookup {
  const shape = z.strictObject({ group: z.string(), field: z.string(), equals: z.unknown() })
  const { group, field, equals } = parse(shape, input, 'where')
  groupOf(policy, group)
  const declared = declaredFields(policy, group).get(field)
  if (declared === undefined || !isLookedUp(declared)) {
    throw new InvalidInput('input.not-in-policy', 'the policy has no such field to be looked up by', {
      path: 'where.field',
    })
  }
  return { group, field, declared, equals: parse(askedParser(declared), equals, 'where.equals') as JsonValue }
}

/** zod leaves out a member `__proto__` without a word; here it is refused like every name the policy does not have. */
const members = z.custom<Readonly<Record<string, unknown>>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Object.hasOwn(value, '__proto__'),
)

const correctionHead = z.strictObject({
  group: z.string(),
  subject: idParser,
  fields: members,
  why: z.enum(['wrong', 'outdated', 'incomplete', 'unnecessary']),
  initiative: z.enum(['subject', 'controller']),
  origin: z.exactOptional(idParser),
  operator: z.exactOptional(idParser),
})
export type ParsedCorrection = z.infer<typeof correctionHead>

/** @throws InvalidInput `input.invalid`, `input.not-in-policy` */
export function parseCorrection(policy: Policy, input: unknown): ParsedCorrection {
  const correction = parse(correctionHead, input, 'correction')
  groupOf(policy, correction.group)
  if (correction.origin !== undefined) checkOrigin(policy, correction.origin, 'correction.origin')
  const declared = declaredFields(policy, correction.group)
  for (const [name, value] of Object.entries(correction.fields)) {
    const field = declared.get(name)
    if (field === undefined) {
      throw new InvalidInput('input.not-in-policy', 'a field is not in the policy', {
        path: 'correction.fields',
      })
    }
    if (value !== null) parse(fieldParser(field), value, `correction.fields.${name}`)
  }
  return correction
}

/** What is different in a field: `null` where there was or is nothing. */
export interface FieldChange {
  readonly from: JsonValue
  readonly to: JsonValue
}
type Changed = Readonly<Record<string, FieldChange>>

/** What new values change; fields that stay as they are do not count, `null` takes one away. */
function difference(before: FlatFields, values: Readonly<Record<string, unknown>>): Changed {
  const changed: Record<string, FieldChange> = {}
  for (const [name, to] of Object.entries(values) as [string, JsonValue][]) {
    const from = before[name] ?? null
    if (!sameValue(from, to)) changed[name] = { from, to }
  }
  return changed
}

/** What a record saved whole changes: fields it does not name go. */
export const replacement = (before: FlatFields, fields: FlatFields): Changed =>
  difference(before, { ...Object.fromEntries(Object.keys(before).map((name) => [name, null])), ...fields })

/**
 * What a correction changes.
 * @throws InvalidInput `input.invalid` where something required would be missing
 */
export function correct(
  policy: Policy,
  {
    group,
    before,
    changes,
  }: { group: string; before: FlatFields; changes: Readonly<Record<string, unknown>> },
): Changed {
  const changed = difference(before, changes)
  const after: Record<string, JsonValue> = { ...before }
  for (const [name, { to }] of Object.entries(changed)) {
    if (to === null) delete after[name]
    else after[name] = to
  }
  checkTouched(policy, { group, after, changed })
  return changed
}

/** Required fields of the group stay; those of a service stay as long as anything of that service does. */
function checkTouched(
  policy: Policy,
  { group, after, changed }: { group: string; after: FlatFields; changed: Changed },
): void {
  const path = 'correction.fields'
  const touched = Object.keys(changed)
  const services = new Set(touched.flatMap((name) => (name.includes('.') ? [serviceOf(name)] : [])))
  const stays = (service: string): boolean => Object.keys(after).some((name) => serviceOf(name) === service)
  for (const [name, { required }] of declaredFields(policy, group)) {
    const held = name.includes('.')
      ? services.has(serviceOf(name)) && stays(serviceOf(name))
      : name in changed
    if (required && held && after[name] === undefined) {
      throw new InvalidInput('input.invalid', `${path}.${name} is required`, { path: `${path}.${name}` })
    }
  }
  const lists = (groupOf(policy, group).anyOf ?? []).filter((names) => names.some((name) => name in changed))
  checkAnyOf(lists, { fields: after, path })
}

const serviceOf = (name: string): string => name.split('.')[0] ?? ''
