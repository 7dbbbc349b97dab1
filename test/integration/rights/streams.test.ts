import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { credentialsFromKubeconfig } from '../../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../../cluster/request/client.ts';
import { findApplication } from '../../../db/queries/application/application.ts';
import { recordModified } from '../../../db/queries/application/change.ts';
import { applicationStatus, resourceNodes } from '../../../db/schema/application.ts';
import { at, eventually, guestbook, startApi, type TestApi } from '../../support/keelson/api/api.ts';
import { projectWithRole, putPolicies, putProject, roleToken } from '../../support/keelson/api/rights.ts';
import { treeNode } from '../../support/keelson/api/tree-node.ts';
import { openStream, type Stream } from '../../support/keelson/open-stream.ts';
import { testPlatform } from '../../support/keelson/platform.ts';

const namespace = `rights-${randomUUID().slice(0, 8)}`;
const names = ['first', 'second'] as const;

let cluster: ClusterClient;
let server: TestApi;
let token: string;
const ids = new Map<string, string>();

beforeAll(async () => {
  cluster = createClusterClient(
    credentialsFromKubeconfig(readFileSync(testPlatform().kubeconfigPath, 'utf8')),
  );
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  await cluster.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace },
    spec: { containers: [{ name: 'web', image: 'registry.example.com/web:1' }] },
  });
  server = await startApi({ clusterFor: async () => cluster });
  for (const name of names) {
    await putProject(server, name, projectWithRole(name, 'ci', []));
    await server.call('POST', '/api/v1/applications', guestbook(`${name}-web`, { project: name }));
    const row = await findApplication(server.db, { namespace: 'argocd', name: `${name}-web` });
    const applicationId = row?.id ?? '';
    ids.set(name, applicationId);
    const node = treeNode({ kind: 'Pod', namespace, name: 'web', uid: `uid-${name}` });
    await server.db.insert(resourceNodes).values({ applicationId, nodeId: 'Pod/web', epoch: 1, node });
  }
  token = await roleToken(server, 'first', 'ci');
  await server.deps.policy.reload();
  const key = { group: '', kind: 'Pod', namespace, name: 'web' };
  const isRunning = async () =>
    at(await cluster.get('v1', key), 'status.phase') === 'Running' ? true : undefined;
  await eventually('the pod runs', isRunning, 60);
});
afterAll(async () => {
  await server?.close();
  await cluster?.delete('v1', { group: '', kind: 'Namespace', namespace: '', name: namespace });
  await cluster?.close();
});

/** Grants rights by the default role, which everybody has. */
const grant = (...lines: readonly string[]): Promise<void> =>
  putPolicies(server, {
    'policy.default': 'role:now',
    'policy.csv': lines.map((line) => `p, role:now, ${line}, allow`).join('\n'),
  });

const seeAll = (project: string): string => `applications, get, ${project}/*`;
const open = (path: string): Promise<Stream> => openStream(server.api, `/api/v1${path}`, token);
const told = (stream: Stream, type: string, name: string): Promise<unknown> =>
  stream.next(`${type} of ${name}`, (message) => {
    const isOf = at(message, 'result.application.metadata.name') === `${name}-web`;
    return isOf && at(message, 'result.type') === type;
  });

