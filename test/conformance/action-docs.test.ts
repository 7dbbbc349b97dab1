import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { builtinActions, namesOf } from '../../core/action/builtin.ts';

const page = readFileSync(new URL('../../docs/operate/actions.md', import.meta.url), 'utf8');

/** Rows of the table of built-in actions: kinds of one group with the same actions share a row. */
function actionRows(): string[] {
  const rows = new Map<string, string[]>();
  for (const [kindOfGroup, actions] of Object.entries(builtinActions)) {
    const [group = '', kind = ''] = kindOfGroup.split('/');
    const names = actions
      .map((action) => namesOf(action).map((name) => `\`${name}\``))
      .map(([name, ...others]) => (others.length === 0 ? name : `${name} (${others.join(', ')})`))
      .join(', ');
    const same = `${group === '' ? '' : `\`${group}\``}/${names}`;
    rows.set(same, [...(rows.get(same) ?? []), kind]);
  }
  return [...rows]
    .map(([same, kinds]) => {
      const [group, names] = same.split(/\/(.*)/s);
      return `| ${group} | ${kinds.toSorted().join(', ')} | ${names} |`;
    })
    .toSorted();
}

describe('docs/operate/actions.md', () => {
  it('lists every built-in action of every kind, and no other', () => {
    const rows = page.split('\n').filter((line) => line.startsWith('| ') && /`\)? \|$/.test(line));
    expect(rows.filter((row) => !row.includes('\\*'))).toEqual(actionRows());
  });
});
