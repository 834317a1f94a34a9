/**
 * The documentation runs. Every `ts` block of README.md and docs/*.md, and every `@example` of a docstring in src and
 * adapters, is written to test/.snippets, compiled with the project's own strictness and executed against the sources.
 *
 * A snippet must print or assert something. Where it says `// → text` after a line, what it prints must be exactly
 * those texts, in order. `ts no-run` is refused unless it stands in `notRun` with a reason; it must compile even so.
 * Relative links lead to files that are there, and the tests that SECURITY.md and docs/attacks.md
 * name exist and are run.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'test/.snippets')

/** Blocks that only compile: `file#index` of the block (from 1) -> why it cannot run here. */
const notRun: Readonly<Record<string, string>> = {}

interface Snippet {
  /** `docs/register.md#2`: the second block of that page. */
  readonly name: string
  readonly text: string
  readonly runs: boolean
}

const pages = [
  'README.md',
  'SECURITY.md',
  ...below('docs', '.md').filter((path) => !path.startsWith('docs/api/')),
]
const sources = [...below('src', '.ts'), ...below('adapters', '.ts')]
const snippets = [
  ...pages.flatMap((page) => number(page, blocksOf(read(page)))),
  ...sources.flatMap((file) => number(file, examplesOf(read(file)))),
]

function below(where: string, ending: string): string[] {
  return readdirSync(join(root, where), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending))
    .map((path) => join(where, path))
    .sort()
}

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

type Block = Pick<Snippet, 'text' | 'runs'>

function number(file: string, blocks: readonly Block[]): Snippet[] {
  return blocks.map((block, i) => ({ ...block, name: `${file}#${i + 1}` }))
}

/** The fenced blocks whose language is `ts`. */
function blocksOf(markdown: string): Block[] {
  const fenced = /^```(?:ts|typescript)\b([^\n]*)\n(.*?)^```/gms
  return [...markdown.matchAll(fenced)].map(([, flags = '', text = '']) => {
    return { text, runs: flags.trim() !== 'no-run' }
  })
}

/** The `@example` parts of docstrings: their fenced blocks, or where there is no fence all of their text. */
function examplesOf(source: string): Block[] {
  const docstrings = [...source.matchAll(/\/\*\*(.*?)\*\//gs)].map(([, text = '']) =>
    text.replace(/^\s*\* ?/gm, ''),
  )
  return docstrings.flatMap((text) =>
    [...text.matchAll(/^@example\b[^\n]*\n(.*?)(?=^@\w|$(?![\s\S]))/gms)].flatMap(([, example = '']) =>
      example.includes('```') ? blocksOf(example) : [{ text: example, runs: true }],
    ),
  )
}

const pathOf = ({ name }: Snippet): string => join(folder, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.ts`)

/** The compiler's objections to each snippet; one program for all, because starting one takes seconds. */
function compile(): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  // A snippet shows a call; that it leaves the result alone is no fault of it.
  const program = ts.createProgram(snippets.map(pathOf), { ...options, noUnusedLocals: false })
  const objectionsTo = (path: string): string[] =>
    // Asked of these files only: the sources behind them are checked by `npm run check`.
    ts.getPreEmitDiagnostics(program, program.getSourceFile(path)).map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? -1) + 1
      return `line ${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
    })
  return new Map(snippets.map(pathOf).map((path) => [path, objectionsTo(path)]))
}

let objections = new Map<string, string[]>()

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const snippet of snippets) writeFileSync(pathOf(snippet), `${snippet.text}\nexport {}\n`)
  objections = compile()
}, 120_000)

afterEach(() => {
  vi.restoreAllMocks()
})

