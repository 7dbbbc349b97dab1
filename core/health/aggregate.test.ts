import { describe, expect, it } from 'vitest';
import type { HealthStatus } from '../application/words.ts';
import {
  aggregateHealth,
  type HealthFact,
  isIgnoredInHealth,
  isOutsideHealth,
  isWorse,
} from './aggregate.ts';

function fact(name: string, status: HealthStatus | undefined, change: Partial<HealthFact> = {}): HealthFact {
  return {
    key: { group: 'apps', kind: 'Deployment', namespace: 'prod', name },
    exists: true,
    health: status === undefined ? undefined : { status },
    ...change,
  };
}

const child = { key: { group: 'argoproj.io', kind: 'Application', namespace: 'argocd', name: 'c' } };

describe('core/health/aggregate', () => {
  it('is healthy without objects and with objects that have no health', () => {
    expect(aggregateHealth([])).toEqual({ status: 'Healthy' });
    expect(aggregateHealth([fact('a', undefined), fact('b', 'Healthy')])).toEqual({ status: 'Healthy' });
  });

  it('takes the worst health and names its causes', () => {
    expect(
      aggregateHealth([
        fact('a', 'Progressing'),
        fact('b', 'Degraded'),
        fact('c', 'Suspended'),
        fact('d', 'Degraded'),
      ]),
    ).toEqual({
      status: 'Degraded',
      message: 'Caused by apps/Deployment:prod/b, apps/Deployment:prod/d',
    });
  });

  it('names three causes at most', () => {
    const facts = ['a', 'b', 'c', 'd', 'e'].map((name) => fact(name, 'Progressing'));
    expect(aggregateHealth(facts).message).toMatch(/prod\/c and 2 more$/);
    const clusterScoped = { key: { group: '', kind: 'Node', namespace: '', name: 'n' } };
    expect(aggregateHealth([fact('', 'Unknown', clusterScoped)]).message).toBe('Caused by Node:n');
  });

  it('orders the words from healthy to unknown', () => {
    const words: HealthStatus[] = ['Healthy', 'Suspended', 'Progressing', 'Missing', 'Degraded', 'Unknown'];
    expect(words.toSorted((a, b) => (isWorse(a, b) ? 1 : -1))).toEqual(words);
  });

  it('does not count missing objects unless nothing exists', () => {
    const missing = fact('a', 'Missing', { exists: false });
    expect(aggregateHealth([missing, fact('b', 'Healthy')])).toEqual({ status: 'Healthy' });
    expect(aggregateHealth([missing])).toEqual({ status: 'Missing' });
    expect(aggregateHealth([missing, fact('b', 'Degraded', { ignored: true })])).toEqual({
      status: 'Healthy',
    });
  });

  it('leaves out ignored objects and children that are missing or unknown', () => {
    expect(aggregateHealth([fact('a', 'Degraded', { ignored: true })])).toEqual({ status: 'Healthy' });
    expect(aggregateHealth([fact('c', 'Unknown', child), fact('c', 'Missing', child)])).toEqual({
      status: 'Healthy',
    });
    expect(aggregateHealth([fact('c', 'Degraded', child)]).status).toBe('Degraded');
  });

  it('reads from annotations what is left out', () => {
    const annotated = (annotations: Record<string, string>) => ({ metadata: { annotations } });
    expect(isOutsideHealth(annotated({ 'argocd.argoproj.io/hook': 'Skip' }))).toBe(true);
    expect(isOutsideHealth(annotated({ 'argocd.argoproj.io/hook': 'Sync' }))).toBe(true);
    expect(isOutsideHealth(annotated({}))).toBe(false);
    expect(isIgnoredInHealth(annotated({ 'argocd.argoproj.io/ignore-healthcheck': 'true' }))).toBe(true);
    expect(isIgnoredInHealth(annotated({ 'argocd.argoproj.io/ignore-healthcheck': 'false' }))).toBe(false);
  });
});
