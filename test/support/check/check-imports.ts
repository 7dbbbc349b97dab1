import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { productFolders } from './source-files.ts';

/** A check that looked at nothing proves nothing: fewer modules than this means the cruise went wrong. */
const fewestModules = 100;
const folders = [...productFolders, 'bench'].filter((folder) => existsSync(folder));

type Cruise = {
  summary: {
    totalCruised: number;
    violations: { rule: { name: string }; from: string; to: string }[];
  };
};

const run = spawnSync(
  'depcruise',
  ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders],
  {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  },
);
if (run.stdout === '') throw new Error(`depcruise printed nothing: ${run.stderr}`);
const { summary } = JSON.parse(run.stdout) as Cruise;
for (const { rule, from, to } of summary.violations) process.stderr.write(`${rule.name}: ${from} → ${to}\n`);
if (summary.totalCruised < fewestModules) {
  process.stderr.write(`only ${summary.totalCruised} modules were looked at; the check is broken\n`);
  process.exit(1);
}
process.stdout.write(
  `import directions: ${summary.totalCruised} modules, ${summary.violations.length} violations\n`,
);
process.exit(summary.violations.length > 0 ? 1 : 0);
