import { generateKeyPairSync } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGit, type Git } from '../../../../activities/git/git.ts';
import { commitTree } from '../../../../activities/inputs/commit-tree.ts';
import { selectFiles } from '../../../../activities/inputs/selection.ts';
import { refusalOf } from '../../../../activities/source/signature-words.ts';
import { accessTo, type RepositoryAccess } from '../../../../core/repository/access.ts';
import { problemsOf } from '../../../support/hostile/remedies.ts';
import { runGit } from '../../../support/render/git-import.ts';
import { createGpgSigner } from '../../../support/render/gpg-signer.ts';
import { type AnsweringServer, startAnswering } from '../../../support/servers/answering-server.ts';
import { type GitServer, startGitServer, type TestRepository } from '../../../support/servers/git-server.ts';

/** What Git takes for no list of refs; a page that begins with another word is an old server without a ref to it. */
const webPage = '<!DOCTYPE html>\n<html><body>a page</body></html>\n';

let server: GitServer;
let page: AnsweringServer;
let cacheDir = '';
let git: Git;

beforeAll(async () => {
  server = await startGitServer();
  page = await startAnswering(({ url = '' }, reply) => reply.end(url.startsWith('/page') ? webPage : '{}'));
  cacheDir = await mkdtemp(join(tmpdir(), 'keelson-git-commits-'));
  git = createGit({ cacheDir, privateHosts: ['127.0.0.0/8'] });
});

afterAll(async () => {
  await git.dispose();
  await Promise.all([server.stop(), page.stop()]);
  await rm(cacheDir, { recursive: true, force: true });
});

type Act = () => Promise<unknown>;

/** The dots of what it says stand for what another program says. */
async function follow(says: string, fault: Act, ...helped: readonly Act[]): Promise<void> {
  const said = (await problemsOf(fault)).join();
  for (const part of says.split('…')) expect(said).toContain(part);
  for (const one of helped) expect(await problemsOf(one)).toEqual([]);
}

const submodules = { reader: 'default', accessOf: async (url: string) => accessTo(url) };

async function read(access: RepositoryAccess, revision = '', by = git): Promise<void> {
  const { sha } = await by.resolveRevision({ access, revision });
  const { release } = await by.checkout({ access, sha, submodules });
  await release();
}

/** Reads the newest commit of a repository. */
const reading =
  (one: TestRepository): Act =>
  () =>
    read(accessTo(one.url));

