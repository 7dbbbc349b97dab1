import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { accessTo } from '../../core/repository/access.ts';
import { createGit, type Git, type SignatureVerdict } from '../git/git.ts';
import { rememberVerdicts } from './signature-verdicts.ts';

const cacheDir = mkdtempSync(join(tmpdir(), 'keelson-verdicts-'));
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));

const access = accessTo('https://git.test/team/app');
const question = { access, sha: 'a'.repeat(40), ref: undefined, keys: ['one key'] };
const good: SignatureVerdict = { result: 'Good', message: 'Good signature' };
const bad: SignatureVerdict = { result: 'Bad', message: 'Bad signature' };

/** Git that remembers, the number of looks that it has had, and what the next ones find. */
function remembering(...found: (SignatureVerdict | Error)[]) {
  const looks: Parameters<Git['verifySignature']>[0][] = [];
  const git = rememberVerdicts({
    ...createGit({ cacheDir }),
    async verifySignature(source) {
      const verdict = found[looks.length];
      looks.push(source);
      if (verdict === undefined || verdict instanceof Error)
        throw verdict ?? new Error('nobody expected a look');
      return verdict;
    },
  });
  return { git, looks };
}

describe('activities/source/signature-verdicts', () => {
  it('looks once at a signature, whoever asks and gives up', async () => {
    const { git, looks } = remembering(bad);
    const { signal } = new AbortController();
    const asked = [question, { ...question, signal }, question].map((one) => git.verifySignature(one));
    expect(await Promise.all(asked)).toEqual([bad, bad, bad]);
    expect(looks).toEqual([question]);
  });

  it('takes other keys and another commit for another question', async () => {
    const { git, looks } = remembering(good, bad, good);
    await git.verifySignature(question);
    expect(await git.verifySignature({ ...question, keys: ['one key', 'another'] })).toEqual(bad);
    await git.verifySignature({ ...question, sha: 'b'.repeat(40) });
    expect(looks).toHaveLength(3);
  });

  it('looks again where the look failed, or a tag that is not good may be made anew', async () => {
    const { git } = remembering(new Error('away'), bad, good);
    const tagged = { ...question, ref: 'refs/tags/v1' };
    await expect(git.verifySignature(tagged)).rejects.toThrow('away');
    expect(await git.verifySignature(tagged)).toEqual(bad);
    expect(await git.verifySignature(tagged)).toEqual(good);
    expect(await git.verifySignature(tagged)).toEqual(good);
  });

  it('belongs to one Git', async () => {
    await remembering(good).git.verifySignature(question);
    expect(await remembering(bad).git.verifySignature(question)).toEqual(bad);
  });
});
