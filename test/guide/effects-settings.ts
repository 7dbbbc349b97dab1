import { expect } from 'vitest';
import { createApiClient } from '../../cli/server/client.ts';
import { Application } from '../../core/application/spec/spec.ts';
import { valueAt } from '../../core/object/json/field.ts';
import { keyOf, type Manifest } from '../../core/object/manifest/manifest.ts';
import { pollUntil } from '../../local/poll.ts';
import { keelson } from '../support/keelson/run-cli.ts';
import { failureOf } from '../support/process/failure.ts';
import { type Effect, syncInto } from './effects-sources.ts';
import { applicationSpec, blockObjects, settingsMap } from './frame.ts';
import { type Guide, untilLive } from './guide.ts';

/** Effects of blocks about settings, projects and rights. */
export const settingsEffects = {
  '09.3-1.yaml': async (guide) => {
    await define(guide, 'cert-manager.io', 'v1', 'Certificate', 'certificates');
    await guide.apply(...blockObjects('09.3-1.yaml'), application('guide-9-3', 'certificates'));
    await syncInto(guide, 'guide-9-3', 'guide-9-3');
    const live = await untilLive(guide, ['cert-manager.io/v1', 'Certificate', 'guide-9-3', 'web-tls']);
    await untilHealth(guide, 'guide-9-3', 'Progressing', 'Waiting for certificate');
    const ready = { status: { conditions: [{ type: 'Ready', status: 'True', message: 'issued' }] } };
    await guide.keelson.cluster.patch(live.apiVersion, keyOf(live), ready, 'merge', {
      subresource: 'status',
    });
    await untilHealth(guide, 'guide-9-3', 'Healthy', 'Certificate is ready');
  },
  '13.1-1.yaml': async (guide) => {
    const { client } = guide.keelson;
    await guide.apply(...blockObjects('13.1-1.yaml'));
    const inside = applicationSpec('backend-web')({
      project: 'team-backend',
      source: { repoURL: 'https://github.com/my-org/backend-web.git', path: '.' },
    });
    const create = (spec: object) =>
      client.applications.create(
        Application.parse({ ...inside, spec: { ...(inside['spec'] as object), ...spec } }),
        { upsert: true, validate: true },
      );
    const source = { repoURL: 'https://github.com/my-org/my-app.git', path: '.' };
    expect((await failureOf(create({ source }))).message).toContain('is not permitted in project');
    const destination = { server: 'https://kubernetes.default.svc', namespace: 'frontend' };
    expect((await failureOf(create({ destination }))).message).toContain('frontend');
    const windows = (await client.projects.details('team-backend')).project?.spec.syncWindows;
    expect(windows).toMatchObject([{ kind: 'allow', timeZone: 'Asia/Tokyo' }]);
    const role = { project: 'team-backend', role: 'developer' };
    const token = await client.projects.createToken(role, { expiresIn: 3600, id: 'guide' });
    const developer = createApiClient({ server: guide.keelson.url, token });
    const mayAs = (action: string, object: string) =>
      developer.account.canI({ resource: 'applications', action, object });
    expect(await mayAs('get', 'team-backend/web')).toBe(true);
    expect(await mayAs('sync', 'team-backend/web')).toBe(true);
    expect(await mayAs('delete', 'team-backend/web')).toBe(false);
    expect(await mayAs('get', 'default/web')).toBe(false);
    await developer.close();
  },
  '13.2-1.yaml': async (guide) => {
    await guide.apply(...blockObjects('13.2-1.yaml'));
    const rows: readonly [string, string, string, string, boolean][] = [
      ['my-org:platform-team', 'delete', 'clusters', '*', true],
      ['my-org:developers', 'sync', 'applications', 'default/web', true],
      ['my-org:developers', 'delete', 'applications', 'default/web', false],
      ['my-org:developers', 'get', 'logs', 'default/web', true],
      ['my-org:sre-team', 'create', 'exec', 'default/web', true],
      ['somebody', 'get', 'applications', 'default/web', true],
      ['somebody', 'sync', 'applications', 'default/web', false],
    ];
    for (const [subject, action, resource, object, expected] of rows) {
      expect(await may(guide, subject, action, resource, object), `${subject} ${action} ${resource}`).toBe(
        expected,
      );
    }
  },
  '18.1-1.yaml': async (guide) => {
    await define(guide, 'argoproj.io', 'v1alpha1', 'Rollout', 'rollouts');
    await guide.apply(...blockObjects('18.1-1.yaml', settingsMap), application('guide-18-1', 'rollouts'));
    await syncInto(guide, 'guide-18-1', 'guide-18-1');
    const { applications } = guide.keelson.client;
    const live = await untilLive(guide, ['argoproj.io/v1alpha1', 'Rollout', 'guide-18-1', 'web']);
    const paused = { status: { pauseConditions: [{ reason: 'CanaryPauseStep' }] } };
    await guide.keelson.cluster.patch(live.apiVersion, keyOf(live), paused, 'merge', {
      subresource: 'status',
    });
    const object = { group: 'argoproj.io', kind: 'Rollout', namespace: 'guide-18-1', name: 'web' };
    await pollUntil('the actions are offered', 60, async () => {
      const offered = (await applications.listActions('guide-18-1', object)) ?? [];
      return ['abort', 'promote-full', 'resume'].every((name) => offered.some((one) => one.name === name));
    });
    await applications.runAction('guide-18-1', object, { action: 'resume', parameters: [] });
    await untilLive(
      guide,
      ['argoproj.io/v1alpha1', 'Rollout', 'guide-18-1', 'web'],
      (one) => valueAt(one, 'status', 'pauseConditions') === undefined,
    );
    await applications.runAction('guide-18-1', object, { action: 'promote-full', parameters: [] });
    await untilLive(
      guide,
      ['argoproj.io/v1alpha1', 'Rollout', 'guide-18-1', 'web'],
      (one) => valueAt(one, 'status', 'promoteFull') === true,
    );
  },
  '19.2-1.yaml': async (guide) => {
    await define(guide, 'velero.io', 'v1', 'Backup', 'backups');
    await define(guide, 'cilium.io', 'v2', 'CiliumIdentity', 'ciliumidentities');
    await guide.apply(...blockObjects('19.2-1.yaml', settingsMap), application('guide-19-2', 'excluded'));
    const kinds = async (): Promise<(string | undefined)[]> => {
      const { status } = await guide.keelson.client.applications.get('guide-19-2', { refresh: 'normal' });
      return (status?.resources ?? []).map(({ kind }) => kind);
    };
    // Each role hears of settings by itself, a moment after they were stored.
    await pollUntil('the exclusions to be in force', 30, async () => (await kinds()).join() === 'ConfigMap');
    await syncInto(guide, 'guide-19-2', 'guide-19-2');
    await guide.keelson.healthy('guide-19-2');
    expect(await kinds()).toEqual(['ConfigMap']);
    const backup = { group: 'velero.io', kind: 'Backup', namespace: 'guide-19-2', name: 'nightly' };
    expect(await guide.keelson.cluster.get('velero.io/v1', backup)).toBeUndefined();
  },
} satisfies Readonly<Record<string, Effect>>;