describe('what a message about a commit advises helps', () => {
  it('against a revision that is no commit', async () => {
    const one = await server.createRepository('tree', { 'a.yaml': 'a' });
    const sha = await runGit(one.dir, ['rev-parse', 'main']);
    await runGit(one.dir, ['tag', 'files', 'main^{tree}']);
    const access = accessTo(one.url);
    const { sha: tree } = await git.resolveRevision({ access, revision: 'files' });
    await follow(
      `${tree} cannot be read; use the SHA of a commit (git: …)`,
      () => git.listFiles({ access, sha: tree }),
      () => git.listFiles({ access, sha }),
    );
    await follow(
      `${tree} is not a commit in ${one.url}; use a commit's SHA`,
      () => git.revisionMetadata({ access, sha: tree }),
      () => git.revisionMetadata({ access, sha }),
    );
    await follow(
      "'main' is not a full commit SHA; resolve the revision first",
      () => git.checkout({ access, sha: 'main' }),
      () => read(access, 'main'),
    );
  });

  it('against a repository without commits, or without branches', async () => {
    const empty = await server.createRepository('empty');
    await follow(
      'the repository has no commits yet, push one, or it is no Git server, check the address',
      reading(empty),
      async () => {
        await empty.commit({ 'a.yaml': 'a' });
        await reading(empty)();
      },
    );
    const bare = await server.createRepository('bare', { 'a.yaml': 'a' });
    await bare.tag('v1');
    const sha = await runGit(bare.dir, ['rev-parse', 'main']);
    await bare.deleteRef('refs/heads/main');
    await follow(
      'the repository has no branches, use a tag or a commit SHA',
      reading(bare),
      () => read(accessTo(bare.url), 'v1'),
      () => read(accessTo(bare.url), sha),
    );
  });

  it('against names that read alike, of which one would be lost', async () => {
    const one = await server.createRepository('alike', { 'a.yaml': 'a: 1\n' });
    const blob = await runGit(one.dir, ['rev-parse', 'main:a.yaml']);
    const listing = async (...names: number[]): Promise<void> => {
      const entries = names.map((byte) =>
        Buffer.concat([Buffer.from(`100644 blob ${blob}\tcaf`), Buffer.from([byte, 0x0a])]),
      );
      const tree = await runGit(one.dir, ['mktree'], Buffer.concat(entries));
      const sha = await runGit(one.dir, ['commit-tree', tree, '-m', 'alike']);
      await runGit(one.dir, ['update-ref', 'refs/heads/main', sha]);
      await git.listFiles({ access: accessTo(one.url), sha });
    };
    await follow(
      'commit … has two entries of the name caf\ufffd, read as UTF-8; rename one of them',
      () => listing(0xe8, 0xe9),
      () => listing(0xe8, 0x65),
    );
  });

  it('against a name that no checkout can have', async () => {
    const one = await server.createRepository('hostile', { 'evil.yaml': 'a: 1\n' });
    const inner = await runGit(one.dir, ['rev-parse', 'main^{tree}']);
    const commitWith = async (name: string): Promise<string> => {
      const tree = await runGit(one.dir, ['mktree'], Buffer.from(`040000 tree ${inner}\t${name}\n`));
      const commit = await runGit(one.dir, ['commit-tree', tree, '-m', name]);
      await runGit(one.dir, ['update-ref', 'refs/heads/main', commit]);
      return commit;
    };
    const access = accessTo(one.url);
    const view = async (name: string): Promise<void> => {
      const source = { access, sha: await commitWith(name) };
      const tree = await commitTree(git, source);
      selectFiles(git, source, tree, [{ kind: 'entry', path: `${name}/evil.yaml` }], () => false);
    };
    await follow(
      '.git/evil.yaml: the commit has a file of a name that no checkout can have; remove it',
      () => view('.git'),
      () => view('good'),
    );
    await follow(
      `repository ${one.url}: …cannot be checked out; correct in the commit what Git names (git: …)`,
      async () => git.checkout({ access, sha: await commitWith('.git') }),
      async () => git.checkout({ access, sha: await commitWith('good') }),
    );
  });

  it('against submodules that are described wrongly', async () => {
    const leaf = await server.createRepository('leaf', { 'a.yaml': 'a' });
    const sha = await runGit(leaf.dir, ['rev-parse', 'main']);
    const modules = (path: string, url: string): string =>
      `[submodule "s"]\n\tpath = ${path}\n${url === '' ? '' : `\turl = ${url}\n`}`;
    const one = await server.createRepository('outer', {
      '.gitmodules': modules('sub', ''),
      sub: { submodule: sha },
    });
    await follow(
      `repository ${one.url}: submodule sub has no url in .gitmodules; add one or remove the submodule`,
      reading(one),
      async () => {
        await one.commit({ '.gitmodules': modules('sub', '../leaf') });
        await reading(one)();
      },
      async () => {
        await one.commit({ '.gitmodules': null, sub: null });
        await reading(one)();
      },
    );
    const linked = async (place: string): Promise<void> => {
      const inner = await runGit(one.dir, ['mktree'], Buffer.from(`160000 commit ${sha}\tsub\n`));
      const file = await runGit(
        one.dir,
        ['hash-object', '-w', '--stdin'],
        Buffer.from(modules(`${place}/sub`, '../leaf')),
      );
      const entries = `100644 blob ${file}\t.gitmodules\n040000 tree ${inner}\t${place}\n`;
      const tree = await runGit(one.dir, ['mktree'], Buffer.from(entries));
      const made = await runGit(one.dir, ['commit-tree', tree, '-m', place]);
      await runGit(one.dir, ['update-ref', 'refs/heads/main', made]);
      await reading(one)();
    };
    await follow(
      `repository ${one.url}: submodule .git/sub is at a place that is no directory; move it`,
      () => linked('.git'),
      () => linked('deep'),
    );
  });

  it('against a tag that has moved, and a key that is none', async () => {
    const ann = await createGpgSigner('ann');
    const one = await server.createRepository('signed', { 'a.yaml': 'a' });
    const access = accessTo(one.url);
    try {
      await ann.tag(one.dir, 'v1');
      const before = await git.resolveRevision({ access, revision: 'v1' });
      const next = await one.commit({ 'a.yaml': 'b' });
      await one.deleteRef('refs/tags/v1');
      await ann.tag(one.dir, 'v1');
      const verify = (resolved: { sha: string; ref?: string }, keys = [ann.publicKey]) =>
        git.verifySignature({ access, ...resolved, keys });
      const now = () => git.resolveRevision({ access, revision: 'v1' });
      await follow(
        `tag v1 no longer leads to ${before.sha} but to ${next}; refresh the application`,
        () => verify(before),
        async () => verify(await now()),
      );
      // What a project says of the verdict, as it demands these keys and others are registered.
      const judged = async (sha: string, keys: string[], demanded: string[]): Promise<string> => {
        const demand = { project: 'shop', demanded, revision: sha, url: one.url };
        return refusalOf(await verify({ sha }, keys), demand) ?? 'allowed';
      };
      const sign = `sign the commit or tag in ${one.url} with a key of project "shop"`;
      expect(await judged(next, [ann.publicKey], [ann.keyId])).toContain(sign);
      const signed = await ann.commit(one.dir, 'signed');
      expect(await judged(signed, [ann.publicKey], [ann.keyId])).toBe('allowed');
      expect(await judged(signed, [ann.publicKey], ['0'.repeat(16)])).toBe(
        `Found good signature made with EDDSA key ${ann.keyId}, but this key is not allowed in AppProject; add it to the signature keys of project "shop", or ${sign}`,
      );
      const unknown = await judged(signed, [], [ann.keyId]);
      expect(unknown).toContain(`; register the key that signed (keelson gpg add), or ${sign}`);
      expect(unknown).toMatch(/^Could not verify commit signature on revision '[0-9a-f]{40}': /);

      await follow(
        'GnuPG keys: one cannot be read; add it again (…)',
        async () => verify(await now(), ['no key']),
        async () => verify(await now()),
      );
    } finally {
      await ann.stop();
    }
  });
});

