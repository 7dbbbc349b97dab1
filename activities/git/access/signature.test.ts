import { describe, expect, it } from 'vitest';
import { readStatus } from './signature.ts';

const signer = '1111222233334444';
const primary = 'AAAABBBBCCCCDDDDEEEEFFFF0000999988887777';
const valid = `[GNUPG:] VALIDSIG 0000000000000000000000001111222233334444 2024-01-01 1704067200 0 4 0 1 10 00 ${primary}`;

describe('activities/git/signature', () => {
  it('takes a good signature of a subkey for one of its primary key', () => {
    const output = `[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG ${signer} Ann <a@b>\n${valid}\n[GNUPG:] TRUST_UNDEFINED 0 pgp`;
    expect(readStatus(output)).toEqual({
      result: 'Good',
      keyId: '0000999988887777',
      cipher: 'RSA',
      message: 'Good signature from RSA key 0000999988887777',
    });
  });

  it.each([
    ['Bad', `[GNUPG:] BADSIG ${signer} Ann`],
    ['Invalid', `[GNUPG:] EXPKEYSIG ${signer} Ann\n${valid}`],
    ['Invalid', `[GNUPG:] REVKEYSIG ${signer} Ann\n${valid}`],
    ['Invalid', `[GNUPG:] EXPSIG ${signer} Ann\n${valid}`],
    ['Unknown', `[GNUPG:] ERRSIG ${signer} 22 8 00 1704067200 9 -\n[GNUPG:] NO_PUBKEY ${signer}`],
    ['Unknown', '[GNUPG:] NODATA 4'],
    ['Unknown', ''],
    ['Unknown', `[GNUPG:] GOODSIG ${signer} Ann\n[GNUPG:] BADSIG ${signer} Bob`],
    ['Unknown', `[GNUPG:] GOODSIG ${signer} Ann\n[GNUPG:] GOODSIG ${signer} Ann`],
    ['Unknown', `remote: [GNUPG:] GOODSIG ${signer} Ann`],
  ])('says %s', (result, output) => {
    expect(readStatus(output).result).toBe(result);
  });
});
