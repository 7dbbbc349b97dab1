import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { read } from './documents.ts';

/** Rows of the page by their first cell, and the test that shows what each says: its file, and its title or the title's form. */
const shown = JSON.parse(read('test/conformance/documents/compatibility.json')) as Readonly<
  Record<string, readonly [file: string, title: string]>
>;

/** First cells of the tables. */
const rows = new Set(
  read('docs/compatibility.md')
    .split('\n')
    .map((line) => line.split(/(?<!\\)\|/)[1]?.trim())
    .filter((cell): cell is string => cell !== undefined && !/^-+$/.test(cell)),
);

describe('rows of the page on compatibility', () => {
  it('are shown by tests, most of them by name', () => {
    expect(rows.size).toBeGreaterThan(250);
    expect(Object.keys(shown).length).toBeGreaterThan(120);
  });

  it.each(Object.entries(shown))('%s', (row, [file, title]) => {
    expect(rows).toContain(row);
    expect(existsSync(file), file).toBe(true);
    // As it is written, quotes of TypeScript aside.
    expect(read(file).replaceAll('\\', '')).toContain(title.replaceAll('\\', ''));
  });
});
