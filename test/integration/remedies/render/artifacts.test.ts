import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartLayer } from '../../../../activities/oci/unpack-layer.ts';
import type { RenderTools } from '../../../../activities/render/render.ts';
import { chartReader } from '../../../../activities/source/chart-source.ts';
import { accessTo, type RepositoryAccess } from '../../../../core/repository/access.ts';
import { type Followed, followEach, problemsOf } from '../../../support/hostile/remedies.ts';
import { type Fetching, openFetching } from '../../../support/render/fetching.ts';
import { renderTools } from '../../../support/render/render-tools.ts';
import { type AnsweringServer, startAnswering } from '../../../support/servers/answering-server.ts';
import { type ChartServer, startChartServer } from '../../../support/servers/chart-server.ts';
import { goodCertificates } from '../../../support/servers/faulty-certificates.ts';
import { packChart, runHelm } from '../../../support/servers/helm-charts.ts';
import { type OciRegistry, startOciRegistry } from '../../../support/servers/oci-registry.ts';
import { archiveOf } from '../../../support/servers/odd-archive.ts';

const { own } = goodCertificates;
const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const sha = (content: string | Buffer): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`;
const { signal } = new AbortController();

let tools: RenderTools;
let fetching: Fetching;
let registry: OciRegistry;
let charts: ChartServer;
/** Answers like a registry, by path; for what no registry takes. */
let odd: AnsweringServer;
let secure: AnsweringServer;
let index = '';
let realm = '';
const contents = new Map<string, string | Buffer>();

beforeAll(async () => {
  tools = await renderTools();
  fetching = await openFetching(0);
  [registry, charts] = await Promise.all([startOciRegistry(), startChartServer({ helm: tools.helm })]);
  await charts.publish([{ name: 'demo', version: '1.0.0' }]);
  odd = await startAnswering(({ url = '' }, reply) => {
    const body = contents.get(url);
    if (url.startsWith('/html')) reply.end('<html>');
    else if (body === undefined) reply.writeHead(404).end();
    else reply.end(body);
  });
  secure = await startAnswering(({ url = '', headers }, reply) => {
    if (url.startsWith('/token')) reply.end('{"token": "t"}');
    else if (headers.authorization === 'Bearer t') reply.end('{"tags": ["1.0.0"]}');
    else reply.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end();
  }, own);
  index = sha(indexManifest);
});

afterAll(async () => {
  await fetching.close();
  await Promise.all([registry.stop(), charts.stop(), odd.stop(), secure.stop()]);
});

type Act = () => Promise<unknown>;

const artifact = (path: string, host = registry.host): RepositoryAccess => {
  const { username, password } = registry;
  const login = host === registry.host ? { username, password } : {};
  return { ...accessTo(`oci://${host}/${path}`, { insecureOCIForceHttp: true, ...login }), type: 'oci' };
};
const withoutHttp = ({ credentials, ...rest }: RepositoryAccess): RepositoryAccess => {
  const { insecureOCIForceHttp: _, ...others } = credentials;
  return { ...rest, credentials: others };
};
const oddHost = (): string => new URL(odd.url()).host;

async function readArtifact(access: RepositoryAccess, revision: string): Promise<void> {
  const digest = await fetching.artifacts.resolveDigest({ access, revision });
  await (await fetching.artifacts.fetch({ access, digest, fresh: true })).release();
}

/** A manifest with one layer, at the odd registry; the blob is what `sent` says. */
const oddManifest = (name: string, content: Buffer, { size = content.length, sent = content } = {}): void => {
  const layers = [{ mediaType: layerType, digest: sha(content), size }];
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: manifestType, layers });
  for (const ref of ['1.0.0', sha(manifest)]) contents.set(`/v2/${name}/manifests/${ref}`, manifest);
  contents.set(`/v2/${name}/blobs/${sha(content)}`, sent);
};
const archive = (): Buffer => gzipSync(archiveOf([{ name: 'a.yaml', text: map }]));

const single = JSON.stringify({
  schemaVersion: 2,
  mediaType: manifestType,
  layers: [{ mediaType: layerType, digest: sha(archive()), size: archive().length }],
});
const indexType = 'application/vnd.oci.image.index.v1+json';
const indexManifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: indexType,
  manifests: [{ mediaType: manifestType, digest: sha(single), size: single.length }],
});

const pushed =
  (
    name: string,
    ...push: Parameters<OciRegistry['push']> extends [string, string, ...infer Rest] ? Rest : never
  ): Act =>
  async () => {
    await registry.push(name, '1.0.0', ...push);
    await readArtifact(artifact(name), '1.0.0');
  };
const good = pushed('team/good', { 'a.yaml': map });
const inOdd =
  (name: string, fill: () => void, revision = '1.0.0'): Act =>
  async () => {
    fill();
    await readArtifact(artifact(name, oddHost()), revision);
  };

