import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../../local/ports.ts';
import { at } from '../../support/keelson/api/api.ts';
import { applicationOf, configMap, yamlOf } from '../../support/keelson/applications.ts';
import { startKeelson, type TestKeelson } from '../../support/keelson/start-keelson.ts';
import type { TestRepository } from '../../support/servers/git-server.ts';
import { archiveOf, climbingLinks, type OddMember } from '../../support/servers/odd-archive.ts';

/** Three folders above what the worker unpacks an upload into, which lies in its folder for temporary files. */
const above = mkdtempSync(join(tmpdir(), 'keelson-above-'));
const temporary = join(above, 'tmp');

let keelson: TestKeelson;
let token: string;
let repository: TestRepository;

beforeAll(async () => {
  mkdirSync(temporary);
  keelson = await startKeelson({ env: { TMPDIR: temporary } });
  token = await keelson.client.account.login('admin', keelson.adminPassword);
  repository = await keelson.gitServer.createRepository('asked', {
    'plain/a.yaml': yamlOf(configMap('a', { a: '1' })),
    'chart/Chart.yaml': 'a: [',
    'overlay/kustomization.yaml': 'resources: [nothing.yaml]\nunknown: 1\n',
  });
  await keelson.create(
    applicationOf({ name: 'uploaded', repoURL: repository.url, path: 'plain', namespace: 'uploaded' }),
  );
  // What is uploaded is rendered for the cluster, which a session has to have seen first.
  await keelson.client.applications.get('uploaded', { refresh: 'normal' });
});

afterAll(async () => {
  await keelson?.stop();
  rmSync(above, { recursive: true, force: true });
});

type Answer = { readonly status: number; readonly message: string };

