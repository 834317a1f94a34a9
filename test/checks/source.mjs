/** Reading TypeScript and JavaScript files of the project as the compiler reads them, for the checks beside this. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { root } from './report.mjs'

/** The syntax tree of a file of the project. */
export function parse(file) {
  return ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true)
}

/** Calls `see` with every node below another, itself first. */
export function walk(node, see) {
  see(node)
  ts.forEachChild(node, (child) => walk(child, see))
}

/**
 * Every module that a file names, in imports, re-exports, `import()` calls and `import('…')` types: `spec`, the
 * `names` it takes (`*` for all), whether it takes types only, and whether it is an `export *`.
 */
export function importsOf(file) {
  const found = []
  walk(parse(file), (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier) {
      found.push(declared(node))
    } else if (ts.isImportTypeNode(node)) {
      const names = [node.qualifier?.getText() ?? '*']
      found.push({ spec: node.argument.literal.text, onlyTypes: true, names, star: false })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.push({
        spec: node.arguments[0]?.text ?? '(computed)',
        onlyTypes: false,
        names: ['*'],
        star: false,
      })
    }
  })
  return found
}

function declared(node) {
  const clause = ts.isImportDeclaration(node) ? node.importClause : node
  const list = ts.isImportDeclaration(node) ? clause?.namedBindings : node.exportClause
  const elements = list?.elements ?? []
  const eachType = elements.length > 0 && !clause?.name && elements.every((element) => element.isTypeOnly)
  return {
    spec: node.moduleSpecifier.text,
    onlyTypes: (clause?.isTypeOnly ?? false) || eachType,
    names:
      elements.length > 0 ? elements.map(({ propertyName, name }) => (propertyName ?? name).text) : ['*'],
    star: ts.isExportDeclaration(node) && !list,
  }
}

/** `zod` of `zod/mini`, `@noble/hashes` of `@noble/hashes/sha2.js`. */
export const packageOf = (spec) => spec.match(/^(@[^/]+\/)?[^/]+/)[0]
