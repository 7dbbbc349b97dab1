import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPlugins, type Plugins } from '../../../activities/plugin/plugins.ts';
import { filesOnDisk } from '../../../activities/render/files/source-files.ts';
import { describeTool, type RenderRequest } from '../../../activities/render/render.ts';
import { defaultToolSettings, readPlugins } from '../../../core/settings/words/tool-settings.ts';
import { createSandbox, type Sandbox } from '../../../platform/sandbox/sandbox.ts';
import { renderTree, type TreeFiles, writeTree } from '../../support/render/render-files.ts';
import { renderSandbox } from '../../support/render/render-source.ts';
import { noTools, pluginFile, pluginServers, shell } from '../../support/servers/plugin-server.ts';

const line = (key: string, value: string) => `printf '  ${key}: "%s"\\n' "${value}"`;
/** Prints a ConfigMap with these values, as the shell sees them. */
const print = (data: Record<string, string>) =>
  shell(
    [
      `printf 'apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: printed}\\ndata:\\n'`,
      ...Object.entries(data).map(([key, value]) => line(key, value)),
    ].join('; '),
  );

const stamp = {
  version: 'v1.0',
  init: shell('cat ../shared/word > made-by-init; test ! -e left-over && touch left-over'),
  generate: print({
    init: '$(cat made-by-init)',
    name: '$ARGOCD_APP_NAME $ARGOCD_APP_NAMESPACE $ARGOCD_APP_SOURCE_PATH',
    greeting: '$ARGOCD_ENV_GREETING',
    color: '$PARAM_COLORS_1 $PARAM_TAG $PARAM_HELM_IMAGE_TAG',
    cluster: '$KUBE_VERSION $KUBE_API_VERSIONS',
    json: `$(printf %s \\"$ARGOCD_APP_PARAMETERS\\" | tr -d '\\"')`,
    surroundings: '$OWN',
    mode: '$(test -x run.sh && echo program || echo file)',
    link: '$(cat link)',
  }),
  discover: { fileName: './stamp.*' },
  parameters: {
    static: [{ name: 'colors', collectionType: 'array', array: ['red'] }],
    dynamic: shell(`printf '[{"name":"tag","string":"%s"}]' "$(cat stamp.txt)"`),
  },
};

const files: TreeFiles = {
  'app/stamp.txt': 'v9',
  'app/run.sh': '#!/bin/sh\n',
  'app/link': { link: '../shared/word' },
  'shared/word': 'shared',
  [`shared/${'long-name/'.repeat(14)}file`]: '',
};

const plugin = {
  name: 'stamp-v1.0',
  env: [{ name: 'GREETING', value: 'hello $ARGOCD_APP_NAME' }],
  parameters: [
    { name: 'colors', array: ['red', 'green'] },
    { name: 'tag', string: 'v2' },
    { name: 'helm', map: { 'image.tag': 'x' } },
  ],
};

const printed = {
  init: 'shared',
  name: 'demo n app',
  greeting: 'hello demo',
  color: 'green v2 x',
  cluster: '1.33.1 v1,apps/v1',
  json: '[{name:colors,array:[red,green]},{name:tag,string:v2},{name:helm,map:{image.tag:x}}]',
  mode: 'file',
  link: 'shared',
};

const plain = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n';