describe('a stream of applications', () => {
  it.each(['', '?resourceVersion=999999'])(
    '%s shows what a right is given to, and hides what one is taken from',
    async (query) => {
      await grant(seeAll('first'));
      const stream = await open(`/stream/applications${query}`);
      if (query === '') await told(stream, 'ADDED', 'first');
      await grant(seeAll('first'), seeAll('second'));
      await told(stream, 'ADDED', 'second');
      await grant(seeAll('second'));
      const gone = await told(stream, 'DELETED', 'first');
      expect(at(gone, 'result.application.spec')).toEqual({ project: '', destination: {} });
      const count = stream.messages.length;
      await recordModified(server.db, ids.get('first') ?? '');
      await recordModified(server.db, ids.get('second') ?? '');
      await told(stream, 'MODIFIED', 'second');
      expect(JSON.stringify(stream.messages.slice(count))).not.toContain('first-web');
      await grant(seeAll('first'), seeAll('second'));
      await stream.next('it is back', (message) => {
        const isBack = at(message, 'result.application.metadata.name') === 'first-web';
        return isBack && at(message, 'result.type') === 'ADDED' && stream.messages.indexOf(message) > count;
      });
      await stream.cancel();
    },
  );

  it('hides an application that is moved out of sight, without its new spec', async () => {
    await grant(seeAll('first'));
    const stream = await open('/stream/applications');
    await told(stream, 'ADDED', 'first');
    const away = guestbook('first-web', {
      project: 'second',
      source: { repoURL: 'https://hidden/x.git', path: 'x' },
    });
    expect((await server.call('PUT', '/api/v1/applications/first-web', away)).status).toBe(200);
    await told(stream, 'DELETED', 'first');
    expect(JSON.stringify(stream.messages)).not.toContain('hidden');
    const back = guestbook('first-web', { project: 'first' });
    expect((await server.call('PUT', '/api/v1/applications/first-web', back)).status).toBe(200);
    await stream.next('it is back', (message) => stream.messages.indexOf(message) > 1);
    await stream.cancel();
  });
});

describe('a stream of one application', () => {
  it.each([
    ['tree', '/stream/applications/first-web/resource-tree', [seeAll('first')]],
    [
      'log',
      `/applications/first-web/pods/web/logs?follow=true&namespace=${namespace}`,
      [seeAll('first'), 'logs, get, first/*'],
    ],
  ])('of a %s ends with the last of its rights, and no earlier', async (what, path, rights) => {
    await grant(...rights, 'clusters, get, *');
    const stream = await open(path);
    expect(stream.response.status).toBe(200);
    await grant(...rights);
    if (what === 'log') await grant(seeAll('first'));
    else await grant(seeAll('second'));
    const last = await stream.next('the end', (message) => at(message, 'error') !== undefined);
    expect(at(last, 'error')).toMatchObject({
      http_code: 403,
      message: expect.stringContaining('permission denied'),
    });
    await stream.cancel();
  });

  it('ends with the token of a role that its project does not name any more', async () => {
    await grant(seeAll('first'));
    const stream = await open('/stream/applications/first-web/resource-tree');
    await putProject(server, 'first', projectWithRole('first', 'ci', []));
    const last = await stream.next('the end', (message) => at(message, 'error') !== undefined);
    expect(at(last, 'error')).toMatchObject({ http_code: 401 });
    await stream.cancel();
  });
});

describe('what is live', () => {
  it('is read no further than a project deploys, whatever an application names', async () => {
    await grant(seeAll('first'), 'logs, get, first/*');
    token = await roleToken(server, 'first', 'ci');
    const resources = [{ version: 'v1', kind: 'Pod', namespace, name: 'web', requiresPruning: true }];
    const own = eq(applicationStatus.applicationId, ids.get('first') ?? '');
    await server.db.update(applicationStatus).set({ resources }).where(own);
    const web = '/api/v1/applications/first-web';
    const read = async (path: string): Promise<string> => {
      const reply = await server.api.request(`${web}/${path}`, { headers: { token } });
      return `${reply.status} ${await reply.text()}`;
    };
    const ways = [
      `resource?resourceName=web&kind=Pod&namespace=${namespace}`,
      'managed-resources',
      `pods/web/logs?namespace=${namespace}&tailLines=1`,
    ];
    for (const way of ways.slice(0, 2)) expect(await read(way)).toMatch(/^200 .*registry\.example\.com/);
    expect(await read(ways[2] ?? '')).toMatch(/^200 /);
    const narrow = {
      ...projectWithRole('first', 'ci', []),
      destinations: [{ server: '*', namespace: 'elsewhere' }],
    };
    await putProject(server, 'first', narrow, {
      jwtTokensByRole: { ci: { items: [{ id: 'token', iat: 0 }] } },
    });
    for (const way of ways) {
      const answer = await read(way);
      expect(answer).toMatch(
        way === 'managed-resources' ? /^200 \{"items":\[\]\}$/ : /^400 .*not found as part of/,
      );
      expect(answer).not.toContain('registry.example.com');
    }
  });
});
