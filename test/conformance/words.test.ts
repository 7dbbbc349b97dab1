import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { filesOfPrivateWords, privateWordsIn } from '../support/check/private-words.ts';
import { productFolders, sourceFiles } from '../support/check/source-files.ts';

const found = new Map(
  sourceFiles(productFolders)
    .map((file) => [file, privateWordsIn(readFileSync(file, 'utf8'))] as const)
    .filter(([, names]) => names.length > 0),
);

describe('words', () => {
  it('are the field’s own in every exported name, except in files that still have others', () => {
    expect(sourceFiles(productFolders).length).toBeGreaterThan(700);
    const unlisted = [...found].filter(([file]) => !filesOfPrivateWords.has(file));
    expect(unlisted.map(([file, names]) => `${file}: ${names.join(', ')}`)).toEqual([]);
  });

  it('are private only in files that are listed, and the list names no other: it only gets shorter', () => {
    expect([...filesOfPrivateWords].filter((file) => !found.has(file))).toEqual([]);
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
