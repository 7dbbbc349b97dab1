import { describe, expect, it } from 'vitest';
import { isReportedOrphan, type OrphanRules } from './orphan.ts';

const key = (kind: string, name: string, namespace = 'shop', group = '') => ({
  group,
  kind,
  namespace,
  name,
});

describe('which objects of no application a project tells of', () => {
  it.each<[boolean, OrphanRules, ReturnType<typeof key>]>([
    [true, {}, key('ConfigMap', 'a')],
    [false, {}, key('ConfigMap', 'kube-root-ca.crt')],
    [false, {}, key('ServiceAccount', 'default')],
    [false, {}, key('Service', 'kubernetes', 'default')],
    [true, {}, key('Service', 'kubernetes')],
    [true, {}, key('ConfigMap', 'kube-root-ca.crt', 'shop', 'example.com')],
    [false, { ignore: [{ kind: 'Secret' }] }, key('Secret', 'a')],
    [true, { ignore: [{ kind: 'Secret' }] }, key('Secret', 'a', 'shop', 'example.com')],
    [
      false,
      { ignore: [{ group: 'apps', kind: '*Set', name: 'web-*' }] },
      key('ReplicaSet', 'web-1', 'shop', 'apps'),
    ],
    [
      true,
      { ignore: [{ group: 'apps', kind: '*Set', name: 'web-*' }] },
      key('ReplicaSet', 'api', 'shop', 'apps'),
    ],
    [false, { ignore: [{ group: '*' }] }, key('Pod', 'a', 'shop', 'example.com')],
  ])('%s: %j for %j', (expected, rules, object) => {
    expect(isReportedOrphan(rules, object)).toBe(expected);
  });
});
