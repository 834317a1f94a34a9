/**
 * Coarser tables from published cells and from nothing else, so that a coarser table can tell nothing that the
 * publications do not tell already: there is no raw total to subtract from.
 *
 * A sum says what was summed. Over days alone, with every dimension of the table kept, sessions become session-days:
 * who comes on two days counts twice. Over a dimension as well they become session-cells: a session that was counted
 * in two cells of a day counts twice. Neither is a number of sessions, let alone of people.
 */

import { compareBytes } from '../values/text.ts'
import type { Cell, Publication, RollUp, RollUpCell, RollUpDimension, Statistics } from './model.ts'

/** The tables that statistics come with: the sum, by day, by weekday, and by each dimension of the table. */
export function statisticsOf(publications: readonly Publication[]): Statistics {
  const days = [...publications]
    .filter(({ cells }) => cells.length > 0)
    .sort((a, b) => compareBytes(a.day, b.day))
  const dimensions = new Set(days.flatMap((publication) => publication.dimensions))
  const tables: RollUpDimension[][] = [[], ['day'], ['weekday'], ['hour'], ['source']]
  const wanted = tables.filter(
    ([by]) => by === undefined || by === 'day' || by === 'weekday' || dimensions.has(by),
  )
  return {
    format: 'pilvi-privacy/statistics',
    formatVersion: 1,
    publications: days,
    rollUps: wanted.map((by) => rollUp(days, by)),
  }
}

/**
 * Sums the released cells of some publications by some dimensions; no dimension gives the sum of all. Publications of
 * several tables can be summed only by what all of them have.
 */
export function rollUp(publications: readonly Publication[], by: readonly RollUpDimension[]): RollUp {
  const whole = publications.every(({ dimensions }) => dimensions.every((each) => by.includes(each)))
  const sums = new Map<string, RollUpCell>()
  for (const { day, cells, dimensions } of publications) {
    if (!by.every((each) => each === 'day' || each === 'weekday' || dimensions.includes(each))) continue
    for (const cell of cells) {
      const place = placeOf(by, day, cell)
      const name = JSON.stringify(place)
      sums.set(name, plus(sums.get(name) ?? place, cell, whole ? 'sessionDays' : 'sessionCells'))
    }
  }
  return { by, of: 'released-cells', cells: [...sums.values()].sort(byPlace) }
}

function placeOf(by: readonly RollUpDimension[], day: Publication['day'], cell: Cell): RollUpCell {
  const { hour, source } = cell
  return {
    ...(by.includes('day') && { day }),
    ...(by.includes('weekday') && { weekday: weekdayOf(day) }),
    ...(by.includes('hour') && hour !== undefined && { hour }),
    ...(by.includes('source') && source !== undefined && { source }),
  }
}

/** 1, Monday, to 7, Sunday. */
export const weekdayOf = (day: string): number => new Date(`${day}T00:00:00.000Z`).getUTCDay() || 7

const plus = (
  sum: RollUpCell,
  { visits, sessions }: Cell,
  unit: 'sessionDays' | 'sessionCells',
): RollUpCell => ({
  ...sum,
  ...(visits !== undefined && { visits: (sum.visits ?? 0) + visits }),
  ...(sessions !== undefined && { [unit]: (sum[unit] ?? 0) + sessions }),
})

const byPlace = (a: RollUpCell, b: RollUpCell): number =>
  compareBytes(a.day ?? '', b.day ?? '') ||
  (a.weekday ?? 0) - (b.weekday ?? 0) ||
  (a.hour ?? 0) - (b.hour ?? 0) ||
  compareBytes(a.source ?? '', b.source ?? '')