describe('an OCI artifact', () => {
  followEach<Act>(problemsOf, [
    ...['1.0.0', '1.x'].map(
      (revision): Followed<Act> => [
        'has no default revision; set targetRevision to a tag, a digest or a constraint',
        () => readArtifact(artifact('team/good'), ''),
        async () => {
          await good();
          await readArtifact(artifact('team/good'), revision);
        },
      ],
    ),
    [
      'there is no tag gone; use a tag, a digest or a constraint on versions',
      () => readArtifact(artifact('team/good'), 'gone'),
      async () =>
        readArtifact(artifact('team/good'), await registry.push('team/good', '1.0.0', { 'a.yaml': map })),
    ],
    [
      '1.0.0 is no digest; resolve the revision first',
      () => fetching.artifacts.fetch({ access: artifact('team/good'), digest: '1.0.0' }),
      () => readArtifact(artifact('team/good'), '1.0.0'),
    ],
    [
      'is no OCI address; write oci://host/path in lower case, without tag',
      () => readArtifact(artifact('Team/Good:1.0.0'), '1.0.0'),
      good,
    ],
    [
      'its host is no OCI registry (/v2/ was not found); check the address',
      () => fetching.artifacts.tags({ access: artifact('team/good', oddHost()) }),
      () => fetching.artifacts.tags({ access: artifact('team/good') }),
    ],
    [
      'list of tags is not what a registry answers; check the address',
      async () => {
        contents.set('/v2/html/tags/list?n=1000', '<html>');
        await fetching.artifacts.tags({ access: artifact('html', oddHost()) });
      },
      () => fetching.artifacts.tags({ access: artifact('team/good') }),
    ],
    [
      'does not speak TLS; correct the address, or set insecureOCIForceHttp for a registry without TLS',
      () => fetching.artifacts.tags({ access: withoutHttp(artifact('team/good')) }),
      () => fetching.artifacts.tags({ access: artifact('team/good') }),
    ],
    [
      'has 600000000 bytes and the limit is 536870912; make it smaller',
      inOdd('large', () => oddManifest('large', archive(), { size: 600_000_000 })),
      inOdd('large', () => oddManifest('large', archive())),
    ],
    [
      'the archive is no tar archive, or is damaged (checksum); pack and publish it again',
      inOdd('no-tar', () => oddManifest('no-tar', gzipSync('x'.repeat(2000)))),
      inOdd('no-tar', () => oddManifest('no-tar', archive())),
    ],
    [
      'names an index of several artifacts; name one of them by its digest',
      inOdd('many', fillMany),
      async () => {
        fillMany();
        expect(index).toBe(sha(indexManifest));
        await readArtifact(artifact('many', oddHost()), sha(single));
      },
    ],
    [
      'expected no more than 10 oci layers, got 11; publish one archive',
      pushed('team/layers', { 'a.yaml': map }, { more: Array<string>(10).fill('application/vnd.other') }),
      pushed('team/layers', { 'a.yaml': map }),
    ],
    [
      'oci layer media type application/vnd.own.tar+gzip is not in the list of allowed media types; publish as application/vnd.oci.image.layer.v1.tar',
      pushed('team/type', { 'a.yaml': map }, { layerType: 'application/vnd.own.tar+gzip' }),
      pushed('team/type', { 'a.yaml': map }, { layerType: 'application/vnd.oci.image.layer.v1.tar' }),
    ],
    [
      'expected only a single oci content layer, got 2; publish one archive of all files',
      pushed('team/two', { 'a.yaml': map }, { more: [layerType] }),
      pushed('team/two', { 'a.yaml': map }),
    ],
  ]);

  it('that was not sent as it was named is pushed again', async () => {
    const other = gzipSync(archiveOf([{ name: 'b.yaml', text: map }]));
    // As large as what the manifest names.
    const sent = Buffer.concat([other, Buffer.alloc(1000)]).subarray(0, archive().length);
    const sum = createHash('sha256').update(sent).digest('hex');
    const read = (content: Buffer) =>
      problemsOf(inOdd('other', () => oddManifest('other', archive(), { sent: content })));
    expect((await read(sent)).join()).toContain(
      `repository oci://${oddHost()}/other: what the registry sent for ${sha(archive())} has digest sha256:${sum}; push it again`,
    );
    expect(await read(archive())).toEqual([]);
  });

  const tagsOf =
    (given: string): Act =>
    async () => {
      realm = given.replace('HOST', new URL(secure.url()).host);
      // Tokens are kept by whom they are for.
      const path = `team/${sha(given).slice(7, 20)}`;
      const access = {
        ...accessTo(`${secure.url().replace('https', 'oci')}/${path}`),
        caBundle: own.bundle ?? '',
      };
      await fetching.artifacts.tags({ access });
    };
  followEach<Act>(problemsOf, [
    [
      'the registry names no usable token server; look at its settings',
      tagsOf('nowhere'),
      tagsOf('https://HOST/token'),
    ],
    [
      'its token server http://tokens.invalid/token is no https address; correct the registry',
      tagsOf('http://tokens.invalid/token'),
      tagsOf('https://HOST/token'),
    ],
  ]);
});

function fillMany(): void {
  for (const ref of ['1.0.0', sha(indexManifest)]) contents.set(`/v2/many/manifests/${ref}`, indexManifest);
  contents.set(`/v2/many/manifests/${sha(single)}`, single);
  contents.set(`/v2/many/blobs/${sha(archive())}`, archive());
}

