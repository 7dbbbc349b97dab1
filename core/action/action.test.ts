import { describe, expect, it } from 'vitest';
import { valueAt } from '../object/json/field.ts';
import type { Manifest } from '../object/manifest/manifest.ts';
import type { ResourceOverride } from '../settings/settings.ts';
import type { Impact } from './action.ts';
import { discoverActions } from './discover.ts';
import { mergePatchBetween } from './merge-patch.ts';
import { performAction } from './perform.ts';
import { restoreShape } from './restore-shape.ts';
import { whyForbidden } from './scope.ts';
import type { ScriptAnswer } from './script.ts';

const now = '2026-02-03T04:05:06Z';
const metadata = { name: 'one', namespace: 'demo', uid: 'u1', resourceVersion: '7' };

function object(apiVersion: string, kind: string, fields: Record<string, unknown> = {}): Manifest {
  return { apiVersion, kind, metadata, ...fields };
}

const widget = object('example.com/v1', 'Widget', { spec: { size: 1, emptyDir: {}, list: [] } });

function customised(change: Partial<NonNullable<ResourceOverride['actions']>> = {}): {
  overrides: ResourceOverride[];
} {
  const actions = {
    discoveryLua: 'discover',
    definitions: [{ name: 'go', lua: 'run' }],
    mergeBuiltin: false,
  };
  return { overrides: [{ group: '*', kind: '*', actions: { ...actions, ...change } }] };
}

const none = { overrides: [] };

/** Stands for an engine whose scripts all answer with this. */
function answering(value: unknown) {
  return (): ScriptAnswer => ({ ok: true, value });
}

async function offers(
  live: Manifest,
  settings: { overrides: ResourceOverride[] } = none,
  value: unknown = {},
) {
  return discoverActions(settings, live, answering(value));
}

async function perform(live: Manifest, name: string, values = {}): Promise<readonly Impact[]> {
  return performAction(none, live, { name, values, now }, answering(undefined));
}

/** What a built-in action changes. */
async function patchOf(live: Manifest, name: string, values = {}): Promise<unknown> {
  const [impact] = await perform(live, name, values);
  expect(impact?.operation).toBe('patch');
  return mergePatchBetween(live, impact?.manifest ?? {});
}