describe('snippets of the documentation', () => {
  it('README.md has one to begin with', () => {
    expect(snippets.filter(({ name, runs }) => runs && name.startsWith('README.md#')).length).toBeGreaterThan(
      0,
    )
  })

  it('those that do not run are the ones listed with a reason', () => {
    expect(snippets.filter(({ runs }) => !runs).map(({ name }) => name)).toEqual(Object.keys(notRun))
  })

  it.each(snippets)('$name compiles', (snippet) => {
    expect(objections.get(pathOf(snippet))).toEqual([])
  })

  it.each(snippets.filter(({ runs }) => runs))(
    '$name runs and says what it says it says',
    async (snippet) => {
      const promised = [...snippet.text.matchAll(/\/\/ → (.*)$/gm)].map(([, text = '']) => text.trim())
      expect(snippet.text, 'prints or asserts something').toMatch(/console\.log\(|\bassert\b|\bexpect\(/)
      const printed: string[] = []
      vi.spyOn(console, 'log').mockImplementation((...parts: unknown[]) => {
        printed.push(parts.map(shown).join(' '))
      })
      await import(/* @vite-ignore */ pathOf(snippet))
      if (promised.length > 0) expect(printed).toEqual(promised)
    },
  )
})

/** Relative links of a page, without the part after `#`. */
const linksOf = (page: string): string[] =>
  [...read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))

describe('links of the documentation', () => {
  it.each(pages)('%s leads to files that are there', (page) => {
    expect(linksOf(page).filter((target) => !existsSync(join(root, dirname(page), target)))).toEqual([])
  })
})

/** The rows of a page that name a test: its file, and the name of a test or case in it. */
const testsNamedIn = (page: string): (readonly [file: string, name: string])[] =>
  [...read(page).matchAll(/^\|.*\| `(test\/[^`]+|src\/[^`]+)` \| ([^|]+) \|$/gm)].map(
    ([, file = '', name = '']) => [file, name] as const,
  )
const promises = testsNamedIn('SECURITY.md')
const attacks = testsNamedIn('docs/attacks.md')

describe('the promises of SECURITY.md and the attacks of docs/attacks.md', () => {
  it('are there', () => {
    expect(promises.length).toBeGreaterThan(15)
    expect(attacks.length).toBeGreaterThan(60)
  })

  it.each([...promises, ...attacks])('%s tests: %s', (file, name) => {
    const named = titlesOf(read(file), file).filter(({ title }) => title.includes(name))
    expect(named.length, 'is the title of a test').toBeGreaterThan(0)
    expect(named.filter(({ runs }) => !runs)).toEqual([])
  })

  it('are not kept by a comment, a string, or a test that is skipped or still to be written', () => {
    const source = `
      // it('in a comment', () => {})
      const text = "it('in a string')"
      it.each(cases)('one of many: %s', () => {})
      describe.skipIf(!present)('where there is data', () => { it('inside it', () => {}) })
      describe.skip('left out', () => { it('inside what is left out', () => {}) })
      it.todo('to be written')
      const made = { name: 'a case' }
    `
    expect(titlesOf(source, 'test/some.test.ts')).toEqual([
      { title: 'one of many: %s', runs: true },
      { title: 'where there is data', runs: true },
      { title: 'inside it', runs: true },
      { title: 'left out', runs: false },
      { title: 'inside what is left out', runs: false },
      { title: 'to be written', runs: false },
    ])
    expect(titlesOf(source, 'src/testing/conformance/some.ts').at(-1)).toEqual({
      title: 'a case',
      runs: true,
    })
  })
})

interface Title {
  readonly title: string
  /** Whether neither it nor what it stands in is skipped or still to be written. */
  readonly runs: boolean
}

/** The titles of tests and groups of a file; in the conformance kit, which is handed its runner, the names of cases. */
function titlesOf(source: string, file: string): Title[] {
  const found: Title[] = []
  const look = (node: ts.Node, outer: boolean): void => {
    const words = ts.isCallExpression(node) ? wordsOf(node.expression) : []
    const isTest = ['it', 'test', 'describe'].includes(words[0] ?? '')
    const runs = outer && !(isTest && (words.includes('skip') || words.includes('todo')))
    const title = isTest && ts.isCallExpression(node) ? node.arguments[0] : caseName(node, file)
    if (title !== undefined && ts.isStringLiteralLike(title)) found.push({ title: title.text, runs })
    ts.forEachChild(node, (child) => look(child, runs))
  }
  look(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true), true)
  return found
}

/** `it`, `each` of `it.each(cases)`. */
function wordsOf(callee: ts.Expression): string[] {
  if (ts.isPropertyAccessExpression(callee)) return [...wordsOf(callee.expression), callee.name.text]
  if (ts.isCallExpression(callee)) return wordsOf(callee.expression)
  return ts.isIdentifier(callee) ? [callee.text] : []
}

function caseName(node: ts.Node, file: string): ts.Expression | undefined {
  if (!file.startsWith('src/testing/') || !ts.isPropertyAssignment(node)) return undefined
  return node.name.getText() === 'name' ? node.initializer : undefined
}

/** As a reader would write it down: text as it is, anything else as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
}
