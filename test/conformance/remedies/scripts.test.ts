import { afterAll, describe } from 'vitest';
import { discoverActions } from '../../../core/action/discover.ts';
import { performAction } from '../../../core/action/perform.ts';
import { createHealthJudge } from '../../../core/health/custom.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';
import { createLuaEngine, defaultLuaLimits } from '../../../platform/lua/engine.ts';
import { type Followed, followEach, problemsOf } from '../../support/hostile/remedies.ts';

const engine = createLuaEngine({ ...defaultLuaLimits, milliseconds: 1000 });
afterAll(() => engine.close());

const big = { id: 9007199254740993n, near: 9007199254740992n };
const widget: Manifest = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'one', namespace: 'demo' },
  spec: { size: 1, ...big },
};
const override = { group: 'example.com', kind: 'Widget' };

function problemsOfHealth(healthLua: string): string[] {
  const judge = createHealthJudge(
    { overrides: [{ ...override, healthLua, useOpenLibs: true }] },
    () => undefined,
    ({ name, lua, openLibs }, obj) => engine.run({ name, script: lua, globals: { obj }, openLibs }),
  );
  return [judge.errorOf(widget) ?? []].flat();
}

const healthy = 'return {status = "Healthy", message = ""}';

describe('a health script', () => {
  followEach(problemsOfHealth, [
    [
      'health.lua: result is a list; return a table with status and message; correct the health script of example.com/Widget',
      'return {"Healthy"}',
      healthy,
    ],
    ['correct the health script of example.com/Widget', 'return {status = }', healthy],
    [
      'health.lua: stopped after 1000 ms; make the script do less',
      'return string.find(string.rep("a", 30), string.rep("a?", 30) .. string.rep("a", 30) .. "b")',
      healthy,
    ],
    ['instructions; make the script do less', 'while true do end', healthy],
    [
      'MiB of memory; make the script do less',
      'local t = {} for i = 1, 1e9 do t[i] = string.rep("x", 100000) .. i end',
      healthy,
    ],
    [
      'MiB of result; make the script return less',
      'return {status = "Healthy", message = string.rep("a", 9000000)}',
      'local much = string.rep("a", 9000000) return {status = "Healthy", message = ""}',
    ],
    // A pattern that calls itself until the interpreter's stack is used up.
    [
      'health.lua: interpreter failed (RangeError: Maximum call stack size exceeded); make the script do less',
      'return string.find(string.rep("a", 200000), string.rep("a?", 200000))',
      healthy,
    ],
  ]);
});

const actionsWith = (lua: string, discoveryLua = '') => ({
  overrides: [
    { ...override, actions: { discoveryLua, definitions: [{ name: 'go', lua }], mergeBuiltin: false } },
  ],
});
const call = { name: 'go', values: {}, now: '2026-02-03T04:05:06Z' };
const run = (input: Parameters<Parameters<typeof discoverActions>[2]>[0]) =>
  engine.run({ ...input, openLibs: false });

const create = 'local o = {apiVersion = "v1", kind = "ConfigMap", metadata = {name = "a"}}';

describe('an action script', () => {
  followEach(
    (lua: string) => problemsOf(() => performAction(actionsWith(lua), widget, call, run)),
    [
      [
        'action.lua: result has operation "replace"; return the object, or a list of {operation = "patch" or "create", resource = object}',
        'return {{operation = "replace", resource = obj}}',
        'return obj',
      ],
      ...['patch', 'create'].map(
        (operation): Followed<string> => [
          'action.lua: result has operation "replace"; return the object, or a list of {operation = "patch" or "create", resource = object}',
          'return {{operation = "replace", resource = obj}}',
          `return {{operation = "${operation}", resource = obj}}`,
        ],
      ),
      [
        'action.lua: result is not an object; return obj',
        'obj.spec.size = 2',
        'obj.spec.size = 2 return obj',
      ],
      [
        'action.lua: result to create is not an object; set apiVersion, kind and metadata',
        'return {{operation = "create", resource = {}}}',
        `${create} return {{operation = "create", resource = o}}`,
      ],
      [
        'correct resource.customizations.actions of example.com/Widget',
        'return obj.spec.none.x',
        'return obj',
      ],
      [
        "which Lua can't tell from others of the object; leave that field where it was",
        'obj.spec.other = obj.spec.id return obj',
        'return obj',
      ],
    ],
  );
});

