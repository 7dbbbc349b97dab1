import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type CliRun, keelson } from '../../../test/support/keelson/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-overrides-'));

function file(path: string, content: unknown): string {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, typeof content === 'string' ? content : stringify(content));
  return at;
}

function object(phase?: string) {
  return {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'one', namespace: 'demo' },
    spec: { size: 1 },
    ...(phase === undefined ? {} : { status: { phase } }),
  };
}

const healthLua = `
hs = {}
if obj.status == nil then return hs end
hs.status = string.upper(string.sub(obj.status.phase, 1, 1)) .. string.sub(obj.status.phase, 2)
hs.message = "it is " .. obj.status.phase
return hs`;

const actions = stringify({
  'discovery.lua': 'return {grow = {}, ghost = {}}',
  definitions: [
    {
      name: 'grow',
      'action.lua': 'obj.spec.size = obj.spec.size + tonumber(actionParams.by or 1)\nreturn obj',
    },
    {
      name: 'copy',
      'action.lua': `
local copy = {apiVersion = "v1", kind = "ConfigMap", metadata = {name = "x"}}
return {{operation = "create", resource = copy}}`,
    },
  ],
});

let settings: string;
let one: string;

beforeAll(() => {
  settings = file('argocd-cm.yaml', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm' },
    data: {
      'resource.customizations.health.example.com_Widget': healthLua,
      'resource.customizations.useOpenLibs.example.com_Widget': 'true',
      'resource.customizations.health.example.com_Broken': 'return obj.no.field',
      'resource.customizations.actions.example.com_Widget': actions,
    },
  });
  one = file('one.yaml', object('healthy'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...words: string[]): Promise<CliRun> {
  return keelson(['admin', 'settings', 'resource-overrides', ...words, '--argocd-cm-path', settings]);
}

describe('cli/commands/override-commands', () => {
  it('judges an object by its script, by a built-in rule, or not at all', async () => {
    expect((await run('health', one)).stdout).toBe('STATUS: Healthy\nMESSAGE: it is healthy\n');
    const pod = file('pod.yaml', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'p' },
      status: { phase: 'Pending' },
    });
    expect((await run('health', pod)).stdout).toMatch(/^STATUS: Progressing\n/);
    const map = file('map.yaml', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' } });
    expect((await run('health', map)).stdout).toBe("Health script is not configured for 'ConfigMap m'\n");
  });

  it('tells what is wrong with a script, an object, or the settings', async () => {
    const broken = file('broken.yaml', { ...object(), kind: 'Broken' });
    const failed = await run('health', broken);
    expect(failed.status).toBe(20);
    expect(failed.stderr).toMatch(/Broken demo\/one: health.lua:1: attempt to index field 'no'/);
    expect((await run('health')).stderr).toMatch(/write FILE, or --dir DIR/);
    expect((await run('health', join(folder, 'none.yaml'))).stderr).toMatch(/does not exist; check the path/);
    expect((await run('run-action', one)).stderr).toMatch(/write FILE ACTION/);
    const two = file(
      'two.yaml',
      `${stringify(object())}---\n${stringify({ ...object(), metadata: { name: 'b' } })}`,
    );
    expect((await run('health', two)).stderr).toMatch(/holds 2 objects; give a file with one/);
    const wrong = file('wrong.yaml', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cm' },
      data: { 'resource.customizations.actions.x_Y': 'definitions: 1' },
    });
    const refused = await keelson([
      ...['admin', 'settings', 'resource-overrides', 'list-actions', one, '--argocd-cm-path', wrong],
    ]);
    expect(refused.stderr).toMatch(/wrong.yaml: argocd-cm: resource.customizations.actions.x_Y/);
  });

  it('notes what of an override has no effect, and tries the rest', async () => {
    const passing = file('passing.yaml', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'argocd-cm' },
      data: {
        'resource.customizations.actions.example.com_Widget': `${actions}...\ndefinitions: []\n`,
        'resource.customizations': 'example.com/Widget: {}\n...\nexample.com/Other: {}\n',
        'ui.cssurl': 'nothing to say of here',
      },
    });
    const words = ['admin', 'settings', 'resource-overrides', 'list-actions', one];
    const { status, stdout, stderr } = await keelson([...words, '--argocd-cm-path', passing]);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining('grow   false') });
    const place = (key: string, line: number) =>
      `note: ${passing}: argocd-cm: ${key}: line ${line}: stands behind the end of the document`;
    expect(stderr).toContain(place('resource.customizations', 3));
    expect(stderr).toContain(place('resource.customizations.actions.example.com_Widget', 15));
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });

  it('lists actions and shows what one does', async () => {
    expect((await run('list-actions', one)).stdout).toBe(
      'NAME   DISABLED  REASON\n' +
        'ghost  true      no definition of action ghost; add one to definitions\n' +
        'grow   false\n',
    );
    const grown = await run('run-action', one, 'grow', '--param', 'by=3');
    expect(grown.stdout).toBe('Following fields have been changed:\n\nspec:\n  size: 4\n');
    expect((await run('run-action', one, 'grow', '--param', 'by=0')).stdout).toBe(
      'Fields has not been changed\n',
    );
    expect((await run('run-action', one, 'copy')).stdout).toMatch(
      /^Following resource was created:\n\napiVersion: v1\n/,
    );
  });

  it('tries out cases of health and fails when one is not as expected', async () => {
    const good = { object: object('degraded'), expected: { status: 'Degraded', message: 'it is degraded' } };
    const empty = { object: object(), expected: { status: '' } };
    file('good/a/object.yaml', good.object);
    file('good/a/expected.yaml', good.expected);
    file('good/deep/b/object.yaml', empty.object);
    file('good/deep/b/expected.yaml', empty.expected);
    expect(await run('health', '--dir', join(folder, 'good'))).toMatchObject({
      status: 0,
      stdout: 'passed a\npassed deep/b\n2 passed, 0 failed\n',
    });
    file('bad/a/object.yaml', good.object);
    file('bad/a/expected.yaml', { status: 'Healthy' });
    file('bad/b/object.yaml', good.object);
    file('bad/b/expected.yaml', { ...good.expected, message: 'other' });
    file('bad/c/object.yaml', good.object);
    file('bad/c/expected.yaml', {});
    file('bad/d/object.yaml', 'a: [');
    file('bad/d/expected.yaml', good.expected);
    file('bad/e/object.yaml', good.object);
    file('bad/e/expected.yaml', good.expected);
    file('bad/f/object.yaml', good.object);
    file('bad/f/expected.yaml', 'status: Degraded\n...\nmessage: other\n');
    const bad = await run('health', '--dir', join(folder, 'bad'));
    expect(bad.status).toBe(1);
    expect(bad.stdout).toMatch(
      /^failed a: status is Degraded, not Healthy \(it is degraded\)\nfailed b: message is/,
    );
    expect(bad.stdout).toMatch(/failed c: expected.yaml: .*status/);
    expect(bad.stdout).toMatch(
      /failed d: .*d\/object.yaml.*\npassed e\nfailed f: .*f\/expected.yaml:3: stands behind the end.*1 passed, 5 failed\n$/s,
    );
    expect((await run('health', '--dir', file('empty/x', ''))).stderr).toMatch(
      /is not a folder; give a folder/,
    );
    expect((await run('health', '--dir', join(folder, 'empty'))).stderr).toMatch(/holds no cases/);
  });

  it('tries out cases of actions', async () => {
    file('offers/a/object.yaml', object());
    file('offers/a/expected.yaml', { actions: [{ name: 'grow' }, { name: 'ghost', disabled: true }] });
    expect((await run('list-actions', '--dir', join(folder, 'offers'))).status).toBe(0);
    file('runs/a/object.yaml', object());
    file('runs/a/expected.yaml', { action: 'grow', parameters: { by: '2' }, patch: { spec: { size: 3 } } });
    file('runs/b/object.yaml', object());
    file('runs/b/expected.yaml', {
      action: 'copy',
      created: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }],
    });
    file('runs/c/object.yaml', object());
    file('runs/c/expected.yaml', { action: 'nothing' });
    const tried = await run('run-action', '--dir', join(folder, 'runs'));
    expect(tried.status).toBe(1);
    expect(tried.stdout).toMatch(
      /^passed a\npassed b\nfailed c: .*has no action nothing.*\n2 passed, 1 failed\n$/,
    );
  });
});
