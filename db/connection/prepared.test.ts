import { describe, expect, it } from 'vitest';
import { createStatementNames } from './prepared.ts';

describe('db/connection/prepared', () => {
  it('names a statement at its third use, and always by the same name', () => {
    const nameOf = createStatementNames();
    const names = Array.from({ length: 4 }, () => nameOf('select 1'));
    expect(names).toEqual([undefined, undefined, names[3], names[3]]);
    expect(names[3]).toMatch(/^[\w-]{32}$/);
  });

  it('forgets what was used once or twice long ago, so that ever new statements fill no memory', () => {
    const nameOf = createStatementNames();
    const [early, late] = ['select early', 'select late'];
    for (const text of [early, early]) nameOf(text);
    for (let count = 0; count < 10_000; count++) nameOf(`select ${count}`);
    for (const text of [late, late]) nameOf(text);
    expect(nameOf(early)).toBeUndefined();
    expect(nameOf(late)).toBeDefined();
  });

  it('gives 200 names and no more', () => {
    const nameOf = createStatementNames();
    const named = Array.from({ length: 300 }, (_, count) => {
      const text = `select ${count}`;
      return [nameOf(text), nameOf(text), nameOf(text)][2];
    });
    expect(named.filter((name) => name !== undefined)).toHaveLength(200);
  });
});
