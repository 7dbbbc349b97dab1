import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { guestbook, login } from '../../support/keelson/api/api.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliRun, keelson } from '../../support/keelson/run-cli.ts';

const git = 'https://git.example.com/team/deploy.git';
const charts = 'https://charts.example.com';

let api: ServedApi;
let folder: string;
let token: string;

beforeAll(async () => {
  api = await serveApi({ inspect: async () => ({ reply: { issues: [] } }) });
  token = (await login(api.api, api.adminPassword)).token;
  folder = await mkdtemp(join(tmpdir(), 'keelson-cli-app-sources-'));
  await create('one-source', {});
  await create('two-sources', {
    source: undefined,
    sources: [
      {
        repoURL: charts,
        chart: 'web',
        targetRevision: '1.2.3',
        helm: { parameters: [{ name: 'a', value: '1' }] },
      },
      { repoURL: git, ref: 'values', targetRevision: 'main' },
    ],
  });
});

afterAll(async () => {
  await api?.close();
  await rm(folder, { recursive: true, force: true });
});

async function create(name: string, spec: Record<string, unknown>): Promise<void> {
  const file = join(folder, `${name}.yaml`);
  await writeFile(file, stringify(guestbook(name, spec)));
  expect(await run(`app create -f ${file}`)).toMatchObject({ status: 0 });
}

function run(line: string): Promise<CliRun> {
  const env = { HOME: folder, KEELSON_SERVER: api.url, KEELSON_AUTH_TOKEN: token };
  return keelson(line.split(' '), { env });
}

async function specOf(name: string) {
  return JSON.parse((await run(`app get ${name} -o json`)).stdout).spec;
}

describe('cli/commands/app-sources', () => {
  test('app set changes what its flags name and leaves the rest', async () => {
    const before = await specOf('one-source');
    const set = await run(
      'app set one-source --revision v2 --sync-policy auto --self-heal -p image.tag=v2 --dest-namespace elsewhere',
    );
    expect(set).toEqual({ status: 0, stdout: "application 'one-source' updated\n", stderr: '' });
    expect(await specOf('one-source')).toEqual({
      ...before,
      source: {
        ...before.source,
        targetRevision: 'v2',
        helm: { parameters: [{ name: 'image.tag', value: 'v2' }] },
      },
      syncPolicy: { automated: { selfHeal: true } },
      destination: { ...before.destination, namespace: 'elsewhere' },
    });
    expect(await run('app set one-source --source-position 1 --revision v3')).toMatchObject({ status: 0 });
    expect((await specOf('one-source')).source.targetRevision).toBe('v3');
    expect((await run('app set nobody --revision v3')).status).toBe(20);
  });

  test('app set and get mean the source at a position', async () => {
    const before = await specOf('two-sources');
    const set = await run('app set two-sources --source-position 1 --revision 1.3.0 --helm-set a=2');
    expect(set).toMatchObject({ status: 0 });
    const [first, second] = before.sources;
    expect(await specOf('two-sources')).toEqual({
      ...before,
      sources: [
        { ...first, targetRevision: '1.3.0', helm: { parameters: [{ name: 'a', value: '2' }] } },
        second,
      ],
    });
    const shown = await run('app get two-sources --source-position 1 --show-params');
    expect(shown.stdout).toContain('1.3.0');
    expect(shown.stdout).toMatch(/NAME +VALUE\na +2\n/);
    expect(shown.stdout).not.toContain(git);
    expect((await run('app get two-sources --source-position 2')).stdout).not.toContain(charts);
    expect((await run('app get two-sources')).stdout).toMatch(/charts\.example[\s\S]*git\.example/);
  });

  test.each([
    ['app set two-sources --revision v9', 'has a list of sources; say which with --source-position, 1 to 2'],
    ['app set two-sources --source-position 3 --revision v9', 'has no source at position 3; it has 2'],
    ['app set two-sources --source-position 0 --revision v9', '--source-position counts from 1'],
    ['app set two-sources --source-position x --revision v9', 'is not a whole number'],
    ['app get two-sources --source-position 3', 'has no source at position 3; it has 2'],
    ['app get two-sources --show-params', 'say which with --source-position'],
    ['app set one-source --source-position 2 --path x', 'has no source at position 2; it has 1'],
    ['app add-source one-source --repo https://git.example.com/a.git', 'has spec.source and no list'],
    ['app add-source two-sources --path x', 'the new source has no repository; add --repo'],
    ['app remove-source two-sources', '--source-position is missing'],
    ['app remove-source two-sources --source-position 3', 'has no source at position 3'],
    ['app remove-source one-source --source-position 1', 'has spec.source and no list'],
  ])('refuses %s', async (line, message) => {
    const [one, two] = await Promise.all([specOf('one-source'), specOf('two-sources')]);
    const refused = await run(line);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain(message);
    expect(await Promise.all([specOf('one-source'), specOf('two-sources')])).toEqual([one, two]);
  });

  test('add-source appends, remove-source takes away, and the last one stays', async () => {
    const { sources: before } = await specOf('two-sources');
    expect(
      await run(`app add-source two-sources --repo ${git} --path extra --directory-recurse`),
    ).toMatchObject({ status: 0, stdout: "application 'two-sources' updated\n" });
    const added = { repoURL: git, path: 'extra', directory: { recurse: true } };
    expect((await specOf('two-sources')).sources).toEqual([...before, added]);
    expect(await run('app remove-source two-sources --source-position 1')).toMatchObject({ status: 0 });
    expect((await specOf('two-sources')).sources).toEqual([before[1], added]);
    expect(await run('app remove-source two-sources --source-position 1')).toMatchObject({ status: 0 });
    const last = await run('app remove-source two-sources --source-position 1');
    expect([last.status, last.stderr]).toEqual([1, expect.stringContaining('has no other source')]);
  });
});
