import { describe, expect, it } from 'vitest';
import { fitText, formatElapsed, padText, plainText, textWidth, wrapText } from './text.ts';

describe('cli/text', () => {
  it('takes the power over the terminal from a text', () => {
    expect(plainText('a\u001b[2Jb\r\nc\u009b1m')).toBe('a [2Jb c 1m');
  });

  it('counts wide characters as two columns', () => {
    expect(textWidth('ab漢字')).toBe(6);
  });

  it('cuts a text at the width and shows that it did', () => {
    expect(fitText('deployment', 6)).toBe('deplo…');
    expect(fitText('漢字漢字', 6)).toBe('漢字…');
    expect(fitText('short', 6)).toBe('short');
  });

  it('breaks a text between words, and a word only where it must', () => {
    expect(wrapText('one two three four', 8, 6, 3)).toEqual(['one two', 'three', 'four']);
    expect(wrapText('abcdefghij klm', 4, 4, 3)).toEqual(['abcd', 'efgh', 'ij …']);
  });

  it('pads by columns, not by characters', () => {
    expect(padText('漢', 4)).toBe('漢  ');
  });

  it('words elapsed time by its size', () => {
    expect([0, 850, 4270, 61_000, 185_000, 7_620_000, -5].map(formatElapsed)).toEqual([
      '0ms',
      '850ms',
      '4.2s',
      '1m01s',
      '3m05s',
      '2h07m',
      '0ms',
    ]);
  });
});
