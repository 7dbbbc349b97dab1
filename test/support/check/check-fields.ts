import { join } from 'node:path';
import ts from 'typescript';
import { productFolders } from './source-files.ts';

/** Folders through which names of Git, tools, clusters and requests pass. */
const folders = productFolders.filter((folder) => !['bin', 'local', 'ui'].includes(folder));
/** Where names are asked for that the object is known to have, as often as a manifest has fields. */
const allowed: ReadonlySet<string> = new Set(['core/own-field.ts', 'core/object/json/canonical.ts']);
const fewestFiles = 500;
const prototypeNames = Object.getOwnPropertyNames(Object.prototype);

const root = process.cwd();
const { config } = ts.readConfigFile('tsconfig.json', ts.sys.readFile);
const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
const wanted = folders.map((folder) => join(root, folder, '/'));
const files = fileNames.filter(
  (file) => wanted.some((folder) => file.startsWith(folder)) && !file.endsWith('.test.ts'),
);
const program = ts.createProgram(files, options);
const checker = program.getTypeChecker();

/** Whether a name may be any text: neither a literal nor one of a few, nor with a part that no such name has. */
function isForeign(name: ts.Expression): boolean {
  if (ts.isStringLiteralLike(name) || ts.isPrivateIdentifier(name)) return false;
  if (ts.isTemplateExpression(name)) {
    const fixed = [name.head.text, ...name.templateSpans.map(({ literal }) => literal.text)];
    if (fixed.some((text) => !prototypeNames.some((word) => word.includes(text)))) return false;
  }
  return isAnyText(checker.getTypeAtLocation(name));
}

function isAnyText(type: ts.Type): boolean {
  if (type.isUnion()) return type.types.some(isAnyText);
  return (type.flags & (ts.TypeFlags.String | ts.TypeFlags.TemplateLiteral)) !== 0;
}

/** What is wrong with a node, if it finds a field by any name. */
function faultOf(node: ts.Node): string | undefined {
  if (ts.isElementAccessExpression(node) && isForeign(node.argumentExpression)) {
    return ts.isDeleteExpression(node.parent) ? undefined : node.getText();
  }
  if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.InKeyword) return undefined;
  return isForeign(node.left) ? node.getText() : undefined;
}

const findings: string[] = [];
for (const file of files) {
  const source = program.getSourceFile(file);
  const path = file.slice(root.length + 1);
  if (source === undefined || allowed.has(path)) continue;
  const visit = (node: ts.Node): void => {
    const fault = faultOf(node);
    const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (fault !== undefined) findings.push(`${path}:${line}: ${fault}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
}
for (const finding of findings) process.stderr.write(`${finding}\n`);
if (findings.length > 0) {
  process.stderr.write('use ownField and setField of core/own-field.ts, or Object.hasOwn instead of in\n');
}
if (files.length < fewestFiles) {
  process.stderr.write(`only ${files.length} files were looked at; the check is broken\n`);
}
process.stdout.write(`own fields: ${files.length} files, ${findings.length} violations\n`);
process.exit(findings.length > 0 || files.length < fewestFiles ? 1 : 0);