describe('an action that is only discovered', () => {
  followEach(
    async (name) => {
      const offers = await discoverActions(actionsWith('return obj', `return {${name} = {}}`), widget, run);
      return offers.flatMap(({ reason }) => reason ?? []);
    },
    [['no definition of action stop; add one to definitions', 'stop', 'go']],
  );
});

const none = { overrides: [] };
const act = (live: Manifest, name: string, values: Record<string, string> = {}) =>
  problemsOf(() => performAction(none, live, { ...call, name, values }, run));
/** Why a built-in action isn't offered. */
const refusals = async (live: Manifest, name: string): Promise<string[]> =>
  (await discoverActions(none, live, run))
    .filter((one) => one.name === name)
    .flatMap(({ reason }) => reason ?? []);

/** What a built-in action makes of an object. */
async function after(live: Manifest, name: string): Promise<Manifest> {
  const [impact] = await performAction(none, live, { ...call, name }, run);
  return impact?.manifest ?? live;
}

const deployment: Manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {},
};

describe('a built-in action', () => {
  followEach(
    ({ name, values }: { name: string; values?: Record<string, string> }) => act(deployment, name, values),
    [
      ['has no action reboot; list its actions for the names', { name: 'reboot' }, { name: 'restart' }],
      [
        'replicas "few" is not a whole number from 0; give one, for example replicas=3',
        { name: 'scale', values: { replicas: 'few' } },
        { name: 'scale', values: { replicas: '3' } },
      ],
    ],
  );
  const cluster: Manifest = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    metadata: { name: 'pg' },
    status: { currentPrimary: 'pg-1', instancesStatus: { healthy: ['pg-1', 'pg-2'] } },
  };
  followEach(
    (instance: string) => act(cluster, 'promote', { instance }),
    ['any', 'pg-2', '2'].map(
      (helped): Followed<string> => [
        'instance "7" is not a healthy replica; give any, pg-2 or a number',
        '7',
        helped,
      ],
    ),
  );
});

const flux: Manifest = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name: 'a' },
  spec: { suspend: true },
};
const keda: Manifest = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'a', annotations: { 'autoscaling.keda.sh/paused': 'true' } },
};

describe('a built-in action on what another object decides', () => {
  const owner = {
    apiVersion: 'numaplane.numaproj.io/v1alpha1',
    kind: 'PipelineRollout',
    name: 'flow',
    uid: 'u',
  };
  const pipeline: Manifest = {
    apiVersion: 'numaflow.numaproj.io/v1alpha1',
    kind: 'Pipeline',
    metadata: { name: 'flow-0', ownerReferences: [owner] },
    spec: {},
  };
  const rollout: Manifest = {
    apiVersion: 'numaplane.numaproj.io/v1alpha1',
    kind: 'PipelineRollout',
    metadata: { name: 'flow' },
    spec: { pipeline: { spec: {} } },
  };
  followEach(
    (live: Manifest) => refusals(live, 'pause'),
    [['PipelineRollout flow decides it; run the action there', pipeline, rollout]],
  );
});

describe('a built-in action that the state of the object forbids', () => {
  followEach(
    async ({ live, name, first }: { live: Manifest; name: string; first?: string }) =>
      refusals(first === undefined ? live : await after(live, first), name),
    [
      [
        'it is suspended by spec.suspend; resume it first',
        { live: flux, name: 'reconcile' },
        { live: flux, name: 'reconcile', first: 'resume' },
      ],
      [
        'annotation autoscaling.keda.sh/paused is set; resume it first',
        { live: keda, name: 'paused-replicas' },
        { live: keda, name: 'paused-replicas', first: 'resume' },
      ],
    ],
  );
});
