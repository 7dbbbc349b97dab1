import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { wellKnownHosts } from '../../../core/repository/known-hosts.ts';
import { listAudit } from '../../../db/queries/installation/audit.ts';
import { repositoryAccess } from '../../../db/queries/repository/repository-access.ts';
import { createAuthority } from '../../../local/kubernetes/authority.ts';
import { login } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliOptions, type CliRun, keelson } from '../../support/keelson/run-cli.ts';
import { armoredKey } from '../../support/render/pgp-key.ts';

const url = 'https://git.example.com/team/deploy.git';
const password = 'canary-password';
const refusal = `repository ${url}: it refused the configured credentials; renew them in the repository`;
const [github] = wellKnownHosts;

let api: ServedApi;
let folder: string;
let token: string;

beforeAll(async () => {
  api = await serveApi({
    inspect: async (request) =>
      'access' in request && request.access.credentials.password === 'wrong'
        ? { failure: { code: 'source-unreachable', message: refusal, retryable: false } }
        : { reply: {} },
  });
  token = (await login(api.api, api.adminPassword)).token;
  folder = await mkdtemp(join(tmpdir(), 'keelson-cli-sources-'));
});

afterAll(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

async function run(line: string, options: CliOptions = {}): Promise<CliRun> {
  const env = { HOME: folder, KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token };
  const ended = await keelson(line.split(' '), { ...options, env });
  expect(`${ended.stdout}${ended.stderr}`).not.toContain('canary');
  return ended;
}

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('cli/commands of repositories', () => {
  test('repo add tests the connection, asks for the password, and list, get and rm follow', async () => {
    const failed = await run(`repo add ${url} --username robot --password wrong`);
    expect(failed).toMatchObject({ status: 20, stderr: expect.stringContaining(refusal) });
    const unasked = await run(`repo add ${url} --username robot`);
    expect(unasked).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--password of robot is missing'),
    });
    const added = await run(
      `repo add ${url} --username robot --insecure-skip-server-verification --proxy http://me:canary@proxy:3128 --no-proxy a.example.com`,
      { answers: [password] },
    );
    expect(added).toMatchObject({ status: 0, stdout: `Repository '${url}' added\n` });
    const { credentials } = await repositoryAccess(api.db, api.keyring, url, 'default');
    expect(credentials).toEqual({
      username: 'robot',
      password,
      insecure: true,
      proxy: 'http://me:canary@proxy:3128',
      noProxy: 'a.example.com',
    });

    const again = await run(`repo add ${url} --username robot --password other`);
    expect(again).toMatchObject({ status: 20, stderr: expect.stringContaining('use upsert flag') });
    expect((await run(`repo add ${url} --username robot --password other --upsert`)).status).toBe(0);

    const listed = await run('repo list');
    expect(listed.stdout).toMatch(/^TYPE +NAME +REPO +INSECURE +OCI +LFS +CREDS +STATUS +MESSAGE +PROJECT\n/);
    expect(listed.stdout).toMatch(/git +https:\S+deploy.git +false +false +false +true +Successful/);
    expect((await run('repo list -o url --refresh hard')).stdout).toBe(`${url}\n`);
    expect(JSON.parse((await run(`repo get ${url} -o json`)).stdout)).toMatchObject({ repo: url });
    expect((await run('repo rm https://GIT.example.com/team/deploy')).status).toBe(0);
    expect((await run('repo list -o url')).stdout).toBe('');
    expect(await run(`repo rm ${url}`)).toMatchObject({
      status: 20,
      stderr: expect.stringContaining('not found'),
    });
    expect((await run(`repo add ${url} --type helm`)).stderr).toContain('needs --name');
  });

  test('repocreds add, list and rm keep templates', async () => {
    const prefix = 'https://git.example.com/team/';
    expect(await run(`repocreds add ${prefix} --username robot --password ${password}`)).toMatchObject({
      status: 0,
      stdout: `Repository credentials for '${prefix}' added\n`,
    });
    expect((await run(`repocreds add ${prefix} --password other`)).stderr).toContain('use upsert flag');
    expect((await run('repocreds list')).stdout).toMatch(
      /URL PATTERN +TYPE +USERNAME +CREDS\nhttps:\S+ +git +robot +true/,
    );
    await run(`repo add ${url}`);
    expect((await run('repo list')).stdout).toMatch(/inherited/);
    expect((await run(`repocreds rm ${prefix}`)).stdout).toContain('removed');
    expect((await run('repocreds list -o url')).stdout).toBe('');
  });

  test('cert add-ssh, add-tls, list and rm keep host keys and certificates', async () => {
    const seeded = await run('cert list --cert-type ssh');
    expect(seeded.stdout).toMatch(
      /github.com +ssh +ssh-ed25519 +SHA256:\+DiY3wvvV6TuJJhbpZisF\/zLDA0zPMSvHdkr4UvCOqU/,
    );
    const line = `git.example.com,[git.example.com]:2222 ${github?.keyType} ${github?.key}\n`;
    expect((await run('cert add-ssh --batch', { input: `# scanned\n${line}` })).stdout).toBe(
      'Successfully created 2 SSH known host entries\n',
    );
    const path = await file('known_hosts', 'git.example.com ssh-ed25519 canary\n');
    expect(await run(`cert add-ssh --batch --from ${path}`)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/known_hosts:1: the key is damaged/),
    });
    const pem = await file('ca.pem', createAuthority().certificatePem);
    expect((await run(`cert add-tls git.example.com --from ${pem}`)).stdout).toBe(
      'Created entry with 1 PEM certificates for repository server git.example.com\n',
    );
    const other = await file('other.pem', createAuthority().certificatePem);
    expect((await run(`cert add-tls git.example.com --from ${other}`)).stderr).toContain(
      'use upsert to replace',
    );
    expect((await run(`cert add-tls git.example.com --from ${other} --upsert`)).status).toBe(0);
    expect((await run('cert list --hostname-pattern git.*')).stdout).toMatch(
      /git\.example\.com +https +ecdsa +CN=keelson-local-ca/,
    );
    expect((await run('cert rm git.example.com')).stdout.split('\n').sort()).toEqual(
      [
        '',
        "Removed cert for 'git.example.com' of type 'https' (subtype '')",
        "Removed cert for 'git.example.com' of type 'ssh' (subtype 'ssh-ed25519')",
      ].map((text) => text.replace("(subtype '')", "(subtype 'ecdsa')")),
    );
    expect((await run('cert rm nobody')).stdout).toContain('none matched');
  });

  test('gpg add, list, get and rm keep keys', async () => {
    const path = await file('key.asc', armoredKey);
    expect((await run(`gpg add --from ${path}`)).stdout).toBe('Created 1 key(s) from input file.\n');
    expect((await run(`gpg add --from ${path}`)).stdout).toMatch(/Created 0 key.*1 key\(s\) skipped/);
    expect((await run('gpg list')).stdout).toMatch(
      /D992F83E516385DE +ED25519 +Robot One <robot@example.com>/,
    );
    expect((await run('gpg get f6cca34770daecc1c3c15e00d992f83e516385de')).stdout).toContain(
      armoredKey.trim(),
    );
    expect((await run('gpg rm D992F83E516385DE')).status).toBe(0);
    expect(await run('gpg get D992F83E516385DE')).toMatchObject({ status: 20 });
  });

  test('repo apply takes an installation’s Secrets and ConfigMaps, all or nothing', async () => {
    const secret = (name: string, type: string, words: string): string =>
      `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, labels: { argocd.argoproj.io/secret-type: ${type} } }\nstringData: ${words}\n---\n`;
    const good = [
      secret(
        'one',
        'repository',
        `{ url: "https://apply.example.com/a/b.git", project: team-a, password: ${password} }`,
      ),
      secret('two', 'repo-creds', `{ url: "https://apply.example.com/c", password: ${password} }`),
      secret('three', 'cluster', '{ name: x }'),
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: argocd-ssh-known-hosts-cm }\ndata:\n  ssh_known_hosts: |\n    apply.example.com ${github?.keyType} ${github?.key}\n---\n`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: argocd-gpg-keys-cm }\ndata:\n  D992F83E516385DE: ${JSON.stringify(armoredKey)}\n---\n`,
    ].join('');
    const bad = `${good}${secret('four', 'repository', '{ password: canary }')}`;
    expect(await run('repo apply -f -', { input: bad })).toMatchObject({
      status: 20,
      stderr: expect.stringMatching(/nothing was registered; Secret four: url is missing/),
    });
    expect((await run('repo list -o url')).stdout).not.toContain('apply');
    expect(await run('repo apply -f -', { input: good })).toMatchObject({
      status: 0,
      stdout: '1 repositories, 1 credential templates, 1 host keys, 1 GnuPG keys registered\n',
      stderr: '1 other objects passed over\n',
    });
    const read = async (address: string, project: string) =>
      (await repositoryAccess(api.db, api.keyring, address, project)).credentials.password;
    expect(await read('https://apply.example.com/a/b', 'team-a')).toBe(password);
    expect(await read('https://apply.example.com/a/b', 'default')).toBeUndefined();
    expect(await read('https://apply.example.com/c/d', 'default')).toBe(password);
    expect(JSON.stringify(await listAudit(api.db, 100))).not.toContain('canary');
  });
});
