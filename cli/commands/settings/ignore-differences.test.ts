import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type CliRun, keelson } from '../../../test/support/keelson/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-ignored-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(path: string, content: unknown): string {
  const at = join(folder, path);
  mkdirSync(dirname(at), { recursive: true });
  writeFileSync(at, typeof content === 'string' ? content : stringify(content));
  return at;
}

function settingsFile(name: string, rules: Readonly<Record<string, object>>): string {
  const words = Object.entries(rules).map(([kind, rule]) => [
    `resource.customizations.ignoreDifferences.${kind}`,
    stringify(rule),
  ]);
  return file(name, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm' },
    data: Object.fromEntries(words),
  });
}

const settings = settingsFile('argocd-cm.yaml', {
  apps_Deployment: {
    jsonPointers: ['/spec/replicas'],
    jqPathExpressions: ['.spec.template.spec.containers[] | select(.name == "sidecar")'],
  },
  apps_StatefulSet: { managedFieldsManagers: ['scaler'] },
  Secret: { jsonPointers: ['/data/ca', '/stringData/x'] },
});

function workload(kind: string, containers: readonly string[], spec: object = { replicas: 3 }) {
  const template = { spec: { containers: containers.map((name) => ({ name, image: `${name}:1` })) } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'demo' },
    spec: { ...spec, template },
    status: { replicas: 1 },
  };
}

function run(...words: string[]): Promise<CliRun> {
  const given = words.includes('--argocd-cm-path') ? words : [...words, '--argocd-cm-path', settings];
  return keelson(['admin', 'settings', 'resource-overrides', 'ignore-differences', ...given]);
}

/** The lines of a diff that are on one side only. */
function changedLines({ stdout }: CliRun): string[] {
  return stdout.split('\n').filter((line) => /^[+-] /.test(line));
}

describe('cli/commands/override-commands ignore-differences', () => {
  it('shows what pointers and jq leave out, and that only', async () => {
    const shown = await run(file('web.yaml', workload('Deployment', ['web', 'sidecar'])));
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toMatch(/^Following fields are ignored:\n\n--- /);
    expect(changedLines(shown)).toEqual([
      '-  replicas: 3',
      '-        - image: sidecar:1',
      '-          name: sidecar',
    ]);
  });

  it('says that no field is ignored, or that nothing is configured', async () => {
    const unused = await run(file('unused.yaml', workload('Deployment', ['web'], {})));
    expect(unused.stdout).toMatch(
      /^No fields are ignored by ignoreDifferences settings:\n\njsonPointers:\n {2}- \/spec\/replicas\n/,
    );
    const other = file('daemon.yaml', workload('DaemonSet', ['web']));
    const none = "Ignore differences are not configured for 'apps/DaemonSet demo/web'\n";
    expect((await run(other)).stdout).toBe(none);
  });

  it('leaves out what a manager owns, and says when the file does not tell the owners', async () => {
    const plain = workload('StatefulSet', ['web']);
    const managedFields = [
      { manager: 'scaler', operation: 'Update', fieldsV1: { 'f:spec': { 'f:replicas': {} } } },
    ];
    const owned = { ...plain, metadata: { ...plain.metadata, managedFields } };
    const shown = await run(file('owned.yaml', owned));
    expect(changedLines(shown)).toEqual(['-  replicas: 3']);
    expect(shown.stdout).not.toMatch(/--show-managed-fields/);
    expect((await run(file('plain.yaml', plain))).stdout).toMatch(/^No fields .*--show-managed-fields\n$/s);
  });

  it('never shows the values of a Secret', async () => {
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys' },
      data: { ca: 'Y2FuYXJ5', key: 'Y2FuYXJ5' },
      stringData: { more: 'canary' },
    };
    const shown = await run(file('secret.yaml', secret));
    expect(changedLines(shown)).toEqual(['-  ca: ++++++++']);
    expect(shown.stdout).not.toMatch(/canary|Y2FuYXJ5/);
    file('secrets/a/object.yaml', secret);
    file('secrets/a/expected.yaml', { ...secret, data: { key: 'b3RoZXI=' } });
    const tried = await run('--dir', join(folder, 'secrets'));
    expect(tried.stdout).toBe('failed a: /data/key is not as expected\n0 passed, 1 failed\n');
  });

  it('never shows the values of a Secret whose kind is ignored', async () => {
    const all = settingsFile('kind.yaml', { all: { jsonPointers: ['/kind'] } });
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'k' }, data: { a: 'Y2FuYXJ5' } };
    const shown = await run(file('kind/secret.yaml', secret), '--argocd-cm-path', all);
    expect(shown.stdout).toMatch(/^-kind: Secret$/m);
    expect(shown.stdout).not.toMatch(/Y2FuYXJ5/);
  });

  it('names an expression that jq cannot run, whatever object is tried', async () => {
    const broken = settingsFile('broken.yaml', { 'apps_*': { jqPathExpressions: ['.spec['] } });
    const failed = await run(file('any.yaml', workload('DaemonSet', ['web'])), '--argocd-cm-path', broken);
    expect(failed).toMatchObject({ status: 20, stdout: '' });
    expect(failed.stderr).toMatch(
      /resource.customizations of apps\/\*: jqPathExpressions has "\.spec\[", which jq cannot run: .*; correct/,
    );
  });

  it('tries out cases and names the places that are not as expected', async () => {
    const given = workload('Deployment', ['web', 'sidecar']);
    const kept = workload('Deployment', ['web'], {});
    const cases: Readonly<Record<string, unknown>> = {
      good: { ...kept, metadata: { ...kept.metadata, creationTimestamp: null } },
      lost: workload('Deployment', ['web'], { replicas: 3 }),
      other: { ...kept, status: { replicas: 2 } },
      stays: { ...kept, status: undefined },
      unreadable: 'a: [',
    };
    for (const [name, expected] of Object.entries(cases)) {
      file(`cases/${name}/object.yaml`, given);
      file(`cases/${name}/expected.yaml`, expected);
    }
    const tried = await run('--dir', join(folder, 'cases'));
    expect(tried.status).toBe(1);
    expect(tried.stdout.split('\n')).toEqual([
      'passed good',
      'failed lost: /spec/replicas is ignored',
      'failed other: /status/replicas is not as expected',
      'failed stays: /status is not ignored',
      `failed unreadable: ${join(folder, 'cases/unreadable/expected.yaml')}:1: is not valid YAML: a closing quote or bracket is missing; add it`,
      '1 passed, 4 failed',
      '',
    ]);
  });
});
