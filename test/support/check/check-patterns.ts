import { patternExceptions } from './pattern-exceptions.ts';
import { patternFault } from './pattern-rule.ts';
import { patternFiles, patternsOf } from './patterns.ts';

/** A check that looked at nothing proves nothing. */
const fewest = { files: 400, patterns: 250 };

const files = patternFiles();
const read = files.map((file) => patternsOf(file));
const patterns = read.flatMap((one) => one.patterns);
const allowed = new Set(patternExceptions.map(({ source }) => source));
const findings = [
  ...read.flatMap(({ made }) =>
    made.map((at) => `${at}: makes a regular expression out of texts; use globPattern, or write it out`),
  ),
  ...patterns.flatMap(({ at, source, flags }) => {
    const fault = allowed.has(source) ? undefined : patternFault(source, flags);
    return fault === undefined ? [] : [`${at}: /${source}/${flags} may take very long: ${fault}`];
  }),
  ...[...allowed]
    .filter((source) => !patterns.some((one) => one.source === source))
    .map((source) => `test/support/check/pattern-exceptions.ts: /${source}/ is in no file; remove it`),
];
for (const finding of findings) process.stderr.write(`${finding}\n`);
if (files.length < fewest.files || patterns.length < fewest.patterns) {
  findings.push('too few');
  process.stderr.write(`only ${patterns.length} patterns of ${files.length} files were looked at\n`);
}
process.stdout.write(
  `linear patterns: ${patterns.length} in ${files.length} files, ${findings.length} violations\n`,
);
process.exit(findings.length > 0 ? 1 : 0);
