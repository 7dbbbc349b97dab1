import { afterAll, describe, expect, it } from 'vitest';
import { createClusterClient } from '../../../cluster/request/client.ts';
import type { SeenObject } from '../../../core/application/compared.ts';
import { compareContext } from '../../../core/diff/context.ts';
import { KeelsonError } from '../../../core/errors.ts';
import { keyOf, type Manifest } from '../../../core/object/manifest/manifest.ts';
import type { EffectiveProject } from '../../../core/project/effective.ts';
import type { ProjectSpec } from '../../../core/project/project.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';
import { chooseDesired } from '../../../core/sync/plan/desired-set.ts';
import type { DesiredObject } from '../../../core/sync/plan/plan-input.ts';
import { request } from '../../../core/sync/plan/plan-sync-cases.ts';
import type { Picture } from '../compare/picture.ts';
import { decidePlan, type PlannedOn, type PlanTools } from './decide-plan.ts';

/** Nothing of it is asked: a plan of one step needs no dry run. */
const client = createClusterClient({ name: 'east', server: 'http://127.0.0.1:1', tls: {} });
afterAll(() => client.close());

const manifest: Manifest = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'a',
    namespace: 'n',
    annotations: { 'argocd.argoproj.io/tracking-id': 'app:/ConfigMap:n/a' },
  },
};
const live: Manifest = { ...manifest, metadata: { ...manifest.metadata, uid: 'u' } };
const object: DesiredObject = { manifest, digest: 'd', namespaced: true };
const key = keyOf(manifest);
const seen: SeenObject = { key, desired: manifest, live, hook: false, copied: false };
const context = compareContext(defaultSettings, { annotations: {}, spec: {} }, 'app');

function pictureOf(objects: readonly SeenObject[], fault?: string): Picture {
  const desired = [object];
  return {
    instance: 'app',
    terms: { context, fault, refusalOf: () => undefined },
    withheld: [],
    restoresHealth: false,
    desired,
    chosen: chooseDesired(desired, 'n'),
    objects,
  };
}

/** A session whose cluster has the object, and the digests of what it was asked to judge. */
function sessionOf(changed: boolean, read: () => Promise<{ namespaced: boolean }> = async () => configMaps) {
  const judged: string[] = [];
  const session: PlannedOn = {
    client,
    view: {
      address: { name: 'east', server: 'https://east' },
      settings: defaultSettings,
      get: ({ name }) => (name === 'a' ? live : undefined),
      watches: () => true,
      direct: {
        get: async () => live,
        preferredResource: async () => configMaps,
        resourceFor: async () => ({ ...configMaps, ...(await read()) }),
      },
    },
    verdicts: {
      async compare({ digest }) {
        judged.push(digest);
        return { changed };
      },
    },
    applied: { has: async () => true, strangers: async () => new Set() },
    unwatched: { remember: () => {} },
  };
  return { session, judged };
}

const configMaps = {
  group: '',
  version: 'v1',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  verbs: [],
  preferred: true,
};
const tools: PlanTools = {
  settings: { current: () => defaultSettings },
  homeNamespace: 'argocd',
  content: { store: async () => [] },
  jq: { paths: async () => [] },
};

/** A project that permits everything, or so much of it. */
const projectOf = (spec: ProjectSpec): EffectiveProject => ({
  usable: true,
  clusters: [],
  project: { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name: 'default' }, spec },
});
const openProject = projectOf({ sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] });

function plan(session: PlannedOn, picture: Picture, project = openProject) {
  return decidePlan(tools, session, {
    ref: { applicationId: 'a', operationId: 'o', clusterId: 'c', attempt: 1 },
    request,
    spec: { project: 'default', destination: { namespace: 'n' } },
    startedAt: new Date(0),
    application: { annotations: {}, name: 'app', namespace: 'argocd' },
    project,
    render: { revision: 'r', warnings: [] },
    picture,
    signal: AbortSignal.timeout(10_000),
  });
}

function failure(error: KeelsonError): Pick<SeenObject, 'failure'> {
  return { failure: { error, problem: error.message, isOutage: error.transience === 'unreachable' } };
}

