import { describe, expect, it } from 'vitest';
import type { Manifest } from '../object/manifest/manifest.ts';
import { restoresChildHealth, withChildHealth } from './child-health.ts';

const object = (kind: string, wave?: string, more: object = {}): Manifest => ({
  apiVersion: kind === 'Application' ? 'argoproj.io/v1alpha1' : 'v1',
  kind,
  metadata: {
    name: 'a',
    ...(wave === undefined ? {} : { annotations: { 'argocd.argoproj.io/sync-wave': wave } }),
  },
  ...more,
});

describe('core/health/child-health', () => {
  it.each<[string, Manifest[], boolean]>([
    ['children in two waves', [object('Application', '0'), object('Application', '1')], true],
    ['a child beside another wave', [object('ConfigMap'), object('Application', '2')], true],
    ['children in one wave', [object('Application'), object('Application', '0')], false],
    ['waves without children', [object('ConfigMap'), object('Secret', '1')], false],
    ['nothing', [], false],
  ])('counts the health of %s', (_name, desired, counts) => {
    expect(restoresChildHealth(desired)).toBe(counts);
  });

  it('says what the status of a child says, unless a script has spoken', () => {
    const none = withChildHealth(() => undefined);
    const told = (health: object) => object('Application', undefined, { status: { health } });
    expect(none(told({ status: 'Degraded', message: 'a is' }))).toEqual({
      status: 'Degraded',
      message: 'a is',
    });
    expect(none(told({}))).toEqual({ status: 'Progressing' });
    expect(none(told({ status: 'made up' }))).toEqual({ status: 'Progressing' });
    expect(none(object('ConfigMap'))).toBeUndefined();
    expect(withChildHealth(() => ({ status: 'Healthy' }))(told({ status: 'Degraded' }))).toEqual({
      status: 'Healthy',
    });
  });
});
