import { afterAll, describe, expect, it } from 'vitest';
import { type RenderTarget, stampObjects } from '../../../../activities/desired/stamp.ts';
import { createHealthScripts } from '../../../../activities/session/health/health-scripts.ts';
import type { Manifest } from '../../../../core/object/manifest/manifest.ts';
import { defaultToolSettings } from '../../../../core/settings/words/tool-settings.ts';
import { createLuaEngine } from '../../../../platform/lua/engine.ts';
import { followEach, problemsOf } from '../../../support/hostile/remedies.ts';

const map: Manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

describe('an application that is tracked by a label', () => {
  type Input = readonly [name: string, method: RenderTarget['tracking']['method']];
  const place = ([name, method]: Input): Promise<string[]> =>
    problemsOf(() => {
      const placement: RenderTarget = {
        application: { name, namespace: 'argocd' },
        spec: { project: 'default', destination: { namespace: 'n' }, source: { repoURL: 'x', path: '.' } },
        capabilities: { kubeVersion: 'v1.35.4', apiVersions: ['v1'], namespaced: {} },
        tracking: { method, labelKey: 'app.kubernetes.io/instance' },
        tools: defaultToolSettings,
      };
      stampObjects({ homeNamespace: 'argocd' }, placement, [map]);
    });
  const long = 'a'.repeat(64);
  const says = `has 64 characters and a tracking label holds 63; shorten it, or set application.resourceTrackingMethod to annotation`;
  followEach<Input>(place, [
    [says, [long, 'label'], [long.slice(1), 'label']],
    [says, [long, 'label'], [long, 'annotation']],
  ]);
});

describe('a health script', () => {
  const lua = createLuaEngine();
  afterAll(() => lua.close());

  it('that a limit stops again and again does less', () => {
    const run = createHealthScripts(lua);
    const judged = (script: string) => run({ name: 'health.lua', lua: script, openLibs: false }, map);
    const endless = 'while true do end';
    for (const _ of [1, 2, 3]) expect(judged(endless)).toMatchObject({ ok: false });
    expect(judged(endless)).toMatchObject({
      message:
        'health.lua: not run for 5 minutes, as a limit stopped it for 3 objects in a row; make the script do less',
    });
    expect(judged('return {status = "Healthy"}')).toMatchObject({ ok: true });
  });
});
