import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

/** A place in workflow code that may go round for ever without handing over to a fresh run. */
export type EndlessLoop = { readonly file: string; readonly line: number; readonly text: string };

/** What ends a run whose history is long; see workflows/hand-over.ts. */
const handsOver: ReadonlySet<string> = new Set(['handOver', 'beforeWait']);

/** Modules that run as workflow code: those that `entry` imports by value, and what these import. */
export function workflowModules(entry: string, seen = new Set<string>()): readonly string[] {
  if (seen.has(entry)) return [];
  seen.add(entry);
  const imported = parse(entry, readFileSync(entry, 'utf8')).statements.flatMap((statement) => {
    const isLink = ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement);
    const from = isLink ? statement.moduleSpecifier : undefined;
    if (from === undefined || !ts.isStringLiteral(from) || !from.text.startsWith('.')) return [];
    const isTypeOnly = ts.isImportDeclaration(statement)
      ? statement.importClause?.isTypeOnly
      : (statement as ts.ExportDeclaration).isTypeOnly;
    return isTypeOnly === true ? [] : [join(dirname(entry), from.text)];
  });
  return [entry, ...imported.flatMap((file) => workflowModules(file, seen))];
}

/**
 * Loops that await something and don't hand over themselves, and functions that await themselves, which are loops
 * without the word.
 */
export function endlessLoops(file: string, text: string): EndlessLoop[] {
  const source = parse(file, text);
  const found: EndlessLoop[] = [];
  const note = (node: ts.Node): void => {
    const start = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(start).line;
    found.push({ file, line: line + 1, text: text.split('\n')[line]?.trim() ?? '' });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIterationStatement(node, false) && awaits(node) && !calls(node, handsOver)) note(node);
    const name = ownName(node);
    if (name !== undefined && awaits(node) && callsItself(node, name)) note(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

function ownName(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node)) return node.name?.getText();
  const isFunction =
    ts.isVariableDeclaration(node) && node.initializer && ts.isFunctionLike(node.initializer);
  return isFunction ? node.name.getText() : undefined;
}

function awaits(node: ts.Node): boolean {
  return some(node, true, (inner) => ts.isAwaitExpression(inner) || isForAwait(inner)) || isForAwait(node);
}

function isForAwait(node: ts.Node): boolean {
  return ts.isForOfStatement(node) && node.awaitModifier !== undefined;
}

/** Calls by the bare name: a method of the name is another function. */
function callsItself(node: ts.Node, name: string): boolean {
  return some(
    node,
    true,
    (inner) =>
      ts.isCallExpression(inner) && ts.isIdentifier(inner.expression) && inner.expression.text === name,
  );
}

function calls(node: ts.Node, names: ReadonlySet<string>): boolean {
  return some(node, false, (inner) => {
    if (!ts.isCallExpression(inner)) return false;
    const { expression } = inner;
    const called = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
    return names.has(called.getText());
  });
}

/** Whether something below a node is so; of functions and loops inside only where `deep`, as they are looked at by themselves. */
function some(node: ts.Node, deep: boolean, is: (inner: ts.Node) => boolean): boolean {
  let found = false;
  const visit = (inner: ts.Node): void => {
    if (found) return;
    found = is(inner);
    if (found || (!deep && (ts.isFunctionLike(inner) || ts.isIterationStatement(inner, false)))) return;
    ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}