describe('activities/render/plugin', () => {
  let folder = '';
  let servers: ReturnType<typeof pluginServers>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kp-'));
    await mkdir(join(folder, 'tmp'));
    servers = pluginServers(folder);
    await mkdir(servers.socketDir);
    await Promise.all([
      servers.start('stamp-v1.0', pluginFile('stamp', stamp), [], {
        OWN: 'sidecar',
        API_TOKEN: 'canary-secret',
      }),
      servers.start(
        'bad',
        pluginFile('bad', {
          init: shell('case "$ARGOCD_ENV_DO" in missing) rm ../shared/word;; esac'),
          generate: shell(
            [
              'case "$ARGOCD_ENV_DO" in',
              'fail) echo first >&2; echo "no zone with $API_TOKEN in $PWD/x" >&2; exit 3;;',
              'silent) exit 4;;',
              'slow) sleep 60;;',
              'long) yes 2>/dev/null;;',
              'words) echo just words;;',
              'mode) test -x run.sh && echo "{apiVersion: v1, kind: ConfigMap, metadata: {name: program}}";;',
              'esac',
            ].join('\n'),
          ),
          parameters: { dynamic: shell('echo no list') },
          preserveFileMode: true,
        }),
        ['--timeout', '3', '--max-archive-bytes', '200000', '--max-file-bytes', '60000'],
        { API_TOKEN: 'canary-secret' },
      ),
    ]);
  }, 60_000);

  afterAll(async () => {
    await servers?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  function surroundings(
    configured: Record<string, string> = {},
    sidecars = true,
    sandbox = renderSandbox,
    onSilence: (address: string) => void = () => {},
  ): Pick<RenderRequest, 'plugins' | 'sandbox' | 'settings' | 'tools'> {
    const problems: string[] = [];
    const plugins: Plugins = createPlugins({
      sandbox,
      socketDir: sidecars ? servers.socketDir : undefined,
      cacheDir: join(folder, 'caches'),
      offered: { OFFERED: 'by-operator' },
      onSilence,
    });
    const read = readPlugins(configured, (key) => (message) => void problems.push(`${key}: ${message}`));
    expect(problems).toEqual([]);
    const settings = { ...defaultToolSettings, plugins: read };
    return { plugins, sandbox: renderSandbox, settings, tools: noTools };
  }

  const cluster = { kubeVersion: 'v1.33.1', apiVersions: ['v1', 'apps/v1'] };
  const render = (
    tree: TreeFiles,
    source: Parameters<typeof renderTree>[2] = {},
    given = surroundings(),
    rest: Partial<RenderRequest> = {},
  ) => renderTree(tree, { ...given, ...cluster, ...rest }, source);

  describe('in a sidecar', () => {
    it('gets the files and all that the source says, is prepared each time, and leaves nothing behind', async () => {
      for (const _ of [1, 2]) {
        const { manifests, sourceType } = await render(files, { plugin });
        expect(sourceType).toBe('Plugin');
        expect(manifests[0]?.['data']).toEqual({ ...printed, surroundings: 'sidecar' });
      }
      expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    });

    it('discovers folders of sources without a tool, before the tools that their files look like', async () => {
      const { sourceType } = await render({ ...files, 'app/kustomization.yaml': 'resources: []' });
      expect(sourceType).toBe('Plugin');
      expect((await render(files, { plugin: {} })).sourceType).toBe('Plugin');
      expect((await render({ ...files, 'app/cm.yaml': plain }, { directory: {} })).sourceType).toBe(
        'Directory',
      );
      expect((await render({ 'app/cm.yaml': plain })).sourceType).toBe('Directory');
    });

    it('announces what can be set, by its file and by its program', async () => {
      const root = await writeTree(files);
      try {
        const application = {
          instanceName: 'demo',
          name: 'demo',
          namespace: '',
          project: 'default',
          revision: '',
        };
        const source = { repoURL: 'https://git.example.com/a.git', path: 'app' };
        const files = filesOnDisk(root);
        expect(await describeTool({ ...surroundings(), files, source, application })).toEqual({
          type: 'Plugin',
          announced: [
            { name: 'tag', string: 'v9' },
            { name: 'colors', collectionType: 'array', array: ['red'] },
          ],
        });
        const bad = describeTool({
          ...surroundings(),
          files,
          source: { ...source, plugin: { name: 'bad' } },
          application,
        });
        await expect(bad).rejects.toThrow(
          /plugin bad: its program of dynamic parameters printed no JSON list/,
        );
      } finally {
        await rm(root, { recursive: true });
      }
    });

    it('keeps programs executable where its file says so', async () => {
      const { manifests } = await render(files, doing('mode'));
      expect(manifests[0]?.metadata.name).toBe('program');
    });

    const doing = (what: string) => ({ plugin: { name: 'bad', env: [{ name: 'DO', value: what }] } });
    const noise = Array.from({ length: 8 }, (_, index) => [`app/${index}`, 'x'.repeat(10_000)]);

    it.each<[string, TreeFiles, string, RegExp]>([
      [
        'fails',
        files,
        'fail',
        /path app: plugin bad: generate failed: first; no zone with \*\*\*\* in app\/x; correct/,
      ],
      [
        'fails without a word',
        files,
        'silent',
        /plugin bad: generate failed with status 4 and no word; correct/,
      ],
      ['takes too long', files, 'slow', /plugin bad: generate was not done when 3 s were over/],
      ['prints too much', files, 'long', /plugin bad: generate printed more than 100000 bytes; split/],
      ['prints no manifests', files, 'words', /output of plugin bad:1: is not a Kubernetes object/],
      [
        'is sent too much',
        { 'app/a': 'x'.repeat(250_000) },
        '',
        /files of the source are 25\d+ bytes as an archive/,
      ],
      [
        'is sent too much to unpack',
        Object.fromEntries(noise),
        '',
        /holds more than 60000 bytes when unpacked; make/,
      ],
      [
        'is sent a link out of the files',
        { 'app/a': '', 'app/way': { link: '../../../etc/passwd' } },
        '',
        /has a symlink app\/way that leads out of it; replace it by the file/,
      ],
      [
        'is sent links that lead out together',
        { 'app/a': '', 'app/up': { link: '..' }, 'app/out': { link: 'up/../../task.tar' } },
        '',
        /symlink app\/out that leads out/,
      ],
    ])('says so when it %s', async (_, tree, what, message) => {
      const rendering = render(tree, doing(what), surroundings(), { limits: { maxOutputBytes: 100_000 } });
      const outcome = await rendering.then(
        () => 'rendered',
        (error: Error) => error.message,
      );
      expect(outcome).toMatch(message);
      expect(outcome).not.toContain(tmpdir());
      expect(outcome).not.toContain('canary-secret');
      expect(await readdir(join(folder, 'tmp'))).toEqual([]);
    });

    it.each([
      [{ name: 'none' }, 'plugin none is not there (there are: bad, stamp-v1.0)'],
      [{ name: 'stamp' }, 'plugin stamp is not there'],
      [{ name: 'stamp-v1.0' }, "plugin stamp-v1.0 doesn't take this folder"],
      [{}, 'no plugin discovers the folder'],
      [
        { name: 'bad', env: [{ name: 'A=B', value: '1' }] },
        'plugin variable "ARGOCD_ENV_A=B" can\'t be given',
      ],
    ])('refuses %j', async (named, message) => {
      await expect(render({ 'app/a.yaml': plain }, { plugin: named })).rejects.toThrow(message);
    });

    it('stops a program when the render is given up', async () => {
      const giveUp = new AbortController();
      const rendering = render(files, doing('slow'), surroundings(), { signal: giveUp.signal });
      const stopped = expect(rendering).rejects.toThrow('stopped');
      await expect.poll(() => readdir(join(folder, 'tmp')), { timeout: 5000 }).not.toEqual([]);
      const given = Date.now();
      giveUp.abort();
      await stopped;
      expect(Date.now() - given).toBeLessThan(2000);
      await expect.poll(() => readdir(join(folder, 'tmp')), { timeout: 2000 }).toEqual([]);
    });

    it('lets no task set what loads programs', async () => {
      const body = await post(join(servers.socketDir, 'stamp-v1.0.sock'), { LD_PRELOAD: '/x' });
      expect(body).toContain("variable LD_PRELOAD can't be set by a task");
    });

    describe('that does not answer', () => {
      const asks = pluginFile('asks', {
        generate: print({ asked: 'yes' }),
        discover: { find: shell('ls stamp-*.txt 2>/dev/null || true') },
      });
      const own = { 'app/stamp-1.txt': '' };
      const unasked = /not asked since they don't answer: asks; start their sidecars again/;

      /** Renders what it can't be asked about; answers with what was told in the log. */
      async function passedOver(named: RegExp): Promise<string[]> {
        const told: string[] = [];
        const given = surroundings({}, true, renderSandbox, (address) => told.push(address));
        expect((await render({ 'app/cm.yaml': plain }, {}, given)).sourceType).toBe('Directory');
        const begun = Date.now();
        expect((await render(files, {}, given)).sourceType).toBe('Plugin');
        expect((await render(files, { plugin }, given)).sourceType).toBe('Plugin');
        await expect(render(own, {}, given)).rejects.toThrow(unasked);
        await expect(render(own, { plugin: {} }, given)).rejects.toThrow(unasked);
        expect((await render(own, { directory: {} }, given)).manifests).toEqual([]);
        // None of them waited for it.
        expect(Date.now() - begun).toBeLessThan(4000);
        await expect(render(own, { plugin: { name: 'asks' } }, given)).rejects.toThrow(named);
        return told;
      }

      it('is passed over with a warning when its socket is dead, and fails the sources that name it', async () => {
        const child = await servers.start('asks', asks);
        expect((await render(own)).manifests[0]?.['data']).toEqual({ asked: 'yes' });
        child.kill('SIGKILL');
        await expect.poll(() => child.signalCode).toBe('SIGKILL');
        expect(await passedOver(/plugin asks: its socket doesn't answer .*remove asks\.sock/)).toEqual([
          'asks',
        ]);
        await rm(join(servers.socketDir, 'asks.sock'));
      });

      it('is waited for once when it hangs, and taken again when it goes on', async () => {
        const child = await servers.start('asks', asks);
        // Stopped, it would take no other signal.
        onTestFinished(() => void child.kill('SIGKILL'));
        child.kill('SIGSTOP');
        expect(
          await passedOver(/plugin asks: its sidecar did not answer within 5 s; look at its log/),
        ).toEqual(['asks']);
        child.kill('SIGCONT');
        expect((await render(own)).manifests[0]?.['data']).toEqual({ asked: 'yes' });
        child.kill('SIGKILL');
        await expect.poll(() => child.signalCode).toBe('SIGKILL');
        await rm(join(servers.socketDir, 'asks.sock'));
      });
    });

    it('is not started twice, nor from a file with mistakes', async () => {
      const twice = await servers.refused('stamp-v1.0', pluginFile('stamp', stamp));
      expect(twice).toContain('stamp-v1.0.sock: another plugin server is there; stop it');
      expect((await render(files, { plugin })).sourceType).toBe('Plugin');
      const wrong = await servers.refused('wrong', pluginFile('wrong', { generate: {} }));
      expect(wrong).toMatch(/plugin\.yaml: spec\.generate\.command is empty; set it/);
      expect(existsSync(join(servers.socketDir, 'wrong.sock'))).toBe(false);
    });
  });

  describe('of the settings', () => {
    const configured = (spec: Record<string, unknown>, annotations = {}) =>
      surroundings({ 'plugin.yaml': pluginFile('own', spec, annotations) }, false);

    it('renders as a sidecar does', async () => {
      const given = surroundings({ 'a.yaml': pluginFile('stamp', stamp) }, false);
      const { manifests } = await render(files, { plugin }, given);
      expect(manifests[0]?.['data']).toEqual({ ...printed, surroundings: '' });
      const kept = surroundings(
        { 'a.yaml': pluginFile('stamp', { ...stamp, preserveFileMode: true }) },
        false,
      );
      expect((await render(files, {}, kept)).manifests[0]?.['data']).toMatchObject({ mode: 'program' });
    });

    it('discovers by a glob and by a program', async () => {
      const byGlob = configured({
        generate: print({ by: 'glob' }),
        discover: { find: { glob: '**/deep.*' } },
      });
      expect((await render({ 'app/a/b/deep.txt': '' }, {}, byGlob)).manifests[0]?.['data']).toEqual({
        by: 'glob',
      });
      expect((await render({ 'app/cm.yaml': plain }, {}, byGlob)).sourceType).toBe('Directory');
      const ask = shell('grep -rl wanted . || true');
      const byProgram = configured({ generate: print({ by: 'program' }), discover: { find: ask } });
      expect((await render({ 'app/a': 'wanted' }, {}, byProgram)).sourceType).toBe('Plugin');
      expect((await render({ 'app/cm.yaml': plain }, {}, byProgram)).sourceType).toBe('Directory');
    });

    it('has the variables that it declares and the operator offers, and no other', async () => {
      const spec = { generate: print({ offered: '$OFFERED', others: '$(env | grep -c KEELSON_)' }) };
      const source = { plugin: { name: 'own' } };
      const { manifests } = await render(files, source, configured(spec, { 'keelson.dev/env': 'OFFERED' }));
      expect(manifests[0]?.['data']).toEqual({ offered: 'by-operator', others: '0' });
      const undeclared = await render(files, source, configured(spec));
      expect(undeclared.manifests[0]?.['data']).toMatchObject({ offered: '' });
      await expect(render(files, source, configured(spec, { 'keelson.dev/env': 'HOME2' }))).rejects.toThrow(
        "plugin own: variable HOME2 isn't offered by the worker; set KEELSON_PLUGIN_ENV_HOME2",
      );
    });

    it('finds its cache again, apart from that of other projects', async () => {
      const given = configured(
        {
          generate: print({
            runs: '$(echo x >> $KEELSON_PLUGIN_CACHE/runs; wc -l < $KEELSON_PLUGIN_CACHE/runs)',
          }),
        },
        { 'keelson.dev/cache': 'true' },
      );
      const runs = async (project: string) => {
        const application = {
          instanceName: 'demo',
          name: 'demo',
          namespace: 'target',
          project,
          revision: 'c',
        };
        const { manifests } = await render(files, { plugin: { name: 'own' } }, given, { application });
        return manifests[0]?.['data'];
      };
      expect(await runs('one')).toEqual({ runs: '1' });
      expect(await Promise.all([runs('one'), runs('one')])).toContainEqual({ runs: '3' });
      expect(await runs('two')).toEqual({ runs: '1' });
    });

    it('has no other files, and no program of the repository unless its file says so', async () => {
      expect(await createSandbox({ isolation: 'required' }).unavailable()).toBeUndefined();
      const spec = {
        generate: print({
          host: `$(ls -d ${join(folder, 's')} /etc/passwd /root /home 2>/dev/null | wc -l)`,
          program: '$(./run.sh 2>/dev/null && echo ran || echo refused)',
        }),
      };
      const source = { plugin: { name: 'own' } };
      const { manifests } = await render(files, source, configured(spec));
      expect(manifests[0]?.['data']).toEqual({ host: '0', program: 'refused' });
      const kept = configured({ ...spec, preserveFileMode: true });
      expect((await render(files, source, kept)).manifests[0]?.['data']).toMatchObject({ program: 'ran' });
    });

    it('reaches the network only where its file says so', async () => {
      const listener = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
      await once(listener, 'listening');
      const address = listener.address();
      const port = typeof address === 'object' ? address?.port : 0;
      const open = createSandbox({ isolation: 'required', egress: 'open' });
      const call = `$(bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port}' 2>/dev/null && echo reached || echo not)`;
      const reach = async (annotations: Record<string, string>) => {
        const given = surroundings(
          { 'a.yaml': pluginFile('own', { generate: print({ call }) }, annotations) },
          false,
          open,
        );
        return (await render(files, { plugin: { name: 'own' } }, given)).manifests[0]?.['data'];
      };
      expect(await reach({})).toEqual({ call: 'not' });
      expect(await reach({ 'keelson.dev/network': 'true' })).toEqual({ call: 'reached' });
      listener.close();
    });

    it('says which program it lacks, and when it takes too long', async () => {
      const lacks = configured({ generate: { command: ['no-such-program'] } });
      const source = { plugin: { name: 'own' } };
      await expect(render(files, source, lacks)).rejects.toThrow(
        "plugin own: generate can't start no-such-program; put the program",
      );
      const slow = configured({ init: shell('sleep 60'), generate: print({}) });
      await expect(render(files, source, slow, { limits: { timeoutSeconds: 1 } })).rejects.toThrow(
        'plugin own: init was not done when 1 s were over',
      );
    });

    it('says that it starts more processes than it may have', async () => {
      const strict = createSandbox({ isolation: 'required' });
      const held: Sandbox = {
        ...strict,
        run: (command, args, options) => strict.run(command, args, { ...options, limits: { processes: 20 } }),
      };
      const generate = shell('for n in $(seq 60); do sleep 987655 & done; wait');
      const many = surroundings({ 'a.yaml': pluginFile('own', { generate }) }, false, held);
      await expect(render(files, { plugin: { name: 'own' } }, many)).rejects.toThrow(
        /^.*plugin own: generate failed: .*fork.*; it may have 20 processes and threads at once and wanted more; let/,
      );
    });
  });
});

/** A task of somebody who isn't a worker of ours. */
async function post(socketPath: string, variables: Record<string, string>): Promise<string> {
  const { packEnd, packText } = await import('../../../activities/archive/pack.ts');
  const wanted = { path: '.', variables, timeoutSeconds: 5, maxOutputBytes: 1000 };
  const body = [...packText('request.json', JSON.stringify(wanted)), ...packText('files/a', 'a'), packEnd()];
  return await new Promise((resolve, reject) => {
    const call = request({ socketPath, path: '/generate', method: 'POST' }, async (response) => {
      resolve((await response.toArray()).join(''));
    });
    call.on('error', reject);
    call.end(Buffer.concat(body));
  });
}