describe('core/action', () => {
  describe('built-in actions', () => {
    const paused = { spec: { paused: true } };
    const aborted = { status: { abort: true, currentPodHash: 'a', stableRS: 'b' } };
    const step = { spec: { strategy: { canary: { steps: [{}, {}] } } }, status: { currentStepIndex: 1 } };
    const restarted = {
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': now } } } },
    };

    it.each<[string, Manifest, string, Record<string, string>, unknown]>([
      ['restarts a Deployment', object('apps/v1', 'Deployment'), 'restart', {}, restarted],
      ['restarts a StatefulSet', object('apps/v1', 'StatefulSet'), 'restart', {}, restarted],
      ['restarts a DaemonSet', object('apps/v1', 'DaemonSet'), 'restart', {}, restarted],
      ['pauses a Deployment', object('apps/v1', 'Deployment'), 'pause', {}, paused],
      [
        'resumes a Deployment',
        object('apps/v1', 'Deployment', paused),
        'resume',
        {},
        { spec: { paused: null } },
      ],
      [
        'scales a Deployment',
        object('apps/v1', 'Deployment'),
        'scale',
        { replicas: '3' },
        { spec: { replicas: 3 } },
      ],
      [
        'scales a StatefulSet',
        object('apps/v1', 'StatefulSet'),
        'scale',
        { replicas: '0' },
        { spec: { replicas: 0 } },
      ],
      ['suspends a CronJob', object('batch/v1', 'CronJob'), 'suspend', {}, { spec: { suspend: true } }],
      [
        'resumes a Job',
        object('batch/v1', 'Job', { spec: { suspend: true } }),
        'resume',
        {},
        { spec: { suspend: false } },
      ],
      [
        'terminates a Job by the condition its controller obeys',
        object('batch/v1', 'Job', { status: { active: 1 } }),
        'terminate',
        {},
        {
          status: {
            conditions: [
              {
                type: 'FailureTarget',
                status: 'True',
                reason: 'ManuallyTerminated',
                message: 'Job was terminated explicitly through Keelson',
                lastTransitionTime: now,
              },
            ],
          },
        },
      ],
      [
        'restarts a Rollout',
        object('argoproj.io/v1alpha1', 'Rollout'),
        'restart',
        {},
        { spec: { restartAt: now } },
      ],
      ['pauses a Rollout', object('argoproj.io/v1alpha1', 'Rollout'), 'pause', {}, paused],
      [
        'resumes a Rollout that is paused twice',
        object('argoproj.io/v1alpha1', 'Rollout', { ...paused, status: { pauseConditions: [{}] } }),
        'resume',
        {},
        { spec: { paused: false }, status: { pauseConditions: null } },
      ],
      [
        'aborts a Rollout',
        object('argoproj.io/v1alpha1', 'Rollout'),
        'abort',
        {},
        { status: { abort: true } },
      ],
      [
        'retries a Rollout',
        object('argoproj.io/v1alpha1', 'Rollout', aborted),
        'retry',
        {},
        { status: { abort: null } },
      ],
      [
        'promotes a Rollout',
        object('argoproj.io/v1alpha1', 'Rollout', {
          metadata: { ...metadata, generation: 2 },
          status: { observedGeneration: '2' },
        }),
        'promote-full',
        {},
        { status: { promoteFull: true } },
      ],
      [
        'skips a step of a Rollout',
        object('argoproj.io/v1alpha1', 'Rollout', step),
        'skip-current-step',
        {},
        { status: { currentStepIndex: 2 } },
      ],
      [
        'terminates an AnalysisRun',
        object('argoproj.io/v1alpha1', 'AnalysisRun'),
        'terminate',
        {},
        { spec: { terminate: true } },
      ],
    ])('%s', async (_, live, action, values, patch) => {
      expect(await patchOf(live, action, values)).toEqual(patch);
    });

    it('makes a Job of a CronJob, owned by it', async () => {
      const spec = { template: { spec: { volumes: [{ name: 'v', emptyDir: {} }] } } };
      const live = object('batch/v1', 'CronJob', {
        spec: { jobTemplate: { metadata: { labels: { a: 'b' } }, spec } },
      });
      expect(await perform(live, 'create-job')).toEqual([
        {
          operation: 'create',
          manifest: {
            apiVersion: 'batch/v1',
            kind: 'Job',
            metadata: {
              name: 'one-2602030405',
              namespace: 'demo',
              labels: { a: 'b' },
              annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
              ownerReferences: [
                {
                  apiVersion: 'batch/v1',
                  kind: 'CronJob',
                  name: 'one',
                  uid: 'u1',
                  blockOwnerDeletion: true,
                  controller: true,
                },
              ],
            },
            spec,
          },
        },
      ]);
    });

    it('cuts the name of what it makes to what the label of a pod holds', async () => {
      const live = { ...object('batch/v1', 'CronJob'), metadata: { ...metadata, name: 'n'.repeat(60) } };
      const [made] = await perform(live, 'create-job');
      expect(made?.manifest.metadata.name).toBe(`${'n'.repeat(52)}-2602030405`);
    });

    it('leaves a finished Job as it is', async () => {
      const status = { conditions: [{ type: 'Failed', status: 'True' }] };
      expect(await perform(object('batch/v1', 'Job', { status }), 'terminate')).toEqual([]);
    });

    it('answer to another name of theirs, and yield to the installation under any of them', async () => {
      const live = object('psmdb.percona.com/v1', 'PerconaServerMongoDB');
      expect(await patchOf(live, 'pause')).toEqual({ spec: { pause: true } });
      expect((await offers(live)).map(({ name }) => name)).toEqual(['start', 'stop']);
      const merged = customised({ mergeBuiltin: true, definitions: [] });
      expect(await offers(live, merged, { pause: { displayName: 'Mine' } })).toMatchObject([
        { name: 'pause', displayName: 'Mine' },
        { name: 'start', disabled: true },
      ]);
    });

    it('say on their button what they would do now', async () => {
      const application = (automated?: object) =>
        offers(object('argoproj.io/v1alpha1', 'Application', { spec: { syncPolicy: { automated } } }));
      expect(await application({})).toMatchObject([{ displayName: 'Disable Auto-Sync' }]);
      expect(await application()).toMatchObject([{ displayName: 'Enable Auto-Sync' }]);
    });

    it('makes Workflows of a CronWorkflow and of a WorkflowTemplate', async () => {
      const cron = object('argoproj.io/v1alpha1', 'CronWorkflow', {
        spec: { workflowMetadata: { labels: { a: 'b' } }, workflowSpec: { entrypoint: 'main' } },
      });
      const [fromCron] = await perform(cron, 'create-workflow');
      expect(fromCron?.manifest).toMatchObject({
        kind: 'Workflow',
        metadata: { labels: { a: 'b', 'workflows.argoproj.io/cron-workflow': 'one' } },
        spec: { entrypoint: 'main' },
      });
      const [fromTemplate] = await perform(
        object('argoproj.io/v1alpha1', 'WorkflowTemplate'),
        'create-workflow',
      );
      expect(valueAt(fromTemplate?.manifest, 'spec')).toEqual({ workflowTemplateRef: { name: 'one' } });
    });

    it.each<[string, Manifest, string[]]>([
      ['a running Deployment', object('apps/v1', 'Deployment'), ['pause', 'restart', '-resume', 'scale']],
      [
        'a paused Deployment',
        object('apps/v1', 'Deployment', paused),
        ['-pause', 'restart', 'resume', 'scale'],
      ],
      [
        'a suspended CronJob',
        object('batch/v1', 'CronJob', { spec: { suspend: true } }),
        ['create-job', 'resume'],
      ],
      ['a new Job', object('batch/v1', 'Job'), ['suspend']],
      ['a running Job', object('batch/v1', 'Job', { status: {} }), ['suspend', 'terminate']],
      [
        'a finished Job',
        object('batch/v1', 'Job', { status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
        [],
      ],
      [
        'an AnalysisRun that is over',
        object('argoproj.io/v1alpha1', 'AnalysisRun', { status: { phase: 'Failed' } }),
        ['-terminate'],
      ],
      [
        'a Rollout with a step left',
        object('argoproj.io/v1alpha1', 'Rollout', { ...step, ...{} }),
        ['-abort', '-pause', '-promote-full', 'restart', '-resume', '-retry', 'skip-current-step'],
      ],
      ['a kind without actions', object('v1', 'ConfigMap'), []],
    ])('are offered for %s', async (_, live, expected) => {
      const found = await offers(live);
      expect(found.map(({ name, disabled }) => (disabled ? `-${name}` : name))).toEqual(expected);
      expect(found.filter(({ disabled }) => disabled).every(({ reason }) => reason)).toBe(true);
    });

    it.each(['', 'x', '-1', '1.5', '1e99'])('refuse %j as a number of replicas', async (replicas) => {
      await expect(perform(object('apps/v1', 'Deployment'), 'scale', { replicas })).rejects.toThrow(
        /is not a whole number/,
      );
    });
  });

  describe('custom actions', () => {
    const deploymentObject = object('apps/v1', 'Deployment');

    it('are offered with their looks, and disabled when nothing defines them', async () => {
      const value = {
        go: { displayName: 'Go', iconClass: 'fa', params: [{ name: 'speed', default: 3 }, 'x'] },
        stop: { disabled: true },
        ghost: [],
      };
      const definitions = [
        { name: 'go', lua: '' },
        { name: 'stop', lua: '' },
      ];
      expect(await offers(widget, customised({ definitions }), value)).toEqual([
        { name: 'ghost', disabled: true, reason: 'no definition of action ghost; add one to definitions' },
        { name: 'go', displayName: 'Go', iconClass: 'fa', params: [{ name: 'speed', default: '3' }] },
        { name: 'stop', disabled: true, reason: 'discovery.lua disables it for this object' },
      ]);
    });

    it('hide the built-in ones unless they merge them, and win over those of their name', async () => {
      const names = async (mergeBuiltin: boolean) =>
        (
          await offers(deploymentObject, customised({ mergeBuiltin }), { restart: { displayName: 'Mine' } })
        ).map(({ name, displayName }) => `${name}:${displayName}`);
      expect(await names(false)).toEqual(['restart:Mine']);
      expect(await names(true)).toEqual(['pause:Pause', 'restart:Mine', 'resume:Resume', 'scale:Scale']);
      expect(await offers(deploymentObject, customised({ discoveryLua: '' }))).toHaveLength(4);
    });

    it('leave a hidden built-in action to be run by name', async () => {
      const call = { name: 'restart', values: {}, now };
      const [impact] = await performAction(customised(), deploymentObject, call, answering(undefined));
      expect(impact?.operation).toBe('patch');
    });

    it('get the object and the values, and have their empty tables repaired', async () => {
      const seen: unknown[] = [];
      const impacts = await performAction(
        customised(),
        widget,
        { name: 'go', values: { a: '1' }, now },
        (script) => {
          seen.push(script);
          return { ok: true, value: { ...widget, spec: { size: 2, emptyDir: [], list: [], made: [] } } };
        },
      );
      expect(seen).toEqual([
        { name: 'action.lua', script: 'run', globals: { obj: widget, actionParams: { a: '1' } } },
      ]);
      expect(impacts).toMatchObject([
        { operation: 'patch', manifest: { spec: { size: 2, emptyDir: {}, list: [], made: [] } } },
      ]);
    });

    it('may create objects and patch their own', async () => {
      const copy = { ...widget, metadata: { name: 'two', labels: [], annotations: { a: 'b' } } };
      const result = [
        { operation: 'create', resource: copy },
        { operation: 'patch', resource: { ...widget, spec: { emptyDir: [] } } },
      ];
      const impacts = await performAction(
        customised(),
        widget,
        { name: 'go', values: {}, now },
        answering(result),
      );
      expect(impacts).toEqual([
        { operation: 'create', manifest: { ...copy, metadata: { name: 'two', annotations: { a: 'b' } } } },
        { operation: 'patch', manifest: { ...widget, spec: { emptyDir: {} } } },
      ]);
    });

    it.each<[string, ScriptAnswer, RegExp]>([
      [
        'a script that fails',
        { ok: false, message: 'action.lua:2: no' },
        /^example.com\/Widget demo\/one: action.lua:2: no; correct/,
      ],
      ['nothing', { ok: true }, /result is not an object; return obj/],
      [
        'another object to patch',
        { ok: true, value: { ...widget, kind: 'Gadget' } },
        /may patch only the object/,
      ],
      [
        'an unknown operation',
        { ok: true, value: [{ operation: 'delete', resource: widget }] },
        /has operation "delete"/,
      ],
      ['a list of something else', { ok: true, value: ['x'] }, /has operation null/],
      [
        'an object without name',
        { ok: true, value: [{ operation: 'create', resource: { ...widget, metadata: {} } }] },
        /no metadata.name/,
      ],
      [
        'half an object',
        { ok: true, value: [{ operation: 'create', resource: { kind: 'X' } }] },
        /set apiVersion, kind/,
      ],
    ])('refuse %s', async (_, answer, message) => {
      const call = { name: 'go', values: {}, now };
      await expect(performAction(customised(), widget, call, () => answer)).rejects.toThrow(message);
    });

    it.each<[ScriptAnswer, RegExp]>([
      [
        { ok: false, message: 'discovery.lua:1: no' },
        /discovery.lua:1: no; correct resource.customizations.actions of \*\/\*/,
      ],
      [{ ok: true }, /result is nil, not a table/],
      [{ ok: true, value: ['a'] }, /result is a list, not a table/],
      [{ ok: true, value: 'a' }, /result is string, not a table/],
    ])('are not offered by a discovery that answers %j', async (answer, message) => {
      await expect(discoverActions(customised(), widget, () => answer)).rejects.toThrow(message);
    });
  });

  it('tells a name that no action has', async () => {
    await expect(perform(widget, 'go')).rejects.toThrow('example.com/Widget demo/one: has no action go;');
  });

  it.each<[unknown, unknown, unknown]>([
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 1, b: { c: 2, d: 3 } }, { a: 1, b: { c: 4 } }, { b: { c: 4, d: null } }],
    [{ l: [1, 2] }, { l: [1] }, { l: [1] }],
    [{ m: { x: 1 } }, { m: {} }, { m: { x: null } }],
    [{ m: [] }, { m: {} }, { m: {} }],
    [{}, { n: { x: 1 } }, { n: { x: 1 } }],
  ])('patches %j to %j', (from, to, patch) => {
    expect(mergePatchBetween(from as object as Manifest, to as object as Manifest)).toEqual(patch);
  });

  it.each<[unknown, unknown, unknown]>([
    [[], {}, {}],
    [[], [], []],
    [[], undefined, []],
    [{ a: [] }, { a: { b: 1 } }, { a: {} }],
    [[{ a: [] }, { a: [] }], [{ a: {} }], [{ a: {} }, { a: [] }]],
    [['x'], {}, ['x']],
  ])('restores %j after %j', (value, original, expected) => {
    expect(restoreShape(value, original)).toEqual(expected);
  });

  it('refuses what the project does not permit, wherever it is', () => {
    const place = {
      settings: { exclusions: [], inclusions: [] },
      cluster: { server: 's', name: 'n' },
      refusalOf: ({ kind }: { kind: string }) => (kind === 'Job' ? 'not permitted' : undefined),
    };
    const key = { group: 'batch', kind: 'Job', namespace: 'demo', name: 'x' };
    for (const namespaces of [['demo'], []]) {
      expect(whyForbidden(key, { ...place, namespaces })).toBe('not permitted');
      expect(whyForbidden({ ...key, kind: 'CronJob' }, { ...place, namespaces })).toBeUndefined();
    }
  });

  it.each<[string, string, string, readonly string[], RegExp | undefined]>([
    ['the namespace of the object', 'ConfigMap', 'demo', ['demo', 'prod'], undefined],
    ['another namespace', 'ConfigMap', 'other', ['demo', 'prod'], /neither the object's nor/],
    ['no namespace', 'Namespace', '', ['demo'], /has no namespace/],
    ['any place from an object without namespace', 'ConfigMap', 'other', [], undefined],
    ['an excluded kind', 'Secret', 'demo', ['demo'], /excluded/],
  ])('permits or refuses %s', (_, kind, namespace, namespaces, expected) => {
    const exclusions = [{ apiGroups: [''], kinds: ['Secret'], clusters: [] }];
    const place = {
      refusalOf: () => undefined,
      settings: { exclusions, inclusions: [] },
      cluster: { server: 's', name: 'n' },
      namespaces,
    };
    const reason = whyForbidden({ group: '', kind, namespace, name: 'x' }, place);
    if (expected === undefined) expect(reason).toBeUndefined();
    else expect(reason).toMatch(expected);
  });
});
