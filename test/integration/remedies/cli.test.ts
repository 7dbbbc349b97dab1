import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { wellKnownHosts } from '../../../core/repository/known-hosts.ts';
import { toolPath } from '../../../local/obtain/tools.ts';
import { type Followed, followEach } from '../../support/hostile/remedies.ts';
import { guestbook, login } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliOptions, type CliRun, keelson } from '../../support/keelson/run-cli.ts';

let api: ServedApi;
let folder = '';
let token = '';
const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';

beforeAll(async () => {
  api = await serveApi();
  folder = await mkdtemp(join(tmpdir(), 'keelson-cli-remedies-'));
  token = (await login(api.api, api.adminPassword)).token;
  const [host] = wellKnownHosts;
  const files: Readonly<Record<string, string>> = {
    known_hosts: `git.example.com ${host?.keyType} ${host?.key}\n`,
    'authority.pem': rootCertificates[0] ?? '',
    'empty.yaml': '# nothing\n',
    'one.yaml': stringify(guestbook('one')),
    'two.yaml': `${stringify(guestbook('first'))}---\n${stringify(guestbook('second'))}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const source = { repoURL: 'https://git.example.com/a.git', path: 'a' };
  const several = { source: undefined, sources: [source, source] };
  for (const application of [
    { ...guestbook('web'), metadata: { name: 'web', labels: { team: 'a' } } },
    guestbook('named'),
    guestbook('helm'),
    guestbook('kustomize'),
    guestbook('going'),
    guestbook('asked'),
    guestbook('several', several),
  ]) {
    await api.call('POST', '/api/v1/applications', application);
  }
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

/** Runs a command line; words with a dot at its end name files of the test. */
function run(line: string, options: CliOptions = {}): Promise<CliRun> {
  const words = line
    .split(' ')
    .map((word) => (/^\w+\.(yaml|pem)$|^known_hosts$/.test(word) ? join(folder, word) : word));
  return keelson(words, { ...options, env: { HOME: folder, ...options.env } });
}

type Line = string | { readonly line: string; readonly options: CliOptions };

async function problemsOfLine(given: Line): Promise<string[]> {
  const { line, options } = typeof given === 'string' ? { line: given, options: {} } : given;
  const env = { KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token, ...options.env };
  const { status, stderr } = await run(line, { ...options, env });
  return status === 0 ? [] : [stderr];
}

describe('a command line that says too little or too much', () => {
  followEach<Line>(problemsOfLine, [
    ...['app sync named --async', 'app sync --selector team=a --async'].map(
      (helped): Followed<Line> => [
        'application is not named; write its NAME, or choose with --selector',
        'app sync --async',
        helped,
      ],
    ),
    ...[
      'app create -f one.yaml',
      'app create flagged --repo https://git.example.com/a.git --path a --dest-name in-cluster --dest-namespace a',
    ].map(
      (helped): Followed<Line> => [
        'application has no name; write keelson app create NAME, or -f FILE',
        'app create',
        helped,
      ],
    ),
    [
      'holds 2 applications; leave the name out to create all of them',
      'app create first -f two.yaml',
      'app create -f two.yaml',
    ],
    [
      'holds no application; write one Application into it',
      'app create -f empty.yaml',
      'app create -f one.yaml',
    ],
    [
      '--cascade, --propagation-policy and --deadline need objects to delete; leave --orphan out and --cascade on',
      'app delete going --orphan --propagation-policy foreground',
      'app delete going --propagation-policy foreground --yes',
    ],
    [
      'deletion of application asked and its objects must be confirmed and nobody can be asked; pass --yes',
      'app delete asked',
      'app delete asked --yes',
    ],
    [
      '--source-position is missing; say which source, from 1',
      'app remove-source several',
      'app remove-source several --source-position 2',
    ],
    [
      '--batch is missing; pass host keys to it: ssh-keyscan HOST | keelson cert add-ssh --batch',
      'cert add-ssh',
      'cert add-ssh --batch --from known_hosts',
    ],
    [
      'one.yaml holds no certificate; give it in PEM',
      'cert add-tls git.example.com --from one.yaml',
      'cert add-tls git.example.com --from authority.pem',
    ],
    [
      'a repository of type helm needs --name; give it one',
      'repo add https://charts.example.com --type helm',
      'repo add https://charts.example.com --type helm --name charts',
    ],
    ...[
      'repo add https://git.example.com/b.git --username a --password b',
      { line: 'repo add https://git.example.com/c.git --username a', options: { answers: ['b'] } },
    ].map(
      (helped): Followed<Line> => [
        '--password of a is missing; give it, or run in a terminal',
        'repo add https://git.example.com/b.git --username a',
        helped,
      ],
    ),
  ]);
});

describe('a folder that has to be rendered', () => {
  it.each([
    [
      'helm',
      'template',
      { 'Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n', 'templates/a.yaml': object },
    ],
    ['kustomize', 'build', { 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': object }],
  ] as const)('is by %s, whose output is passed on', async (tool, verb, files) => {
    const local = await mkdtemp(join(folder, 'local-'));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(local, path)), { recursive: true });
      await writeFile(join(local, path), text);
    }
    const env = { KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token };
    const { stderr } = await run(`app sync ${tool} --local ${local}`, { env });
    expect(stderr).toContain(
      `pass its output instead: ${tool} ${verb} ${local} | keelson app sync NAME --local -`,
    );
    const input = execFileSync(await toolPath(tool), [verb, local], { encoding: 'utf8' });
    expect(await run(`app sync ${tool} --local - --async`, { env, input })).toMatchObject({
      status: 0,
    });
  });
});

describe('a message that says where to look', () => {
  const rows: readonly (readonly [line: string, says: string, shows: string])[] = [
    [
      'app sync --selector team=b',
      'no application fits the selector; see their labels with keelson app list -o yaml',
      'team: a',
    ],
    [
      'app sync several --async',
      "application 'several' is syncing; see keelson app operations several",
      'Kind:               sync',
    ],
    [
      'app operations several ffffffff',
      'operation ffffffff of application several is not known; see keelson app operations several',
      'sync',
    ],
    [
      'app rollback several',
      'application several has no deployment before the current one; see keelson app history several',
      'ID  DATE',
    ],
  ];
  it.each(rows)('%s', async (line, says, shows) => {
    const env = { KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token };
    const said = await run(line, { env });
    expect(said.stdout + said.stderr).toContain(says);
    const [, advised = ''] = /; see .*?keelson (.+)/.exec(said.stdout + said.stderr) ?? [];
    const seen = await run(advised, { env });
    expect([seen.status, seen.stdout]).toEqual([0, expect.stringContaining(shows)]);
  });
});

describe('a login', () => {
  const all = '--username admin --password';
  followEach(
    (words: string) =>
      problemsOfLine(
        `login ${words.replace('SERVER', api.url).replace('HOST', new URL(api.url).host).replace('RIGHT', api.adminPassword)}`,
      ),
    [
      [
        '--password is missing and nobody can be asked for it; pass --password',
        'SERVER --username admin',
        `SERVER ${all} RIGHT`,
      ],
      [
        '--username is missing and nobody can be asked for it; pass --username',
        'SERVER --password RIGHT',
        `SERVER ${all} RIGHT`,
      ],
      [
        'confirmation is needed and nobody can be asked; pass --plaintext if that is meant',
        `HOST ${all} RIGHT`,
        `HOST ${all} RIGHT --plaintext`,
      ],
    ],
  );

  /** The login that a message names, with what it asks for. */
  const advisedLogin = async (said: string, env: Record<string, string>): Promise<void> => {
    const [, advised = ''] = /run keelson (login .+)/.exec(said) ?? [];
    expect((await run(`${advised} ${all} ${api.adminPassword}`, { env })).status).toBe(0);
  };
  const configured = (more: Record<string, string> = {}) => ({
    KEELSON_CONFIG: join(folder, crypto.randomUUID()),
    ...more,
  });

  it('is what somebody without a session is told to make', async () => {
    const env = configured();
    const { stderr } = await run(`app list --server ${api.url}`, { env });
    expect(stderr).toContain(`not logged in at ${api.url}; run keelson login ${api.url}`);
    await advisedLogin(stderr, env);
    expect((await run('app list', { env })).status).toBe(0);
  });

  it.each(['', '--name prod'])('renews the session of a context that has ended (%s)', async (named) => {
    const env = configured();
    await run(`login ${api.url} ${all} ${api.adminPassword} ${named}`.trim(), { env });
    const context = named === '' ? new URL(api.url).host : 'prod';
    api.clock.now = new Date(Date.now() + 48 * 3600 * 1000);
    try {
      const { stderr } = await run(`app list --context ${context}`, { env });
      const why = 'invalid session: its token is not valid or has expired';
      expect(stderr).toContain(`session at ${api.url} has ended (${why}); run keelson login ${api.url}`);
      await advisedLogin(stderr, env);
      expect((await run(`app list --context ${context}`, { env })).status).toBe(0);
    } finally {
      api.clock.now = undefined;
    }
  });

  it('does not help beside a token of the environment, which is to be unset or set anew', async () => {
    const env = configured({ KEELSON_SERVER: api.url });
    const withToken = (one: string) => ({ env: { ...env, KEELSON_AUTH_TOKEN: one } });
    const { stderr } = await run('app list', withToken('old'));
    expect(stderr).toContain(`token of KEELSON_AUTH_TOKEN is not accepted by ${api.url}`);
    expect(stderr).toContain('; set it to another one, or unset it and run keelson login');
    expect((await run('app list', withToken(token))).status).toBe(0);
    await advisedLogin(stderr, env);
    expect((await run('app list', withToken('old'))).status).toBe(20);
    expect((await run('app list', { env })).status).toBe(0);
  });

  it('does not help beside a token of a flag, which is to be left out or another one', async () => {
    const env = configured({ KEELSON_SERVER: api.url });
    const { stderr } = await run('app list --auth-token old', { env });
    expect(stderr).toContain('token of --auth-token is not accepted');
    expect(stderr).toContain('; pass another one, or leave --auth-token out and run keelson login');
    expect((await run(`app list --auth-token ${token}`, { env })).status).toBe(0);
    await advisedLogin(stderr, env);
    expect((await run('app list', { env })).status).toBe(0);
  });

  it('is ended by its name when no context is current', async () => {
    const env = configured();
    await run(`login ${api.url} ${all} ${api.adminPassword} --name prod`, { env });
    await run(`login ${api.url} ${all} ${api.adminPassword} --name other`, { env });
    await run('context other --delete', { env });
    expect((await run('logout', { env })).stderr).toContain(
      'no context is current; name the one to log out of',
    );
    expect(await run('logout prod', { env })).toMatchObject({ status: 0, stderr: '' });
  });
});
