import { describe, expect, it } from 'vitest';
import { withoutAround, withoutTrailing } from './trim.ts';

describe('core/trim', () => {
  it('takes away what is repeated at the end, or at both', () => {
    expect(withoutTrailing('/a/b//', '/')).toBe('/a/b');
    expect(withoutTrailing('///', '/')).toBe('');
    expect(withoutAround('//a/b//', '/')).toBe('a/b');
    expect(withoutAround('', '/')).toBe('');
  });
});
