import { describe, expect, it } from 'vitest';
import { asManifest, manifestsHere, ownFields } from '../support/random/yaml-oracle.ts';
import { yamlSnippets } from '../support/random/yaml-snippets.ts';

const documents = yamlSnippets('documents');

// That kubectl reads them so is compared in test/integration/tools/yaml-readers.test.ts.
describe('core/yaml, on snippets with the values that kubectl reads', () => {
  const read = documents.filter(({ value }) => value !== undefined);
  const refused = documents.filter(({ refused, here }) => here === undefined && refused === true);

  it('knows what each of them is', () => {
    const told = documents.filter(({ fill, here }) => fill !== undefined || here !== undefined);
    expect(read.length + refused.length + told.length).toBe(documents.length);
  });

  it.each(read)('reads $text', ({ text, value }) => {
    const reading = manifestsHere(asManifest(text, 0));
    expect(reading === undefined ? undefined : ownFields(reading)).toEqual(value);
  });

  it.each(refused)('refuses $text', ({ text }) => {
    expect(manifestsHere(asManifest(text, 0))).toBeUndefined();
  });
});
