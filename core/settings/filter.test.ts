import { describe, expect, it } from 'vitest';
import { isExcluded } from './filter.ts';
import type { ResourceFilter } from './settings.ts';

const cluster = { server: 'https://10.0.0.1:6443', name: 'prod-eu' };
const filter = (part: Partial<ResourceFilter>): ResourceFilter => ({
  apiGroups: [],
  kinds: [],
  clusters: [],
  ...part,
});
const excluded = (
  name: string,
  filters: { exclusions?: ResourceFilter[]; inclusions?: ResourceFilter[] } = {},
): boolean => {
  const [group = '', kind = ''] = name.split('/');
  return isExcluded({ exclusions: [], inclusions: [], ...filters }, { group, kind, cluster });
};

describe('core/settings/filter', () => {
  it.each([
    ['events.k8s.io/Event', true],
    ['metrics.k8s.io/PodMetrics', true],
    ['/Event', true],
    ['coordination.k8s.io/Lease', true],
    ['/Pod', false],
    ['apps/Event', false],
  ])('leaves out the built-in kinds: %s', (name, expected) => {
    expect(excluded(name)).toBe(expected);
    expect(excluded(name, { inclusions: [filter({})] })).toBe(expected);
  });

  it('matches groups by glob and kinds exactly', () => {
    const exclusions = [filter({ apiGroups: ['*.cilium.io', ''], kinds: ['CiliumIdentity', 'Secret'] })];
    expect(excluded('x.cilium.io/CiliumIdentity', { exclusions })).toBe(true);
    expect(excluded('/Secret', { exclusions })).toBe(true);
    expect(excluded('cilium.io/CiliumIdentity', { exclusions })).toBe(false);
    expect(excluded('x.cilium.io/CiliumNode', { exclusions })).toBe(false);
    expect(excluded('apps/Deployment', { exclusions: [filter({ kinds: ['*'] })] })).toBe(true);
  });

  it.each([
    ['https://10.0.*', true],
    ['prod-*', true],
    ['*', true],
    ['test-*', false],
  ])('matches a cluster by address or name: %s', (glob, expected) => {
    expect(excluded('/Pod', { exclusions: [filter({ kinds: ['Pod'], clusters: [glob] })] })).toBe(expected);
  });

  it('leaves out what no inclusion of the cluster names', () => {
    const inclusions = [filter({ apiGroups: ['apps'], clusters: ['prod-*'] })];
    expect(excluded('apps/Deployment', { inclusions })).toBe(false);
    expect(excluded('/Pod', { inclusions })).toBe(true);
    // An inclusion of another cluster says nothing here.
    expect(excluded('/Pod', { inclusions: [filter({ apiGroups: ['apps'], clusters: ['test'] })] })).toBe(
      false,
    );
  });

  it('lets an exclusion win over an inclusion', () => {
    const both = filter({ apiGroups: ['apps'] });
    expect(excluded('apps/Deployment', { exclusions: [both], inclusions: [both] })).toBe(true);
  });
});
