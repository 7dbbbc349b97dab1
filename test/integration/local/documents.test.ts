import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openapiDocument } from '../../../api/app.ts';
import { Config } from '../../../platform/config.ts';
import * as ids from '../../../workflows/ids.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
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

/** A document without its blocks of code, which hold no links and no headings. */
const proseOf = (document: string): string => read(document).replaceAll(/```[\s\S]*?```/g, '');

type Link = { readonly from: string; readonly text: string; readonly path: string; readonly anchor: string };

/** The links of a document to files of the repository; a link within it has the path of the document itself. */
function linksOf(document: string): Link[] {
  const found = [...proseOf(document).matchAll(/\[([^\]]*)\]\(([^)\s]+)\)/g)];
  return found
    .map(([, text = '', target = '']) => ({ text, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target))
    .map(({ text, target }) => {
      const [file = '', anchor = ''] = target.split('#');
      const path = file === '' ? document : join(dirname(document), file);
      return { from: `${document}: ${target}`, text, path, anchor };
    });
}

/** The anchors of a document's headings, as the hosts of repositories make them. */
function anchorsOf(document: string): Set<string> {
  const headings = [...proseOf(document).matchAll(/^#{1,6} +(.+)$/gm)].map(([, title = '']) => title);
  const seen = new Map<string, number>();
  return new Set(
    headings.map((title) => {
      const plain = title.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').trim();
      const slug = plain
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${before}`;
    }),
  );
}

const links = documents.flatMap(linksOf);

/** The names that a text of `Commander` commands gives, in the folder of the command line. */
function commandNames(): string[] {
  const sources = readdirSync(join(root, 'cli/commands/app'))
    .filter((name) => name.startsWith('app-') && !name.endsWith('.test.ts'))
    .map((name) => read(join('cli/commands/app', name)));
  return sources.flatMap((source) =>
    [...source.matchAll(/\bapp\s*\.command\('([a-z-]+)/g)].map(([, name = '']) => name),
  );
}

describe('documents', () => {
  it('link to files that are there', () => {
    expect(documents.length).toBeGreaterThan(15);
    expect(links.length).toBeGreaterThan(150);
    expect(links.filter(({ path }) => !existsSync(join(root, path))).map(({ from }) => from)).toEqual([]);
  });

  it('link to headings that are there', () => {
    const anchored = links.filter(({ anchor, path }) => anchor !== '' && path.endsWith('.md'));
    expect(anchored.length).toBeGreaterThan(8);
    const broken = anchored.filter(({ path, anchor }) => !anchorsOf(path).has(anchor));
    expect(broken.map(({ from }) => from)).toEqual([]);
  });

  it('call a decision by the number of its file', () => {
    const numbered = links.filter(
      ({ text, path }) => /^(ADR )?\d+$/.test(text) && path.includes('docs/adr/'),
    );
    expect(numbered.length).toBeGreaterThan(20);
    const wrong = numbered.filter(
      ({ text, path }) => Number(text.replace('ADR ', '')) !== Number(basename(path).slice(0, 4)),
    );
    expect(wrong.map(({ text, from }) => `${text} in ${from}`)).toEqual([]);
  });

  it('explain each word once', () => {
    const rows = [...read('docs/concepts.md').matchAll(/^\| (\*[^|]+\*) \|/gm)];
    const words = rows.flatMap(([, cell = '']) => [...cell.matchAll(/\*([^*]+)\*/g)].map(([, word]) => word));
    expect(words.length).toBeGreaterThan(80);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  it('name every queue and every kind of workflow, and no other', () => {
    const rows = (header: string): string[] => {
      const table = read('docs/adr/0008-queues-and-workflow-ids.md').split(header)[1]?.split('\n\n')[0] ?? '';
      return [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
    };
    const queues = Object.entries(ids).filter(([name, id]) => /Queue$/.test(name) && typeof id === 'string');
    expect(rows('| queue | who polls it | what runs there |').sort()).toEqual(
      [...queues.map(([, id]) => id), ids.clusterQueue('<cluster id>')].sort(),
    );
    const exported = [...read('workflows/index.ts').matchAll(/\{ ([^}]+) \}/g)];
    const workflows = exported.flatMap(([, names = '']) => names.split(', '));
    expect(rows('| workflow | id | why this id |').sort()).toEqual(workflows.sort());
  });

  it('list every command of applications', () => {
    const names = commandNames();
    expect(names.length).toBeGreaterThan(15);
    const [, section = ''] = read('docs/compatibility.md').split('under `app`,');
    const listed = [...(section.split(' and `delete`')[0] ?? '').matchAll(/`([a-z-]+)`/g)];
    expect([...listed.map(([, name = '']) => name), 'delete'].sort()).toEqual([...names].sort());
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
