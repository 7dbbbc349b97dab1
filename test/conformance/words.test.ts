import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { privateWordsIn } from '../support/check/private-words.ts';
import { productFolders, sourceFiles } from '../support/check/source-files.ts';

describe('words', () => {
  it('are the field’s own in every exported name', () => {
    const files = sourceFiles(productFolders);
    expect(files.length).toBeGreaterThan(700);
    const found = files.flatMap((file) =>
      privateWordsIn(readFileSync(file, 'utf8')).map((name) => `${file}: ${name}`),
    );
    expect(found).toEqual([]);
  });

  it('are found in names of every kind, by their parts alone', () => {
    const source = [
      'export function tellWait() {}',
      'export async function lookUpName() {}',
      'export const untilAway = 1;',
      'export type StretchRef = 1;',
      'export const refreshed = replaceAll;',
      'export class Placement {}',
      'export { passingReason };',
      'function lookAround() {}',
    ].join('\n');
    expect(privateWordsIn(source)).toEqual(['tellWait', 'untilAway', 'StretchRef', 'passingReason']);
  });
});
