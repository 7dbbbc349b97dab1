import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { documents, read } from './documents.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

type Link = { readonly label: string; readonly path: string; readonly anchor: string };

/** The links of a document to files of the repository and to places in them; those of blocks of code are none. */
function linksOf(document: string): Link[] {
  const prose = read(document).replaceAll(/```[\s\S]*?```/g, '');
  return [...prose.matchAll(/\[([^\]]+)\]\(([^)\s]+)\)/g)].flatMap(([, label = '', target = '']) => {
    if (/^[a-z]+:/.test(target)) return [];
    const [path = '', anchor = ''] = target.split('#');
    return { label, anchor, path: path === '' ? document : normalize(join(dirname(document), path)) };
  });
}

/** The anchors of a document's headings, as they are made of their words. */
function anchorsOf(document: string): Set<string> {
  const headings = read(document).matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^a-z0-9 _-]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** What is wrong with a link; undefined when nothing is. */
function faultOf({ label, path, anchor }: Link): string | undefined {
  if (!existsSync(join(root, path))) return `[${label}] leads to ${path}, which isn't there`;
  if (anchor !== '' && !anchorsOf(path).has(anchor)) return `[${label}]: ${path} has no heading #${anchor}`;
  const [, number] = /^ADR (\d+)$/.exec(label.replaceAll(/\s+/g, ' ')) ?? [];
  const isOther = number !== undefined && !path.includes(`/adr/${number.padStart(4, '0')}-`);
  return isOther ? `[${label}] leads to ${path}` : undefined;
}

describe('links in documents', () => {
  it('lead to files and headings that there are, and to the decision that they name', () => {
    const all = documents.flatMap((document) => linksOf(document).map((link) => ({ document, link })));
    expect(all.length).toBeGreaterThan(200);
    const faults = all.flatMap(({ document, link }) => {
      const fault = faultOf(link);
      return fault === undefined ? [] : [`${document}: ${fault}`];
    });
    expect(faults).toEqual([]);
  });

  it('of decisions are all in their list, in order', () => {
    const there = documents.filter((path) => /^docs\/adr\/\d{4}-/.test(path)).sort();
    const listed = linksOf('docs/adr/README.md').map(({ path }) => path);
    expect(there.length).toBeGreaterThan(20);
    expect(listed.filter((path) => /\/\d{4}-/.test(path))).toEqual(there);
  });
});
