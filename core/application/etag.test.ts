import { describe, expect, it } from 'vitest';
import { etagOf, meetsEtag } from './etag.ts';

const application = { id: '12345678-aaaa', specGeneration: 7 };

describe('core/application/etag', () => {
  it('names the generation, and tells applications apart that had the name one after the other', () => {
    expect(etagOf(application)).toBe('"7-12345678"');
    expect(etagOf({ ...application, id: '87654321-aaaa' })).not.toBe(etagOf(application));
  });

  it.each([
    [undefined, true],
    ['', true],
    ['*', true],
    ['"7-12345678"', true],
    ['W/"7-12345678"', true],
    ['"6-12345678", "7-12345678"', true],
    ['"6-12345678"', false],
    ['"7-87654321"', false],
    ['7', false],
  ])('is met by the header %s: %s', (header, met) => {
    expect(meetsEtag(header, application)).toBe(met);
  });
});