async function send(method: string, path: string, body?: string): Promise<Answer> {
  const response = await fetch(`${keelson.url}/api/v1/${path}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, message: String(at(JSON.parse(text), 'message') ?? text) };
}

describe('an uploaded archive', () => {
  const routes = ['applications/manifestsWithFiles', 'applications/uploaded/managed-resources'];
  const upload = (path: string, packed: Buffer): Promise<Answer> => {
    const lines = [{ query: { name: 'uploaded' } }, { chunk: { chunk: packed.toString('base64') } }];
    return send('POST', path, lines.map((line) => JSON.stringify(line)).join('\n'));
  };
  const file = { name: 'plain/a.yaml', text: yamlOf(configMap('a', { a: '2' })) };

  it.each(routes)('is rendered when it is harmless: %s', async (path) => {
    expect(await upload(path, gzipSync(archiveOf([file])))).toMatchObject({ status: 200 });
  });

  const outside: readonly (readonly [string, readonly OddMember[], string])[] = [
    ['links that lead out together', climbingLinks('../planted'), 'below a symlink'],
    ['links that climb alone', climbingLinks('x').slice(0, 4), 'leads out'],
    ['a name that climbs', [{ name: '../../../planted', text: 'x' }], 'leads out'],
    ['an absolute name', [{ name: join(above, 'planted'), text: 'x' }], 'leads out'],
    ['a hard link to what is outside', [{ name: 'h', type: '1', target: '/etc/passwd' }], 'leads out'],
    ['a device', [{ name: 'null', type: '3' }], 'neither file'],
  ];
  const attacks = routes.flatMap((route) => outside.map((attack) => [route, ...attack] as const));

  it.each(attacks)('sent to %s with %s is refused and writes nothing', async (route, _, members, words) => {
    const answer = await upload(route, gzipSync(archiveOf([file, ...members])));
    expect(answer).toMatchObject({ status: 400, message: expect.stringContaining(words) });
    expect(readdirSync(above)).toEqual(['tmp']);
    const left = readdirSync(temporary, { recursive: true, encoding: 'utf8' });
    expect(left.filter((path) => /upload|planted|home|gitconfig/.test(path))).toEqual([]);
  });

  it.each(routes)('that is none is refused: %s', async (route) => {
    expect(await upload(route, Buffer.from('no archive'))).toMatchObject({ status: 400 });
  });
});

describe('a question about a source', () => {
  const id = (url: string): string => encodeURIComponent(encodeURIComponent(url));
  const about = (url: string) => ({
    refs: () => send('GET', `repositories/${id(url)}/refs`),
    apps: () => send('GET', `repositories/${id(url)}/apps`),
    helmcharts: () => send('GET', `repositories/${id(url)}/helmcharts`),
    details: () => details({ repoURL: url, path: '.' }),
    chart: () => details({ repoURL: url, chart: 'x', targetRevision: '1.0.0' }),
  });
  const details = (source: unknown): Promise<Answer> =>
    send('POST', `repositories/${id(repository.url)}/appdetails`, JSON.stringify({ source }));

  const noHost = /cannot be resolved \(DNS\); check the spelling/;
  const noAnswer = /connection .*failed.*; check that/;
  const noForm =
    /write it as https:|remove it|use https:|; use one of|correct repoURL|no OCI address; write|has no default revision; set|write the name of the chart/;
  const addresses: readonly (readonly [string, RegExp])[] = [
    [' ', noForm],
    ['not a url', noForm],
    ['%00', noForm],
    ['https://', noForm],
    ['https://[::1', noForm],
    ['ext::sh -c id', noForm],
    ['javascript:alert(1)', noForm],
    ['https://user:pass@127.0.0.1/x', noForm],
    ['ssh://-oProxyCommand=x/y', /no usable host; write it as|correct repoURL/],
    ['file:///nowhere', noForm],
    ['oci://UPPER/Case', noForm],
    ['https://no-such-host.invalid/x.git', noHost],
    ['http://169.254.169.254/latest', /correct the address/],
    ['http://[::ffff:169.254.169.254]/latest', /correct the address/],
    [`https://host/${'a'.repeat(2100)}`, /shorten it/],
  ];

  it.each(addresses)('at the wrong address %s is the fault of whoever asks', async (url, remedy) => {
    for (const [route, ask] of Object.entries(about(url))) {
      expect(await ask(), route).toMatchObject({ status: 400, message: expect.stringMatching(remedy) });
    }
  });

  it('at an address where nobody or somebody else answers is too', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}/x.git`;
    const missing = /was not found.*; check the address/;
    for (const [url, remedy] of [
      [nobody, noAnswer],
      [`${keelson.gitServer.url}/nothing.git`, missing],
      [keelson.url, missing],
    ] as const) {
      for (const [route, ask] of Object.entries(about(url))) {
        expect(await ask(), route).toMatchObject({ status: 400, message: expect.stringMatching(remedy) });
      }
    }
  });

  const sources: readonly (readonly [string, unknown, RegExp])[] = [
    ['no fields', {}, /source\.repoURL: is missing; add it/],
    ['nothing', null, /source: must be a map of fields, not null/],
    ['a list', [], /source: must be a map of fields, not a list/],
    ['an empty address', { repoURL: '' }, /is empty; name the repository/],
    ['a folder that is not there', { path: 'nowhere' }, /correct path or push the folder/],
    ['a folder outside', { path: '../..' }, /use a path relative to its root/],
    ['an absolute folder', { path: '/etc' }, /use a path relative to its root/],
    ['a file', { path: 'plain/a.yaml' }, /use the folder it is in/],
    ['a name that no file system takes', { path: `a/${'x'.repeat(300)}` }, /correct path or push the folder/],
    ['a path without end', { path: 'x'.repeat(5000) }, /source\.path: has 5000 characters.*; shorten it/],
    ['U+0000 in its path', { path: 'a\u0000b' }, /source\.path holds the character U\+0000.*; take it out/],
    ['an unknown revision', { targetRevision: 'nothing' }, /use an existing branch, tag or commit/],
    ['an option as revision', { targetRevision: '--upload-pack=x' }, /use an existing branch, tag or commit/],
    [
      'a long glob',
      { directory: { include: '*'.repeat(1025) } },
      /source\.directory\.include: has 1025.*shorten/,
    ],
    [
      'a chart of what has none',
      { chart: 'x', targetRevision: '1.0.0' },
      /index\.yaml was not found.*; check/,
    ],
    ['a version that is none', { chart: 'x', targetRevision: 'not a range' }, /write 1\.2\.3, 1\.x/],
    ['fields of the wrong kind', { helm: 'x' }, /source\.helm: must be a map of fields/],
    ['two tools', { kustomize: {}, helm: {} }, /keep one of them/],
    ['what its tool refuses', { path: 'overlay' }, /unknown field "unknown"; .*fix the source and push/],
    [
      'a tool whose file is not there',
      { path: 'plain', kustomize: { namePrefix: 'a' } },
      /add one or remove/,
    ],
  ];

  it.each(sources)('with %s is the fault of whoever asks', async (_, fields, remedy) => {
    const isPart = typeof fields === 'object' && fields !== null && Object.keys(fields).length > 0;
    const answer = await details(isPart ? { repoURL: repository.url, path: '.', ...fields } : fields);
    expect(answer).toMatchObject({ status: 400, message: expect.stringMatching(remedy) });
  });

  it.each(['nothing', '-x', '%00', 'refs%2Fheads%2F..'])('at the revision %s is too', async (revision) => {
    const answer = await send('GET', `repositories/${id(repository.url)}/apps?revision=${revision}`);
    expect(answer.status).toBe(400);
    expect(answer.message).toMatch(/use an existing branch, tag or commit|take it out/);
  });

  it('of a tool that nobody has is answered with those that there are', async () => {
    const answer = await details({ repoURL: repository.url, path: 'plain', plugin: { name: 'none' } });
    expect(answer).toMatchObject({ status: 404, message: expect.stringMatching(/there are: none.*correct/) });
  });
});
