import { describe, expect, it } from 'vitest';
import { automationOf } from './automation.ts';

describe('core/application/automation', () => {
  it.each([
    ['no policy', undefined, undefined],
    ['a policy without it', {}, undefined],
    ['an empty block', { automated: {} }, {}],
    ['a block that is on', { automated: { enabled: true, prune: true } }, { enabled: true, prune: true }],
    ['a block that is off', { automated: { enabled: false, prune: true } }, undefined],
  ])('knows automated sync from %s', (_, policy, automation) => {
    expect(automationOf(policy)).toEqual(automation);
  });
});
