/** What lies in a memory store, read beside its verbs. */

import type { MemoryBacking } from '@pilvi/privacy/memory'

/** Everything stored, as one text per place: `collection key` -> JSON. */
export function dump(backing: MemoryBacking): Map<string, string> {
  const places = new Map<string, string>()
  for (const [name, { rows }] of backing.records) {
    for (const [key, { json }] of rows) places.set(`${name} ${key}`, json)
  }
  for (const [name, streams] of backing.streams) {
    for (const [key, { entries }] of streams) {
      for (const { sequence, json } of entries) places.set(`${name} ${key} ${sequence}`, json)
    }
  }
  for (const [tenant, { rows }] of backing.visits) {
    for (const [place, visit] of rows) places.set(`visits ${tenant} ${place}`, JSON.stringify(visit))
  }
  return places
}

/** The places whose key or value holds a text. */
export const holding = (places: ReadonlyMap<string, string>, text: string): string[] =>
  [...places].filter(([place, json]) => place.includes(text) || json.includes(text)).map(([place]) => place)
