import { describe, expect, it } from 'vitest';
import { refusalOf } from './signature-words.ts';

const demand = {
  project: 'shop',
  demanded: ['AAAABBBBCCCCDDDD'],
  revision: 'abc',
  url: 'https://git.test/x',
};
const sign = 'sign the commit or tag in https://git.test/x with a key of project "shop"';
const [keyId, cipher] = ['AAAABBBBCCCCDDDD', 'RSA'];

describe('activities/source/signature-words', () => {
  it('has nothing against a good signature by a key that is demanded', () => {
    expect(refusalOf({ result: 'Good', keyId, cipher, message: '' }, demand)).toBeUndefined();
  });

  it('refuses a good signature by another key, and any where no demand can be met', () => {
    const other = refusalOf({ result: 'Good', keyId: '1111', cipher, message: '' }, demand);
    expect(other).toBe(
      `Found good signature made with RSA key 1111, but this key is not allowed in AppProject; add it to the signature keys of project "shop", or ${sign}`,
    );
    expect(refusalOf({ result: 'Good', keyId, message: '' }, { ...demand, demanded: [] })).toContain(
      'not allowed',
    );
    expect(refusalOf({ result: 'Good', message: '' }, { ...demand, demanded: [] })).toContain('not allowed');
  });

  it('says what is wrong with what is not good', () => {
    const invalid = refusalOf({ result: 'Invalid', keyId, cipher, message: 'expired' }, demand);
    expect(invalid).toBe(
      `Found signature made with RSA key ${keyId}, but verification result was invalid: 'expired'; ${sign}`,
    );
    expect(refusalOf({ result: 'None', message: '' }, demand)).toBe(
      `Target revision abc in Git is not signed, but a signature is required; ${sign}`,
    );
    for (const result of ['Unknown', 'Bad'] as const) {
      expect(refusalOf({ result, keyId, cipher, message: 'why' }, demand)).toContain(
        "Could not verify commit signature on revision 'abc': why; ",
      );
    }
  });
});