describe('what a message about a server advises helps', () => {
  it('against one that does not answer, or not like a Git server', async () => {
    const patient = createGit({ cacheDir, listingSeconds: 1 });
    const one = await server.createRepository('slow', { 'a.yaml': 'a' });
    const access = accessTo(one.url.replace('127.0.0.1', 'slow.localhost'));
    const held = server.hold('slow.localhost');
    await follow(
      `repository ${access.url}: no answer within 1 s; check the network between Keelson and the host`,
      () => patient.listRefs({ access }),
      async () => {
        held.release();
        await patient.listRefs({ access });
      },
    );
    await patient.dispose();
    await follow(
      'what answers there is not a Git server; check the address',
      () => read(accessTo(`${page.url()}/page`)),
      reading(one),
    );
    await follow('or it is no Git server, check the address', () => read(accessTo(page.url())), reading(one));
    server.failWith(418);
    await follow('git failed; read its message (git: …)', reading(one), async () => {
      // It says 418, which is the server's own.
      server.failWith();
      await reading(one)();
    });
  });

  it('against an address that a source may not name', async () => {
    const careful = createGit({ cacheDir });
    const open = createGit({ cacheDir, privateHosts: ['127.0.0.0/8'] });
    const { url } = await server.createRepository('private', { 'a.yaml': 'a' });
    await follow(
      'it leads to an address that may not be reached from there; register the repository, list its host in KEELSON_RENDER_PRIVATE_HOSTS, or correct the address',
      () => careful.listRefs({ access: { ...accessTo(url), fromSource: true } }),
      () => careful.listRefs({ access: accessTo(url) }),
      () => open.listRefs({ access: { ...accessTo(url), fromSource: true } }),
    );
    await follow(
      "Keelson's own cache is not a source; use the repository's real address",
      () => read(accessTo(`file://${cacheDir}/mirrors/x.git`)),
      () => read(accessTo(url)),
    );
    await Promise.all([careful.dispose(), open.dispose()]);
  });

  // Nobody else may give a directory away.
  it.skipIf(process.getuid?.() !== 0)('against a directory of somebody else', async () => {
    const one = await server.createRepository('theirs', { 'a.yaml': 'a' });
    await chown(one.dir, 12_345, 12_345);
    await follow(
      'the directory belongs to another user; give it to the user that runs Keelson',
      () => read(accessTo(one.fileUrl)),
      async () => {
        await chown(one.dir, 0, 0);
        await read(accessTo(one.fileUrl));
      },
    );
  });

  it('against a file that is not on the LFS server', async () => {
    const content = Buffer.from('a large file');
    const one = await server.createRepository('lfs', {
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
      'a.bin': server.lfs.add(content),
    });
    server.lfs.remove(content);
    const access = accessTo(one.url, { enableLfs: true });
    await follow(
      'a file kept in LFS is not on its LFS server; push it with git lfs push --all',
      () => read(access),
      async () => {
        server.lfs.add(content);
        await read(access);
      },
    );
  });

  it('against an API that is not that of a GitHub server', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const githubAppPrivateKey = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const api = await startAnswering((_, reply) =>
      reply.writeHead(201).end(JSON.stringify({ token: 't', expires_at: '2099-01-01T00:00:00Z' })),
    );
    const { url } = await server.createRepository('app', { 'a.yaml': 'a' });
    const app = { githubAppID: '1', githubAppInstallationID: '2', githubAppPrivateKey };
    const by = (githubAppEnterpriseBaseUrl: string) =>
      read(accessTo(url, { ...app, githubAppEnterpriseBaseUrl }));
    await follow(
      `${page.url()} gave no token; check that it is the API of a GitHub server`,
      () => by(page.url()),
      () => by(api.url()),
    );
    await api.stop();
  });
});
