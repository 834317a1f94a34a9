/**
 * Bars as inline SVG: no script, no outside asset, and widths in percent, so that a chart fills its column on a phone
 * and on a desk without its text growing or shrinking.
 *
 * Each chart is one image to a screen reader, named by its heading and described in a sentence; the figures stand in a
 * table beside it.
 */

import { escapeHtml } from '../html.ts'

/** A bar; `value` is `null` where there is nothing to show. */
export interface Bar {
  /** The whole name, for the tooltip. */
  readonly name: string
  /** The name on the axis. */
  readonly label: string
  readonly value: number | null
}

/** What a chart says beside its bars; plain text. */
export interface ChartOptions {
  readonly description: string
  format(value: number): string
  readonly nothing: string
}

const height = 180
const percent = (value: number): string => `${Number(value.toFixed(3))}%`

/** The least of 1, 2, 2.5 and 5 times a power of ten that, taken five times at most, covers `most`. */
function stepFor(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1) / 5))
  const steps = [1, 2, 2.5, 5, 10].map((factor) => factor * power).filter((step) => Number.isInteger(step))
  return steps.find((step) => step * 5 >= most) ?? 1
}

const tip = ({ name, value }: Bar, { format, nothing }: ChartOptions): string =>
  `<title>${escapeHtml(`${name}: ${value === null ? nothing : format(value)}`)}</title>`

/** Bars that stand, for what has an order. `every`: which labels are written. */
export function columns(bars: readonly Bar[], options: ChartOptions & { readonly every: number }): string {
  const step = stepFor(Math.max(...bars.map(({ value }) => value ?? 0)))
  const most = Math.max(...bars.map(({ value }) => value ?? 0), 1)
  const ticks = Array.from({ length: Math.ceil(most / step) + 1 }, (_, i) => i * step)
  const top = (ticks.at(-1) ?? 0) || 1
  const y = (value: number): number => 12 + height - (value / top) * height
  const width = 100 / bars.length
  const drawn = bars.map((bar, i) => {
    const value = bar.value ?? 0
    const place = `x="${percent((i + 0.12) * width)}" width="${percent(width * 0.76)}"`
    // A transparent column over the whole height makes a small bar's tooltip easy to find.
    return `<g>${tip(bar, options)}<rect class="hit" ${place} y="12" height="${height}"/><rect class="bar" ${place} y="${y(value).toFixed(1)}" height="${(12 + height - y(value)).toFixed(1)}"/></g>`
  })
  const labels = bars.flatMap(({ label }, i) =>
    i % options.every === 0
      ? `<text x="${percent((i + 0.5) * width)}" y="${height + 32}" text-anchor="middle">${escapeHtml(label)}</text>`
      : [],
  )
  const lines = ticks.map((tick) => `<line class="grid" x1="0" x2="100%" y1="${y(tick)}" y2="${y(tick)}"/>`)
  const axis = ticks.map(
    (tick) => `<text x="44" y="${y(tick) + 4}" text-anchor="end">${escapeHtml(options.format(tick))}</text>`,
  )
  return `<div class="columns" role="img" aria-label="${escapeHtml(options.description)}">
<svg class="axis" width="52" height="${height + 40}" aria-hidden="true">${axis.join('')}</svg>
<svg width="100%" height="${height + 40}" aria-hidden="true">${[...lines, ...drawn, ...labels].join('\n')}</svg>
</div>`
}

/** Bars that lie, each under its name: for names of any length. */
export function rows(bars: readonly Bar[], options: ChartOptions): string {
  const most = Math.max(...bars.map(({ value }) => value ?? 0), 1)
  const drawn = bars.map((bar) => {
    const width = percent(((bar.value ?? 0) / most) * 100)
    return `<div class="row"><span class="name">${escapeHtml(bar.name)}</span><span class="value">${escapeHtml(bar.value === null ? '–' : options.format(bar.value))}</span><svg width="100%" height="12" aria-hidden="true"><rect class="track" width="100%" height="12" rx="3"/><rect class="bar" width="${width}" height="12" rx="3">${tip(bar, options)}</rect></svg></div>`
  })
  return `<div class="rows" role="img" aria-label="${escapeHtml(options.description)}">
${drawn.join('\n')}
</div>`
}