function application(name: string, repository: string): Manifest {
  const source = {
    repoURL: `https://github.com/my-org/${repository}.git`,
    targetRevision: 'main',
    path: '.',
  };
  return applicationSpec(name)({ source });
}

/** A definition of ours for a kind whose controller isn't here. */
async function define(
  { keelson }: Guide,
  group: string,
  version: string,
  kind: string,
  plural: string,
): Promise<void> {
  const openAPIV3Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await keelson.cluster.applyServerSide({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema },
          subresources: { status: {} },
        },
      ],
    },
  });
}

async function untilHealth(guide: Guide, name: string, status: string, message: string): Promise<void> {
  await pollUntil(`${name} is ${status}: ${message}`, 60, async () => {
    const live = (await guide.keelson.client.applications.get(name)).status;
    return (live?.resources ?? []).some(
      ({ health }) => health?.status === status && health.message === message,
    );
  });
}

/** What the policy in force says of a subject, by the command that asks the server. */
async function may(
  guide: Guide,
  subject: string,
  action: string,
  resource: string,
  object: string,
): Promise<boolean> {
  const words = ['admin', 'settings', 'rbac', 'can', subject, action, resource, object];
  const { stdout, stderr } = await keelson([...words, '--namespace', 'argocd'], { env: guide.env });
  expect(stdout.trim(), stderr).toMatch(/^(Yes|No)$/i);
  return /^yes$/i.test(stdout.trim());
}
