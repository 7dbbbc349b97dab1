import { describe, expect, it } from 'vitest';
import { assessHealth } from '../../../core/health/assess.ts';
import { assessSafely } from './assess-safely.ts';

const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

describe('activities/session/assess-safely', () => {
  it('is Unknown with the reason where a rule fails on an object', () => {
    const assess = assessSafely(() => {
      throw new TypeError("Cannot read properties of undefined (reading 'x')");
    });
    expect(assess(live)).toEqual({
      status: 'Unknown',
      message:
        "its health could not be told: internal error (TypeError: Cannot read properties of undefined (reading 'x'))",
    });
  });

  it('makes storable what a status says', () => {
    const assess = assessSafely(() => ({ status: 'Degraded', message: 'a\u0000b' }));
    expect(assess(live)).toEqual({ status: 'Degraded', message: 'a\uFFFDb' });
  });

  it('leaves everything else as the rules have it', () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, status: { phase: 'Running' } };
    expect(assessSafely(assessHealth)(pod)).toEqual(assessHealth(pod));
    expect(assessSafely(assessHealth)(live)).toBeUndefined();
  });
});
