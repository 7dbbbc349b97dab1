import { describe, expect, it } from 'vitest';
import type { ResourceKey } from '../../object/key.ts';
import { inconclusiveReason, prerequisitesOf, refusedByDryRun } from './dry-run.ts';
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
    const none = prerequisitesOf([stepOf(keyOf('ConfigMap'))], () => undefined);
    for (const code of ['object-invalid', 'forbidden', 'not-found'] as const) {
      expect(inconclusiveReason(refusal(code), keyOf('ConfigMap'), none)).toBeUndefined();
    }
  });

  it('excuses objects whose namespace or kind comes with the sync', () => {
    const prerequisites = prerequisitesOf([namespaceStep, crdStep], (step) =>
      step === crdStep ? definition : undefined,
    );
    expect(inconclusiveReason(refusal('not-found'), keyOf('ConfigMap'), prerequisites)).toContain(
      'namespace n',
    );
    expect(
      inconclusiveReason(refusal('not-found'), keyOf('ConfigMap', '', 'other'), prerequisites),
    ).toBeUndefined();
    expect(
      inconclusiveReason(refusal('object-invalid'), keyOf('Thing', 'example.test'), prerequisites),
    ).toContain('kind');
    expect(inconclusiveReason(refusal('object-invalid'), keyOf('ConfigMap'), prerequisites)).toBeUndefined();
    expect(
      inconclusiveReason(refusal('kind-unknown'), keyOf('Thing', 'example.test'), prerequisites),
    ).toBeDefined();
  });

  it('does not count what stays as it is', () => {
    const unchanged = { changed: false };
    const prerequisites = prerequisitesOf(
      [
        { ...namespaceStep, ...unchanged },
        { ...crdStep, ...unchanged },
      ],
      () => definition,
    );
    expect(inconclusiveReason(refusal('not-found'), keyOf('ConfigMap'), prerequisites)).toBeUndefined();
    expect(inconclusiveReason(refusal('forbidden'), keyOf('ConfigMap'), prerequisites)).toBeUndefined();
  });

  it.each([
    ['Role', 'rbac.authorization.k8s.io'],
    ['ResourceQuota', ''],
    ['ValidatingAdmissionPolicy', 'admissionregistration.k8s.io'],
  ])('excuses denials where a %s changes', (kind, group) => {
    const prerequisites = prerequisitesOf([stepOf(keyOf(kind, group))], () => undefined);
    expect(inconclusiveReason(refusal('forbidden'), keyOf('ConfigMap'), prerequisites)).toBeDefined();
    expect(inconclusiveReason(refusal('object-invalid'), keyOf('ConfigMap'), prerequisites)).toBeUndefined();
  });

  it('excuses passing trouble and a full quota', () => {
    const none = prerequisitesOf([], () => undefined);
    expect(
      inconclusiveReason({ ...refusal('forbidden'), retryable: true }, keyOf('Pod'), none),
    ).toBeDefined();
    expect(inconclusiveReason(refusal('forbidden', 'exceeded quota: q'), keyOf('Pod'), none)).toBeDefined();
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
