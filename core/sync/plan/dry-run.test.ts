import { describe, expect, it } from 'vitest';
import type { ResourceKey } from '../../object/key.ts';
import { arrivalsOf, excuseOf, refusedByDryRun } from './dry-run.ts';
import type { PlanStep } from './plan.ts';

function stepOf(key: ResourceKey, more: Partial<PlanStep> = {}): PlanStep {
  return {
    step: 0,
    phase: 'Sync',
    wave: 0,
    batch: 0,
    action: 'apply',
    apiVersion: 'v1',
    key,
    changed: true,
    ...more,
  };
}

const keyOf = (kind: string, group = '', namespace = 'n'): ResourceKey => ({
  group,
  kind,
  namespace,
  name: 'x',
});
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.test' },
  spec: { group: 'example.test', names: { kind: 'Thing' } },
};
const crdStep = stepOf(keyOf('CustomResourceDefinition', 'apiextensions.k8s.io', ''));
const namespaceStep = stepOf({ group: '', kind: 'Namespace', namespace: '', name: 'n' });

const refusal = (code: 'forbidden' | 'kind-unknown' | 'not-found' | 'object-invalid', message = 'no') => ({
  code,
  message,
  retryable: false,
});

describe('core/sync/dry-run', () => {
  it('takes a refusal at its word where the sync changes nothing that matters to it', () => {
    const none = arrivalsOf([stepOf(keyOf('ConfigMap'))], () => undefined);
    for (const code of ['object-invalid', 'forbidden', 'not-found'] as const) {
      expect(excuseOf(refusal(code), keyOf('ConfigMap'), none)).toBeUndefined();
    }
  });

  it('excuses objects whose namespace or kind comes with the sync', () => {
    const arrivals = arrivalsOf([namespaceStep, crdStep], (step) =>
      step === crdStep ? definition : undefined,
    );
    expect(excuseOf(refusal('not-found'), keyOf('ConfigMap'), arrivals)).toContain('namespace n');
    expect(excuseOf(refusal('not-found'), keyOf('ConfigMap', '', 'other'), arrivals)).toBeUndefined();
    expect(excuseOf(refusal('object-invalid'), keyOf('Thing', 'example.test'), arrivals)).toContain('kind');
    expect(excuseOf(refusal('object-invalid'), keyOf('ConfigMap'), arrivals)).toBeUndefined();
    expect(excuseOf(refusal('kind-unknown'), keyOf('Thing', 'example.test'), arrivals)).toBeDefined();
  });

  it('does not count what stays as it is', () => {
    const unchanged = { changed: false };
    const arrivals = arrivalsOf(
      [
        { ...namespaceStep, ...unchanged },
        { ...crdStep, ...unchanged },
      ],
      () => definition,
    );
    expect(excuseOf(refusal('not-found'), keyOf('ConfigMap'), arrivals)).toBeUndefined();
    expect(excuseOf(refusal('forbidden'), keyOf('ConfigMap'), arrivals)).toBeUndefined();
  });

  it.each([
    ['Role', 'rbac.authorization.k8s.io'],
    ['ResourceQuota', ''],
    ['ValidatingAdmissionPolicy', 'admissionregistration.k8s.io'],
  ])('excuses denials where a %s changes', (kind, group) => {
    const arrivals = arrivalsOf([stepOf(keyOf(kind, group))], () => undefined);
    expect(excuseOf(refusal('forbidden'), keyOf('ConfigMap'), arrivals)).toBeDefined();
    expect(excuseOf(refusal('object-invalid'), keyOf('ConfigMap'), arrivals)).toBeUndefined();
  });

  it('excuses passing trouble and a full quota', () => {
    const none = arrivalsOf([], () => undefined);
    expect(excuseOf({ ...refusal('forbidden'), retryable: true }, keyOf('Pod'), none)).toBeDefined();
    expect(excuseOf(refusal('forbidden', 'exceeded quota: q'), keyOf('Pod'), none)).toBeDefined();
  });

  it('keeps of a refused plan the objects at fault, with their reasons', () => {
    const steps = [0, 1, 2].map((step) => stepOf({ ...keyOf('ConfigMap'), name: `c${step}` }, { step }));
    const plan = { schemaVersion: 1 as const, steps, groups: [], failureGroups: [] };
    const refused = refusedByDryRun(plan, new Map([[1, 'ConfigMap n/c1: no']]));
    expect(refused.steps).toEqual([{ ...steps[1], step: 0, note: 'ConfigMap n/c1: no' }]);
    expect(refused.refused).toBe('one or more objects failed to apply (dry run): ConfigMap n/c1: no');
    expect(refused.groups).toEqual([]);
  });
});