describe('activities/session/reconcile/decide-plan', () => {
  it.each([true, false])(
    'takes the verdict of the picture (changed: %s) and asks for no other',
    async (changed) => {
      const { session, judged } = sessionOf(!changed);
      const { plan: decided } = await plan(session, pictureOf([{ ...seen, verdict: { changed } }]));
      expect(decided.steps).toMatchObject([{ action: 'apply', changed, uid: 'u' }]);
      expect(decided.steps[0]).not.toHaveProperty('unchecked');
      expect(judged).toEqual([]);
    },
  );

  it('judges by itself what a picture leaves out, and a copy that the sync overwrites', async () => {
    for (const objects of [[], [{ ...seen, copied: true }]]) {
      const { session, judged } = sessionOf(false);
      const { plan: decided } = await plan(session, pictureOf(objects));
      expect(decided.steps).toMatchObject([{ action: 'apply', changed: false }]);
      expect(judged).toEqual(['d']);
    }
  });

  it('has an object asked about that failed by itself, and waits for a cluster that answers nobody', async () => {
    const { session } = sessionOf(false);
    const webhook = new KeelsonError('unavailable', 'hook is down', { transience: 'webhook' });
    const own = await plan(session, pictureOf([{ ...seen, ...failure(webhook) }]));
    expect(own.plan.steps).toMatchObject([{ changed: true, unchecked: true }]);
    const away = new KeelsonError('unavailable', 'away', { transience: 'unreachable' });
    await expect(plan(session, pictureOf([{ ...seen, ...failure(away) }]))).rejects.toThrow('away');
    const unread: SeenObject = { ...seen, live: undefined, ...failure(away) };
    await expect(plan(session, pictureOf([unread]))).rejects.toThrow('away');
  });

  it('carries nothing out where the project permits the application no more, whatever the picture tells', async () => {
    const { session, judged } = sessionOf(true);
    const closed = projectOf({ sourceRepos: ['*'], destinations: [{ server: '*', namespace: 'other' }] });
    const { plan: decided } = await plan(session, pictureOf([seen]), closed);
    expect(decided).toMatchObject({
      steps: [],
      groups: [],
      refused: expect.stringContaining('(spec.destinations)'),
    });
    const gone: EffectiveProject = { usable: false, reason: 'missing', message: 'no project' };
    expect((await plan(session, pictureOf([seen]), gone)).plan.refused).toBe('no project');
    expect(judged).toEqual([]);
  });

  it('decides nothing while a rule can not be run', async () => {
    const { session } = sessionOf(false);
    await expect(plan(session, pictureOf([seen], 'jq has no answer'))).rejects.toThrow('jq has no answer');
  });

  it('refuses an object of a kind that is gone by now, whatever the picture tells of it', async () => {
    const gone = () => Promise.reject(new KeelsonError('kind-unknown', 'no such kind'));
    const { session, judged } = sessionOf(false, gone);
    const { plan: decided } = await plan(session, pictureOf([{ ...seen, verdict: { changed: false } }]));
    expect(decided.refused).toContain('no matches for kind "ConfigMap"');
    expect(judged).toEqual([]);
    const unserved = failure(new KeelsonError('kind-unknown', 'no such version'));
    const again = await plan(session, pictureOf([{ ...seen, ...unserved }]));
    expect(again.plan.refused).toBe(decided.refused);
  });

  it('prunes what the picture has beside the desired objects', async () => {
    const { session } = sessionOf(false);
    const metadata = {
      ...live.metadata,
      name: 'b',
      annotations: { 'argocd.argoproj.io/tracking-id': 'app:/ConfigMap:n/b' },
    };
    const extra: Manifest = { ...live, metadata };
    const objects = [
      { ...seen, verdict: { changed: false } },
      { ...seen, key: keyOf(extra), desired: undefined, live: extra },
    ];
    const { plan: decided } = await plan(session, pictureOf(objects));
    expect(decided.steps.map(({ action, key: { name } }) => [action, name])).toContainEqual(['prune', 'b']);
  });
});
