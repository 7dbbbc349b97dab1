import { describe, expect, it } from 'vitest';
import { demandedKeys } from './signature-keys.ts';

describe('core/project/signature-keys', () => {
  it.each([undefined, {}, { signatureKeys: null }, { signatureKeys: [] }])(
    'demands nothing by %j',
    (spec) => {
      expect(demandedKeys(spec)).toBeUndefined();
    },
  );

  it('reads ids and fingerprints, however they are written', () => {
    const fingerprint = '0123456789abcdef01234567aabbccddeeff0011';
    const signatureKeys = [{ keyID: '0x4aee18f83afdeb23' }, { keyID: fingerprint }];
    expect(demandedKeys({ signatureKeys })).toEqual(['4AEE18F83AFDEB23', 'AABBCCDDEEFF0011']);
  });

  it.each([
    { signatureKeys: [{ keyID: '' }] },
    { signatureKeys: [{ keyID: '3AFDEB23' }, 'x', {}] },
    { signatureKeys: 'x' },
  ])('takes %j for a demand that no key meets', (spec) => {
    expect(demandedKeys(spec)).toEqual([]);
  });
});
