import { describe, expect, it } from 'vitest';
import { formatField, formatTable } from './table.ts';

describe('cli/table', () => {
  it('aligns columns by their widest cell and leaves no blanks at the end of a line', () => {
    expect(
      formatTable(
        ['NAME', 'STATUS', 'MESSAGE'],
        [
          ['guestbook', 'Synced', ''],
          ['a', 'OutOfSync', 'x y'],
        ],
      ),
    ).toBe('NAME       STATUS     MESSAGE\nguestbook  Synced\na          OutOfSync  x y\n');
  });

  it('keeps a cell on its line when its text has line breaks', () => {
    expect(formatTable(['A'], [['one\ntwo']])).toBe('A\none two\n');
  });

  it('puts the value of a summary line at column 20', () => {
    expect(formatField('Project', 'default')).toBe('Project:            default\n');
    expect(formatField('Namespace', '')).toBe('Namespace:\n');
  });
});
