/** The style of the report, on top of that of every page (`html.ts`). */
export const reportStyle = `
:root { --bar: #2b6cb0; --track: #e8edf2; }
@media (prefers-color-scheme: dark) { :root { --bar: #6aaef0; --track: #262d35; } }
.period { color: var(--soft); margin: 0; }
.tiles { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: .75rem; margin: 1.5rem 0; }
.tiles > div { display: flex; flex-direction: column-reverse; background: var(--wash); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem; justify-content: flex-end; }
.tiles dt { color: var(--soft); font-size: .875rem; }
.tiles dd { margin: 0; font-size: clamp(1.15rem, 5vw, 1.6rem); font-weight: 600; line-height: 1.3; }
.lead { max-width: 42rem; }
.note { color: var(--soft); font-size: .875rem; max-width: 42rem; }
.columns { display: grid; grid-template-columns: 52px minmax(0, 1fr); margin: 1rem 0 .5rem; }
.columns svg { display: block; overflow: visible; }
.rows { margin: 1rem 0; }
.row { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .1rem .75rem; margin: .6rem 0; break-inside: avoid; }
.row svg { grid-column: 1 / -1; display: block; }
.row .value, td, th + th { font-variant-numeric: tabular-nums; }
svg text { fill: var(--soft); font-size: 12px; }
.bar { fill: var(--bar); }
.track { fill: var(--track); }
.hit { fill: transparent; }
g:hover > .bar { opacity: .75; }
.grid { stroke: var(--line); stroke-width: 1; shape-rendering: crispEdges; }
details { margin: .5rem 0 0; }
summary { cursor: pointer; color: var(--link); font-size: .925rem; padding: .25rem 0; }
td, thead th + th { text-align: right; }
tbody th { font-weight: 400; color: var(--ink); width: 45%; }
footer { margin-top: 2.5rem; border-top: 1px solid var(--line); }
@media print {
  :root { --bar: #2b6cb0; --track: #eee; }
  section { break-inside: avoid; }
  svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  summary { display: none; }
}
`
