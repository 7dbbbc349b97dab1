import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtInKinds } from '../../core/health/assess.ts';
import { crdRules } from '../../core/health/crd/rules.ts';
import { crdRows } from './health-table.ts';

const page = readFileSync(new URL('../../docs/operate/health.md', import.meta.url), 'utf8');

/** Rows of the table under a line of the page, without its head. */
function tableAfter(line: string): string[] {
  const rest = page.slice(page.indexOf(line) + line.length).split('\n');
  const start = rest.findIndex((text) => text.startsWith('|---'));
  const end = rest.findIndex((text, at) => at > start && !text.startsWith('|'));
  return rest.slice(start + 1, end);
}

describe('docs/operate/health.md', () => {
  it('lists every kind of Kubernetes that has a rule, and no other', () => {
    const kinds = tableAfter('## Kinds of Kubernetes').map((row) => {
      const [, group = '', kind = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''));
      return `${group}/${kind}`;
    });
    expect(kinds.toSorted()).toEqual(builtInKinds.toSorted());
  });

  it('lists every rule of custom resources with the fields that it rests on', () => {
    const { judged, none } = crdRows(crdRules);
    expect(judged.length).toBeGreaterThan(100);
    expect(tableAfter('## Kinds of custom resources')).toEqual(judged);
    expect(tableAfter('Without health, though')).toEqual(none);
  });
});
