import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { login } from '../../support/keelson/api/api.ts';
import { projectWithRole, putPolicies, putProject, roleToken } from '../../support/keelson/api/rights.ts';
import { type ServedApi, serveApi } from '../../support/keelson/api/serve-api.ts';
import { type CliRun, keelson } from '../../support/keelson/run-cli.ts';

let server: ServedApi;
let admin: string;
let role: string;
beforeAll(async () => {
  server = await serveApi();
  await putProject(server, 'team', projectWithRole('team', 'ci', ['applications, sync, team/*, allow']));
  admin = (await login(server.api, server.adminPassword)).token;
  role = await roleToken(server, 'team', 'ci');
  await server.deps.policy.reload();
  await putPolicies(server, {
    'policy.csv': 'p, role:ops, repositories, get, https://git.example.com/*, allow\ng, my-org:ops, role:ops',
  });
});
afterAll(() => server.close());

const run = (token: string, ...words: string[]): Promise<CliRun> =>
  keelson(words, { env: { KEELSON_SERVER: server.url, KEELSON_AUTH_TOKEN: token } });

describe('keelson account can-i', () => {
  it.each([
    ['sync applications team/web', 'yes'],
    ['get applications team/web', 'no'],
    ['sync applications other/web', 'no'],
    ['get projects team', 'yes'],
  ])('%s: %s', async (words, answer) => {
    const asked = await run(role, 'account', 'can-i', ...words.split(' '));
    expect(asked).toEqual({ status: 0, stdout: `${answer}\n`, stderr: '' });
  });

  it('takes names with slashes', async () => {
    const url = 'https://git.example.com/a/b?c=%2F';
    const asked = await run(admin, 'account', 'can-i', 'delete', 'repositories', url);
    expect(asked).toMatchObject({ status: 0, stdout: 'yes\n' });
  });
});

describe('keelson admin settings rbac', () => {
  const onServer = (...words: string[]) =>
    run(admin, 'admin', 'settings', 'rbac', ...words, '--namespace', 'argocd');

  it('tries the policies out that are in force on a server', async () => {
    const object = 'https://git.example.com/a';
    expect(await onServer('can', 'my-org:ops', 'get', 'repo', object)).toMatchObject({
      status: 0,
      stdout: 'Yes\n',
    });
    expect(await onServer('can', 'my-org:ops', 'delete', 'repo', object)).toMatchObject({
      status: 1,
      stdout: 'No\n',
    });
    expect(await onServer('validate')).toMatchObject({ status: 0, stdout: 'Policy is valid.\n' });
  });

  it('shows the policies to whoever may see the settings', async () => {
    const refused = await run(role, 'admin', 'settings', 'rbac', 'validate', '--namespace', 'argocd');
    expect(refused).toMatchObject({ status: 20, stdout: '' });
    expect(refused.stderr).toContain('permission denied: settings, get, *, sub: proj:team:ci');
  });
});
