/**
 * The one place where text becomes HTML: the escape that every writer uses, and the page around what they write.
 *
 * A page is a single file that loads nothing and runs nothing: its content security policy allows inline style and
 * nothing else, so that even markup that slipped past the escape could not call home (CSP Level 3, `default-src`).
 * Text goes through {@link escapeHtml}, in content and in quoted attributes alike; nothing here accepts an unquoted
 * attribute, a script or an event handler.
 */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}

/** Text as HTML content or as a quoted attribute value. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"'`]/g, (c) => entities[c] ?? c)

/** What a page consists of. */
export interface Page {
  /** BCP 47, for example `fi`. */
  readonly lang: string
  /** Plain text. */
  readonly title: string
  /** CSS that follows the base style; it comes from code, never from data. */
  readonly style?: string
  /** Markup that is already escaped. */
  readonly body: string
}

const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

const baseStyle = `
:root { color-scheme: light dark; --ink: #1c2126; --soft: #57606a; --paper: #ffffff; --line: #d5dae0; --wash: #f3f5f7; --link: #0b5cad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e3e7eb; --soft: #9aa4af; --paper: #14181c; --line: #363d45; --wash: #1d2228; --link: #7ab8f5; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif; overflow-wrap: break-word; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { font-size: 1.9rem; margin: 0 0 .5rem; }
h2 { font-size: 1.3rem; margin: 2.5rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p, ul, dl { margin: .6rem 0; }
ul { padding-left: 1.25rem; }
li { margin: .2rem 0; }
a { color: var(--link); }
.scroll { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; color: var(--soft); }
@media print {
  :root { --ink: #000; --soft: #333; --paper: #fff; --line: #999; --wash: #fff; --link: #000; }
  main { max-width: none; padding: 0; }
  h1, h2, h3 { break-after: avoid; }
  tr, li { break-inside: avoid; }
}
`

/** A whole, self-contained page in light and dark, fit to be printed. */
export function page({ lang, title, style = '', body }: Page): string {
  return `<!doctype html>
<html lang="${escapeHtml(lang)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${baseStyle}${style.replaceAll('</', '<\\/')}</style>
</head>
<body>
${body}
</body>
</html>
`
}
