import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { productFolders, sourceFiles } from './source-files.ts';

/** A regular expression of the product's source. */
export type SourcePattern = { readonly at: string; readonly source: string; readonly flags: string };

/** Folders through which texts of Git, tools, clusters, requests and settings pass. */
const folders = productFolders.filter((folder) => folder !== 'local' && folder !== 'ui');

/** The files that are looked at: those which run in the product. */
export function patternFiles(): string[] {
  return sourceFiles(folders);
}

/** The regular expressions of a file, and where it makes one out of texts. */
export function patternsOf(file: string, text = readFileSync(file, 'utf8')) {
  const patterns: SourcePattern[] = [];
  const made: string[] = [];
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node): void => {
    const at = `${file}:${tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      patterns.push({ at, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    const isCall = ts.isNewExpression(node) || ts.isCallExpression(node);
    if (isCall && node.expression.getText(tree) === 'RegExp') made.push(at);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { patterns, made };
}
