import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPlugins } from '../../../../activities/plugin/plugins.ts';
import { defaultToolSettings, readPlugins } from '../../../../core/settings/words/tool-settings.ts';
import { offeredVariables } from '../../../../platform/config.ts';
import type { SandboxLimits } from '../../../../platform/sandbox/limits.ts';
import type { Sandbox } from '../../../../platform/sandbox/sandbox.ts';
import { problemsOf } from '../../../support/hostile/remedies.ts';
import { renderTree, type TreeFiles } from '../../../support/render/render-files.ts';
import { renderSandbox } from '../../../support/render/render-source.ts';
import { noTools, pluginFile, print, shell } from '../../../support/servers/plugin-server.ts';

const files: TreeFiles = { 'app/a.txt': 'a' };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kpr-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What rendering by the plugin of a file says, in a sandbox and with what a worker offers. */
function problemsOfPlugin(
  file: string,
  { tree = files, sandbox = renderSandbox, offered = {} }: Partial<Rendering>,
): Promise<string[]> {
  const plugins = readPlugins({ 'own.yaml': file }, () => () => {});
  return problemsOf(() =>
    renderTree(
      tree,
      {
        plugins: createPlugins({ sandbox, socketDir: undefined, cacheDir: join(folder, 'caches'), offered }),
        ...{ sandbox: renderSandbox, tools: noTools, limits: {} },
        settings: { ...defaultToolSettings, plugins },
      },
      { plugin: { name: 'own' } },
    ),
  );
}

type Rendering = {
  readonly tree: TreeFiles;
  readonly sandbox: Sandbox;
  readonly offered: Readonly<Record<string, string>>;
};

describe('a plugin of the settings', () => {
  const variable = (name: string, offered: Record<string, string>) => {
    const annotations = name === '' ? {} : { 'keelson.dev/env': name };
    const file = pluginFile('own', { generate: print }, annotations);
    return problemsOfPlugin(file, { offered: offeredVariables(offered) });
  };

  /** Renders a tree by a plugin whose sandbox has lower limits. */
  const held = (script: string, tree: TreeFiles, limits: Partial<SandboxLimits>) => {
    const narrow: Sandbox = {
      ...renderSandbox,
      run: (program, args, options) => renderSandbox.run(program, args, { ...options, limits }),
    };
    const file = pluginFile('own', { generate: shell(`${script}; ${print.args.join()}`) });
    return problemsOfPlugin(file, { tree, sandbox: narrow });
  };

  it('writes no more than its folder holds', async () => {
    const writing = (bytes: number) =>
      held('cat a.txt > copy; sleep 5', { 'app/a.txt': 'x'.repeat(bytes) }, { diskBytes: 2_000_000 });
    expect((await writing(3_000_000)).join()).toContain(
      'generate filled its folder; make the source or what it fetches smaller',
    );
    expect(await writing(300_000)).toEqual([]);
  });

  it('starts few processes at once', async () => {
    const starting = (work: string) =>
      held(`for n in $(seq 60); do ${work} done; wait`, files, { processes: 20 });
    const refused = (await starting('sleep 9 &')).join();
    expect(refused).toContain('plugin own: generate failed: ');
    expect(refused).toContain(
      'it may have 20 processes and threads at once and wanted more; let the plugin start fewer processes at once',
    );
    expect(await starting('sleep 0;')).toEqual([]);
  });

  it('asks for variables that are offered', async () => {
    const refused = (await variable('TOKEN', {})).join();
    expect(refused).toContain(
      "plugin own: variable TOKEN isn't offered by the worker; set KEELSON_PLUGIN_ENV_TOKEN there or take it out of the plugin",
    );
    expect(await variable('TOKEN', { KEELSON_PLUGIN_ENV_TOKEN: 't' })).toEqual([]);
    expect(await variable('', {})).toEqual([]);
  });
});
