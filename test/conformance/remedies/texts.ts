import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Calls whose texts describe a command or a route and never reach somebody who has a problem. */
const descriptive = new Set([
  'addHelpText',
  'addSwitch',
  'argument',
  'createRoute',
  'description',
  'flag',
  'option',
  'requiredOption',
  'sql',
  'text',
]);

/** The texts of a source file, as one may read them: concatenated, and with {} where a value stands. */
export function textsOf(path: string): string[] {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, kind);
  const found: string[] = [];
  visit(source, found);
  return found;
}

function visit(node: ts.Node, found: string[]): void {
  if (ts.isImportDeclaration(node) || ts.isTaggedTemplateExpression(node)) return;
  if (ts.isCallExpression(node) && descriptive.has(calledName(node))) {
    // What a chain was called on is looked at, what describes is not.
    visit(node.expression, found);
    return;
  }
  // The tables of commands and flags say in it what `description` says elsewhere.
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'description') return;
  const text = textOf(node);
  if (text === undefined) {
    ts.forEachChild(node, (child) => visit(child, found));
    return;
  }
  found.push(text);
  for (const value of valuesIn(node)) visit(value, found);
}

function calledName({ expression }: ts.CallExpression): string {
  if (ts.isPropertyAccessExpression(expression)) return expression.name.text;
  return ts.isIdentifier(expression) ? expression.text : '';
}

function isSum(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
}

/** A text or a sum with a text in it; undefined for everything else. */
function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node)) {
    return node.head.text + node.templateSpans.map(({ literal }) => `{}${literal.text}`).join('');
  }
  if (!isSum(node)) return undefined;
  const [left, right] = [textOf(node.left), textOf(node.right)];
  return left === undefined && right === undefined ? undefined : `${left ?? '{}'}${right ?? '{}'}`;
}

/** Expressions inside a text, which may hold texts of their own. */
function valuesIn(node: ts.Node): ts.Node[] {
  if (ts.isTemplateExpression(node)) return node.templateSpans.map(({ expression }) => expression);
  if (!isSum(node)) return [];
  return [node.left, node.right].flatMap((side) => (textOf(side) === undefined ? [side] : valuesIn(side)));
}
