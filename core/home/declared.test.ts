import { describe, expect, it } from 'vitest';
import { asDeclared } from './declared.ts';

const metadata = { name: 'child' };

describe('what Git, sets and imports write of an Application', () => {
  it('is neither a request nor a status', () => {
    const base = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata,
      spec: { project: 'default' },
    };
    const written = { ...base, operation: { sync: {} }, status: { sync: { status: 'Synced' } } };
    expect(asDeclared(written)).toEqual(base);
  });

  it.each([
    ['another kind of the group', 'argoproj.io/v1alpha1', 'Rollout'],
    ['the same kind of another group', 'app.k8s.io/v1beta1', 'Application'],
  ])('is all of %s', (_, apiVersion, kind) => {
    const object = { apiVersion, kind, metadata, operation: {}, status: {} };
    expect(asDeclared(object)).toBe(object);
  });
});
