import { readFileSync } from 'node:fs';
import { productFolders, sourceFiles } from './source-files.ts';

/** Folders through which values of Git, tools, clusters and requests pass. */
const folders = productFolders.filter((folder) => folder !== 'bin' && folder !== 'local');
/** The one reading and writing of JSON that keeps every digit, where requests are given it, and where a text is copied. */
const allowed: ReadonlySet<string> = new Set([
  ...['core/object/json/json.ts', 'api/request/exact-json.ts', 'core/own-memory.ts'],
]);
/** What rounds a whole number beyond 2^53, or refuses it. */
const rounding =
  /\bJSON\.(parse|stringify)\(|\.json\(\)|from 'drizzle-orm\/pg-core'.*\bjsonb\b|\bjsonb\b.*from 'drizzle-orm\/pg-core'/;
const fewestFiles = 500;

const files = sourceFiles(folders).filter((file) => !allowed.has(file));
const findings = files.flatMap((file) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line, index) =>
      rounding.test(line) && !/^\s*(\/\/|\*|\/\*\*)/.test(line)
        ? [`${file}:${index + 1}: ${line.trim()}`]
        : [],
    ),
);
for (const finding of findings) process.stderr.write(`${finding}\n`);
if (findings.length > 0)
  process.stderr.write(
    'use parseJson and formatJson of core/object/json/json.ts, jsonb of db/schema/column.ts\n',
  );
if (files.length < fewestFiles)
  process.stderr.write(`only ${files.length} files were looked at; the check is broken\n`);
process.stdout.write(`exact JSON: ${files.length} files, ${findings.length} violations\n`);
process.exit(findings.length > 0 || files.length < fewestFiles ? 1 : 0);