const helmAt = (url: string): RepositoryAccess => ({ ...accessTo(url), type: 'helm' });

async function readChart(access: RepositoryAccess, chart = 'demo', wanted = '1.x'): Promise<void> {
  const version = await fetching.charts.resolveVersion({ access, chart, version: wanted });
  await (await fetching.charts.fetch({ access, chart, version, fresh: true })).release();
}
const here =
  (chart?: string, wanted?: string): Act =>
  () =>
    readChart(helmAt(charts.url), chart, wanted);

describe('a chart', () => {
  followEach<Act>(problemsOf, [
    ['chart dem is not in its index; correct the name of the chart', here('dem'), here('demo')],
    ['correct targetRevision or publish the version', here('demo', '7.x'), here('demo', '1.x')],
    [
      'correct targetRevision or publish the version',
      here('demo', '2.0.0'),
      async () => {
        await charts.publish([{ name: 'demo', version: '2.0.0' }]);
        await here('demo', '2.0.0')();
      },
    ],
    ...['1.0.0', '1.x', '>=1 <2'].map(
      (wanted): Followed<Act> => [
        "'newest' is neither a version nor a constraint; write 1.2.3, 1.x or >=1 <2",
        here('demo', 'newest'),
        here('demo', wanted),
      ],
    ),
    [
      'repository ftp://charts.example.com: Helm repositories have https:// or oci:// addresses; correct repoURL',
      () => readChart(helmAt('ftp://charts.example.com')),
      here(),
    ],
    [
      'the repository address is no URL; write it as https://host/path',
      () => readChart(helmAt('https://a b')),
      here(),
    ],
    [
      'targetRevision is missing; set a version or a constraint such as 1.x',
      () => chartReader(fetching.charts).resolve(asked('')),
      () => chartReader(fetching.charts).resolve(asked('1.x')),
    ],
    [
      'a registry does not tell which charts it has; write the name of the chart',
      () => fetching.charts.list({ access: { ...artifact('charts'), type: 'helm' } }),
      async () => {
        await pushChart();
        await readChart({ ...artifact('charts'), type: 'helm' });
      },
    ],
    [
      "expected one folder in the chart's archive, found 2; pack it with helm package",
      async () => {
        await registry.push(
          'charts/demo',
          '1.0.0',
          { 'a/Chart.yaml': 'a', 'b/Chart.yaml': 'b' },
          { layerType: chartLayer },
        );
        await readChart({ ...artifact('charts'), type: 'helm' }, 'demo', '1.0.0');
      },
      async () => {
        await pushChart();
        await readChart({ ...artifact('charts'), type: 'helm' }, 'demo', '1.0.0');
      },
    ],
  ]);

  const asked = (revision: string) => ({
    source: { repoURL: charts.url, chart: 'demo' },
    ...{ access: helmAt(charts.url), revision, signal },
  });

  async function pushChart(): Promise<void> {
    const packed = await packChart(tools.helm, join(fetching.cacheDir, 'packed'), {
      name: 'demo',
      version: '1.0.0',
    });
    const login = ['--username', registry.username, '--password', registry.password];
    await runHelm(
      tools.helm,
      ['push', packed, `oci://${registry.host}/charts`, '--plain-http', ...login],
      fetching.cacheDir,
    );
  }
});

describe('a Helm repository', () => {
  const noChart = gzipSync(archiveOf([{ name: 'demo/values.yaml', text: 'a: 1' }]));
  it.each<[string, (dir: string) => Promise<void>]>([
    [
      'index.yaml is no index of a Helm repository; write it with helm repo index',
      (dir) => writeFile(join(dir, 'index.yaml'), '<html>'),
    ],
    [
      'the index names no address for chart demo 1.0.0; write it anew with helm repo index',
      (dir) =>
        writeFile(
          join(dir, 'index.yaml'),
          'apiVersion: v1\nentries:\n  demo:\n  - version: 1.0.0\n    urls: []\n',
        ),
    ],
    [
      'is no chart: no Chart.yaml in one folder; pack it with helm package',
      (dir) => writeFile(join(dir, 'demo-1.0.0.tgz'), noChart),
    ],
    [
      'the archive ends in the middle of a member; pack and publish it again',
      (dir) =>
        writeFile(
          join(dir, 'demo-1.0.0.tgz'),
          gzipSync(archiveOf([{ name: 'demo/a', text: map }]).subarray(0, 530)),
        ),
    ],
  ])('is repaired: %s', async (says, spoil) => {
    const server = await startChartServer({ helm: tools.helm });
    try {
      const publish = () => server.publish([{ name: 'demo', version: '1.0.0' }]);
      await publish();
      await spoil(server.dir);
      expect((await problemsOf(() => readChart(helmAt(server.url)))).join()).toContain(says);
      await rm(join(server.dir, 'index.yaml'));
      await publish();
      expect(await problemsOf(() => readChart(helmAt(server.url)))).toEqual([]);
    } finally {
      await server.stop();
    }
  });
});
