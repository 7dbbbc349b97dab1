import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { keelson } from '../../../test/support/keelson/run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-rbac-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const lines = [
  'p, role:dev, applications, sync, team/*, allow',
  'p, role:dev, applications, sync, team/secret, deny',
  'g, my-org:dev, role:dev',
  'p, bob, windows, break-glass, team/*, allow',
].join('\n');
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const csv = file('policy.csv', lines);
const map = file(
  'argocd-rbac-cm.yaml',
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-rbac-cm}\ndata:\n  policy.default: role:readonly\n  policy.csv: |\n${lines.replaceAll(/^/gm, '    ')}\n`,
);
const otherMap = file(
  'argocd-cm.yaml',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {}\n',
);

const rbac = (...words: string[]) => keelson(['admin', 'settings', 'rbac', ...words]);

describe('cli/commands/rbac-commands can', () => {
  it.each<[words: string, answer: 'Yes' | 'No']>([
    ['role:dev sync applications team/web', 'Yes'],
    ['role:dev sync app team/web', 'Yes'],
    ['my-org:dev sync applications team/web', 'Yes'],
    ['my-org:dev sync applications team/secret', 'No'],
    ['role:dev sync applications other/web', 'No'],
    ['role:dev get applications team/web', 'No'],
    ['role:admin delete clusters', 'Yes'],
    ['role:admin delete clusters --use-builtin-policy=false', 'No'],
    ['nobody get applications team/web --default-role role:readonly', 'Yes'],
    ['role:dev action/apps/Deployment/restart applications team/web', 'No'],
    ['bob break-glass windows team/web', 'Yes'],
    ['bob fly applications team/web --strict=false', 'No'],
  ])('%s: %s', async (words, answer) => {
    const run = await rbac('can', ...words.split(' '), '--policy-file', csv);
    expect(run).toEqual({ status: answer === 'Yes' ? 0 : 1, stdout: `${answer}\n`, stderr: '' });
  });

  it('reads the ConfigMap with its default role, and says nothing when it is to be quiet', async () => {
    const words = ['can', 'anybody', 'get', 'projects', 'team', '--policy-file', map];
    expect(await rbac(...words)).toMatchObject({ status: 0, stdout: 'Yes\n' });
    expect(await rbac(...words, '-q')).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(await rbac(...words, '--default-role', '', '--quiet')).toEqual({
      status: 1,
      stdout: '',
      stderr: '',
    });
  });

  it('refuses a manifest that has no policies', async () => {
    expect(await rbac('can', 'a', 'get', 'app', '--policy-file', otherMap)).toMatchObject({
      status: 20,
      stdout: '',
      stderr: expect.stringContaining(
        'argocd-cm.yaml: holds no ConfigMap argocd-rbac-cm; give the one that has it',
      ),
    });
  });

  it.each([
    [['can', 'a', 'get', 'pods', '--policy-file', csv], '"pods" is not a resource; use one of accounts, '],
    [
      ['can', 'a', 'fly', 'app', '--policy-file', csv],
      '"fly" is not an action on applications; use one of create',
    ],
    [['can', 'a', 'get', 'app'], 'policies are missing; give one of --policy-file and --namespace'],
    [
      ['can', 'a', 'get', 'app', '--policy-file', csv, '--namespace', 'argocd'],
      'give one of --policy-file and',
    ],
    [['validate', '--policy-file', join(folder, 'none')], 'does not exist; check the path'],
  ])('refuses %j', async (words, message) => {
    const run = await rbac(...words);
    expect(run).toMatchObject({ status: 1, stdout: '' });
    expect(run.stderr).toContain(message);
  });
});

describe('cli/commands/rbac-commands validate', () => {
  it('accepts what can be read, and names each line that can not', async () => {
    expect(await rbac('validate', '--policy-file', csv)).toMatchObject({
      status: 0,
      stdout: 'Policy is valid.\n',
    });
    expect(await rbac('validate', '--policy-file', map)).toMatchObject({ status: 0 });
    const bad = file('bad.csv', `${lines}\np, broken\np, a, applications, get, [z-a], allow\n`);
    expect(await rbac('validate', '--policy-file', bad)).toEqual({
      status: 1,
      stderr: '',
      stdout: [
        'policy.csv:5: has 2 fields, not 6; write it as p, subject, resource, action, object, allow or deny',
        'policy.csv:6: has "[z-a]", which is no glob; write its ranges upwards and at most 1024 characters',
        'Policy is invalid.\n',
      ].join('\n'),
    });
  });
});
