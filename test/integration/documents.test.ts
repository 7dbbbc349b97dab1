import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openapiDocument } from '../../api/app.ts';
import { Config } from '../../platform/config.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function markdownIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...['docs', 'deploy', 'examples'].flatMap(markdownIn),
];

/** Link targets that are files of the repository; code blocks hold none. */
function linksOf(document: string): string[] {
  const prose = read(document).replaceAll(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target]) => target ?? '')
    .filter((target) => !/^https?:/.test(target));
}

describe('documents', () => {
  it('link to files that are there', () => {
    expect(documents.length).toBeGreaterThan(15);
    const broken = documents.flatMap((document) =>
      linksOf(document)
        .filter((target) => !existsSync(join(root, dirname(document), target)))
        .map((target) => `${document}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('stay short enough to be read', () => {
    const lines = (document: string): number => read(document).split('\n').length - 1;
    expect(lines('README.md')).toBeLessThanOrEqual(120);
    expect(lines('ARCHITECTURE.md')).toBeLessThanOrEqual(200);
    for (const decision of documents.filter((name) => /adr\/\d/.test(name))) {
      expect(lines(decision), decision).toBeLessThanOrEqual(70);
    }
  });

  it('list every decision in the index', () => {
    const index = read('docs/adr/README.md');
    const decisions = readdirSync(join(root, 'docs/adr')).filter((name) => /^\d{4}-/.test(name));
    for (const decision of decisions) expect(index).toContain(`(${decision})`);
  });

  it('explain every variable that the roles read', () => {
    const text = read('docs/operate/configuration.md');
    for (const variable of Object.keys(Config.shape)) expect(text, variable).toContain(`| \`${variable}\``);
  });

  it('include the OpenAPI document that the routes make now; `npm run openapi` writes it', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(JSON.parse(read('docs/api/openapi.json'))).toEqual(
      JSON.parse(JSON.stringify(openapiDocument(version))),
    );
  });

  it('give the reason for every dependency, and for no other', () => {
    const names = z.record(z.string(), z.string()).transform((packages) => Object.keys(packages));
    const manifest = z
      .object({ dependencies: names, devDependencies: names })
      .parse(JSON.parse(read('package.json')));
    const section = read('ARCHITECTURE.md').split('## Dependencies')[1] ?? '';
    const explained = section
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => namesOf(line.split('|')[1] ?? ''));
    expect(explained.sort()).toEqual([...manifest.dependencies, ...manifest.devDependencies].sort());
  });
});

/** The packages of a row: names after the first may leave out the scope that they share with it. */
function namesOf(cell: string): string[] {
  const [first = '', ...others] = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
  const scope = first === '@temporalio/worker' ? '@temporalio/' : '';
  return [first, ...others.map((name) => scope + name)];
}
