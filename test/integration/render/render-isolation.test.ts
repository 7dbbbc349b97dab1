import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import { type RenderRequest, type RenderTools, renderSource } from '../../../activities/render/render.ts';
import { createSandbox } from '../../../platform/sandbox/sandbox.ts';
import { ownTmpdir } from '../../support/process/own-tmpdir.ts';
import { renderTree, type TreeFiles, writeTree } from '../../support/render/render-files.ts';
import { namesOf, objectOf, type SourceOptions } from '../../support/render/render-source.ts';
import { renderTools } from '../../support/render/render-tools.ts';

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n';
const chart = (template: string, more: TreeFiles = {}): TreeFiles => ({
  'app/Chart.yaml': 'apiVersion: v2\nname: hostile\nversion: 0.1.0\n',
  'app/templates/a.yaml': template,
  ...more,
});

/** A ConfigMap with what a template expression gives. */
const shows = (expression: string): string => `${configMap}data:\n  seen: {{ ${expression} | quote }}\n`;

describe.skipIf(process.platform !== 'linux')('activities/render in a sandbox', () => {
  const canary = 'canary-of-the-worker';
  const sandbox = createSandbox({ isolation: 'required' });
  let tools: RenderTools;
  let other = '';
  let traces = '';
  let server: Server;
  let restoreTmpdir: () => Promise<void>;
  let port = 0;
  let requests = 0;

  beforeAll(async () => {
    tools = await renderTools();
    process.env['KEELSON_CANARY'] = canary;
    restoreTmpdir = await ownTmpdir();
    other = await writeTree({ 'secret.yaml': `a: ${canary}\n`, 'kustomization.yaml': 'resources: []\n' });
    traces = await mkdtemp(join(tmpdir(), 'keelson-traces-'));
    server = createServer((_request, reply) => {
      requests += 1;
      reply.end(configMap);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });

  afterAll(async () => {
    delete process.env['KEELSON_CANARY'];
    server.close();
    await restoreTmpdir();
  });

  const render = (files: TreeFiles, source: SourceOptions = {}, rest: Partial<RenderRequest> = {}) =>
    renderTree(files, { tools, sandbox, ...rest }, source);

  const outcomeOf = async (rendering: Promise<unknown>): Promise<string> =>
    await rendering.then(
      (result) => JSON.stringify(result),
      (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
    );

  it.each([
    ['a file of the machine', '/etc/passwd', '.Files.Get "link"'],
    ['a folder of the machine', '/etc', '.Files.Get "link/passwd"'],
    ['the environment of the worker', '/proc/self/environ', '.Files.Get "link"'],
    ['the environment of the first process', '/proc/1/environ', '.Files.Get "link"'],
    ['another checkout', '<other>', '(.Files.Glob "link/**").AsConfig'],
  ])('shows a chart nothing of %s through a link', async (_, link, expression) => {
    const target = link.replace('<other>', other);
    const said = await outcomeOf(render(chart(shows(expression), { 'app/link': { link: target } })));
    expect(said).not.toContain('root:');
    expect(said).not.toContain(canary);
    expect(said).toMatch(/"seen":""|no such file/);
  });

  it('shows a chart no file by an absolute path, no variable and no name of the network', async () => {
    const expression =
      'printf "%s|%s|%s" (.Files.Get "/etc/passwd") (.Files.Get "../../etc/passwd") (getHostByName "localhost")';
    const { manifests } = await render(chart(shows(expression)));
    expect(objectOf(manifests, 'ConfigMap')['data']).toEqual({ seen: '||' });
    expect(await outcomeOf(render(chart(shows('env "KEELSON_CANARY"'))))).toContain('"env" not defined');
  });

  it.each<[string, SourceOptions]>([
    ['value files', { helm: { valueFiles: ['../../../etc/passwd'] } }],
    ['value files through a link', { helm: { valueFiles: ['link'] } }],
    ['file parameters', { helm: { fileParameters: [{ name: 'a', path: '../../../etc/passwd' }] } }],
    ['file parameters through a link', { helm: { fileParameters: [{ name: 'a', path: 'link' }] } }],
  ])('refuses %s that lead out of the repository', async (_, source) => {
    const files = chart(configMap, { 'app/link': { link: '/etc/passwd' } });
    await expect(render(files, source)).rejects.toThrow(/leads out of the repository/);
  });

  it.each(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])(
    'reads no %s that is a link to a file of the machine',
    async (name) => {
      const files = { [`app/${name}`]: { link: join(other, 'kustomization.yaml') } };
      expect(await outcomeOf(render(files, { kustomize: { namePrefix: 'x-' } }))).not.toContain(canary);
      expect(await readFile(join(other, 'kustomization.yaml'), 'utf8')).toBe('resources: []\n');
    },
  );

  it('writes options beside a linked kustomization, not into the file it links to', async () => {
    const root = await writeTree({
      'base/kustomization.yaml': 'resources: [a.yaml]\n',
      'base/a.yaml': configMap,
      'app/a.yaml': configMap,
      'app/kustomization.yaml': { link: '../base/kustomization.yaml' },
    });

    const { manifests } = await renderSource({
      files: filesOnDisk(root),
      source: { repoURL: 'https://x.example/r', path: 'app', kustomize: { namePrefix: 'x-' } },
      application: { instanceName: 'a', name: 'a', namespace: 'n', project: 'p', revision: 'c0ffee' },
      tools,
      sandbox,
    });
    expect(namesOf(manifests)).toEqual(['ConfigMap/x-plain']);
    expect(await readFile(join(root, 'base/kustomization.yaml'), 'utf8')).toBe('resources: [a.yaml]\n');
    await rm(root, { recursive: true });
  });

  it('makes a kustomize without load restrictions harmless, and useful', async () => {
    const root = await writeTree({
      'shared/value.txt': 'shared',
      'app/kustomization.yaml': `configMapGenerator: [{name: m, files: [../shared/value.txt], options: {disableNameSuffixHash: true}}]\n`,
      'bad/kustomization.yaml': `configMapGenerator: [{name: m, files: ["x=${other}/secret.yaml"]}]\n`,
      'environ/kustomization.yaml': 'configMapGenerator: [{name: m, files: [/proc/self/environ]}]\n',
    });
    const build = (folder: string) =>
      sandbox.run(
        tools.kustomize,
        ['build', join(root, folder), '--load-restrictor', 'LoadRestrictionsNone'],
        {
          ...{ cwd: root, env: {}, timeoutSeconds: 20, maxOutputBytes: 100_000 },
          ...{ readable: [root], writable: [] },
        },
      );
    expect((await build('app')).stdout).toContain('value.txt: shared');
    await expect(build('bad')).rejects.toThrow(/no such file/);
    await expect(build('environ')).rejects.toThrow(/no such file/);
    await rm(root, { recursive: true });
  });

  const execGenerator: TreeFiles = {
    'app/kustomization.yaml': 'generators: [generator.yaml]\n',
    'app/generator.yaml':
      'apiVersion: x.example/v1\nkind: Evil\nmetadata:\n  name: evil\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./evil.sh}\n',
  };

  it('runs no program of a kustomization', async () => {
    const script = `#!/bin/sh\ntouch ${traces}/exec\n`;
    await expect(render({ ...execGenerator, 'app/evil.sh': script })).rejects.toThrow(
      /plugins that start programs are not run/,
    );
    await expect(readFile(join(traces, 'exec'))).rejects.toThrow('ENOENT');
  });

  it('confines a program of a kustomization when build options start it', async () => {
    const said = `printf 'apiVersion: config.kubernetes.io/v1\\nkind: ResourceList\\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: saw}, data: {saw: "%s"}}]\\n'`;
    const script = `#!/bin/sh\nsaw=$(cat ${other}/secret.yaml /etc/passwd /proc/*/environ 2>/dev/null; env | grep CANARY; touch ${traces}/exec ./new 2>/dev/null && echo wrote)\n${said} "$saw"\n`;
    const root = await writeTree({ ...execGenerator, 'app/evil.sh': script });
    const scratch = await mkdtemp(join(tmpdir(), 'keelson-scratch-'));
    const { stdout } = await sandbox
      .run(tools.kustomize, ['build', join(root, 'app'), '--enable-alpha-plugins', '--enable-exec'], {
        ...{ cwd: root, env: { PATH: '/usr/bin:/bin', TMPDIR: scratch }, timeoutSeconds: 20 },
        ...{ maxOutputBytes: 100_000, readable: [root], writable: [scratch], system: true },
      })
      .catch((cause: unknown) => ({ stdout: String(cause) }));
    expect(stdout).not.toMatch(/canary|root:|wrote/);
    await expect(readFile(join(traces, 'exec'))).rejects.toThrow('ENOENT');
    await Promise.all([root, scratch].map((folder) => rm(folder, { recursive: true })));
  });

  it('runs no Helm plugin of a repository', async () => {
    const plugin = `name: evil\nversion: 0.1.0\ncommand: /bin/touch ${traces}/plugin\ndownloaders: [{command: touch ${traces}/plugin, protocols: [evil]}]\n`;
    const files = chart(configMap, {
      'app/plugin.yaml': plugin,
      'app/plugins/evil/plugin.yaml': plugin,
      'app/helm/plugins/evil/plugin.yaml': plugin,
    });
    expect(namesOf((await render(files)).manifests)).toEqual(['ConfigMap/plain']);
    await expect(render(files, { helm: { valueFiles: ['evil://x'] } })).rejects.toThrow(/evil:\/\/x/);
    await expect(readFile(join(traces, 'plugin'))).rejects.toThrow('ENOENT');
  });

  it.each([
    'http://169.254.169.254/latest/meta-data/iam',
    'http://127.0.0.1:<port>/x.yaml',
    'http://localhost:<port>/x.yaml',
    'http://2130706433:<port>/x.yaml',
    'http://[::ffff:127.0.0.1]:<port>/x.yaml',
    'http://127.0.0.1:<port>/r.git//base?ref=main',
    'http://10.255.255.1/x.yaml',
  ])('fetches no remote base from %s', async (address) => {
    const before = requests;
    const url = address.replace('<port>', String(port));
    const started = performance.now();
    await expect(render({ 'app/kustomization.yaml': `resources: ["${url}"]\n` })).rejects.toThrow(
      /never reach|private address|connection refused/,
    );
    expect(requests).toBe(before);
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('fetches a remote base from a listed host', async () => {
    const listed = createSandbox({ isolation: 'required', privateHosts: ['127.0.0.0/8'] });
    const files = { 'app/kustomization.yaml': `resources: ["http://2130706433:${port}/x.yaml"]\n` };
    expect(namesOf((await render(files, {}, { sandbox: listed })).manifests)).toEqual(['ConfigMap/plain']);
  });

  const doubling = (times: number): string =>
    `{{- $x := "0123456789abcdef" }}{{- range until ${times} }}{{- $x = printf "%s%s" $x $x }}{{- end }}${configMap}data: {x: {{ $x }}}\n`;
  const endless = `{{- range until 30000 }}{{- range until 30000 }}{{- range until 30000 }}{{- end }}{{- end }}{{- end }}${configMap}`;

  it.each<[string, TreeFiles, RegExp, Partial<RenderRequest>]>([
    ['eats memory', chart(doubling(36)), /more memory than a render gets/, {}],
    [
      'writes too much',
      chart(doubling(20)),
      /wrote more than 1000000 bytes/,
      { limits: { maxOutputBytes: 1_000_000 } },
    ],
    ['never ends', chart(endless), /took longer than 1 s/, { limits: { timeoutSeconds: 1 } }],
    [
      'calls itself',
      chart('{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'),
      /nested|unable to execute|stack/,
      {},
    ],
  ])('ends a chart that %s, and says so', async (_, files, message, rest) => {
    await expect(render(files, {}, rest)).rejects.toThrow(message);
  });

  it('unpacks no archive that grows beyond any chart', async () => {
    const header = Buffer.alloc(512);
    const size = 130 * 1024 * 1024;
    header.write('dep/big.bin', 0);
    header.write('0000644\0', 100);
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    header.write('        0', 148);
    let sum = 0;
    for (const byte of header) sum += byte;
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    const bomb = gzipSync(Buffer.concat([header, Buffer.alloc(size + 1024)]), { level: 1 });
    const files = chart(configMap, {
      'app/Chart.yaml':
        'apiVersion: v2\nname: hostile\nversion: 0.1.0\ndependencies: [{name: dep, version: 0.1.0, repository: ""}]\n',
      'app/charts/dep-0.1.0.tgz': bomb,
    });
    await expect(render(files)).rejects.toThrow(/larger than the maximum file size/);
  });

  const laughs = (levels: number): string =>
    Array.from({ length: levels }, (_, n) =>
      n === 0
        ? 'a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]'
        : `a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]`,
    ).join('\n');

  it.each<[string, TreeFiles, RegExp]>([
    ['aliases in a plain manifest', { 'app/a.yaml': `${configMap}${laughs(12)}\n` }, /aliases/],
    [
      'depth in a plain manifest',
      { 'app/a.yaml': `${configMap}data: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n` },
      /nested too deeply|too large/,
    ],
    [
      'aliases in a kustomization',
      { 'app/kustomization.yaml': `${laughs(12)}\nresources: []\n` },
      /kustomize build failed/,
    ],
    ['aliases in values', chart(configMap, { 'app/values.yaml': laughs(12) }), /excessive aliasing/],
    ['aliases in what a chart prints', chart(`${configMap}${laughs(12)}\n`), /aliases|aliasing/],
  ])('refuses a YAML bomb: %s', async (_, files, message) => {
    const started = performance.now();
    await expect(render(files)).rejects.toThrow(message);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('leaves no scratch folder behind, whatever the render did', async () => {
    const before = await scratchFolders();
    await outcomeOf(render(chart(endless), {}, { limits: { timeoutSeconds: 0.3 } }));
    await outcomeOf(render(chart(endless), {}, { signal: AbortSignal.timeout(200) }));
    expect(await scratchFolders()).toEqual(before);
  });

  it('refuses to run a tool without a sandbox, and still reads plain manifests', async () => {
    const none = createSandbox({ isolation: 'required', searchPath: traces });
    await expect(render(chart(configMap), {}, { sandbox: none })).rejects.toThrow(
      /rendering is refused: .*unshare.* not found.*KEELSON_RENDER_ISOLATION=preferred/,
    );
    const plain = await render({ 'app/a.yaml': configMap }, {}, { sandbox: none });
    expect(namesOf(plain.manifests)).toEqual(['ConfigMap/plain']);
  });
});

async function scratchFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => /^keelson-(?:render|sandbox)-/.test(name));
}
