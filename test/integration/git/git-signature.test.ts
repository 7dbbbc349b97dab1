import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../activities/git/git.ts';
import { accessTo, type RepositoryAccess } from '../../../core/repository/access.ts';
import { runGit } from '../../support/render/git-import.ts';
import { createGpgSigner, type GpgSigner } from '../../support/render/gpg-signer.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../support/servers/git-server.ts';

describe('activities/git/signature', () => {
  let server: GitServer;
  let repo: TestRepository;
  let access: RepositoryAccess;
  let ann: GpgSigner;
  let eve: GpgSigner;
  let cacheDir = '';
  let git: Git;

  beforeAll(async () => {
    cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-signature-'));
    git = createGit({ cacheDir });
    [server, ann, eve] = await Promise.all([
      startGitServer(),
      createGpgSigner('ann'),
      createGpgSigner('eve'),
    ]);
    repo = await server.createRepository('signed', { 'a.yaml': 'one' });
    access = accessTo(repo.url);
  });

  afterAll(async () => {
    expect(await readdir(join(cacheDir, 'private'))).toEqual([]);
    await git.dispose();
    await Promise.all([server.stop(), ann.stop(), eve.stop()]);
    await rm(cacheDir, { recursive: true });
  });

  it('knows a commit signed by a registered key', async () => {
    const sha = await ann.commit(repo.dir, 'signed');
    const keys = [eve.publicKey, ann.publicKey];
    expect(await git.verifySignature({ access, sha, keys })).toEqual({
      result: 'Good',
      keyId: ann.keyId,
      cipher: 'EDDSA',
      message: `Good signature from EDDSA key ${ann.keyId}`,
    });
  });

  it('does not know a key that is not registered, whatever keys the worker itself has', async () => {
    const sha = await eve.commit(repo.dir, 'by somebody');
    const [some, none] = await Promise.all([
      git.verifySignature({ access, sha, keys: [ann.publicKey] }),
      git.verifySignature({ access, sha, keys: [] }),
    ]);
    expect(some).toMatchObject({ result: 'Unknown', keyId: eve.keyId });
    expect(none).toEqual(some);
  });

  it('finds no signature where there is none, also when the message looks like one', async () => {
    const sha = await repo.commit({ 'a.yaml': 'two' }, 'x\n\n-----BEGIN PGP SIGNATURE-----\ngpgsig yes');
    const verdict = await git.verifySignature({ access, sha, keys: [ann.publicKey] });
    expect(verdict).toEqual({ result: 'None', message: 'Revision is not signed.' });
  });

  it('finds a commit that was changed after it was signed', async () => {
    const sha = await ann.commit(repo.dir, 'honest words');
    const content = await runGit(repo.dir, ['cat-file', 'commit', sha]);
    const changed = Buffer.from(`${content.replace('honest words', 'other words')}\n`);
    const forged = await runGit(repo.dir, ['hash-object', '-t', 'commit', '-w', '--stdin'], changed);
    await repo.branch('main', forged);
    const verdict = await git.verifySignature({ access, sha: forged, keys: [ann.publicKey] });
    expect(verdict).toMatchObject({ result: 'Bad', keyId: ann.keyId });
  });

  it('looks at the annotated tag where one led to the commit', async () => {
    const sha = await repo.commit({ 'a.yaml': 'three' }, 'unsigned');
    await ann.tag(repo.dir, 'v1.0.0');
    await repo.tag('plain');
    const keys = [ann.publicKey];
    const resolved = await git.resolveRevision({ access, revision: '^1.0' });
    expect(await git.verifySignature({ access, ...resolved, keys })).toMatchObject({ result: 'Good' });
    const plain = await git.verifySignature({ access, sha, ref: 'refs/tags/plain', keys });
    expect(plain.result).toBe('None');
    const branch = await git.verifySignature({ access, sha, ref: 'refs/heads/main', keys });
    expect(branch.result).toBe('None');
  });

  it('takes no signed tag that was given another name, and none that has moved', async () => {
    const sha = await runGit(repo.dir, ['rev-parse', 'refs/tags/v1.0.0^{commit}']);
    await runGit(repo.dir, ['update-ref', 'refs/tags/v9.0.0', 'refs/tags/v1.0.0']);
    const keys = [ann.publicKey];
    const renamed = await git.verifySignature({ access, sha, ref: 'refs/tags/v9.0.0', keys });
    expect(renamed.message).toBe(
      `Invalid signature from EDDSA key ${ann.keyId} (it was made for tag v1.0.0)`,
    );
    expect(renamed.result).toBe('Invalid');
    const other = await repo.commit({ 'a.yaml': 'four' });
    const moved = git.verifySignature({ access, sha: other, ref: 'refs/tags/v1.0.0', keys });
    await expect(moved).rejects.toThrow(`tag v1.0.0 no longer leads to ${other}`);
  });

  it('refuses keys that are none', async () => {
    const sha = await ann.commit(repo.dir, 'signed again');
    const checked = git.verifySignature({ access, sha, keys: ['no key'] });
    await expect(checked).rejects.toThrow('GnuPG keys: one cannot be read');
  });
});
