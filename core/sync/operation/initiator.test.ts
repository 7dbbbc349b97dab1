import { describe, expect, it } from 'vitest';
import { automation, rulesOf, systemInitiator, userInitiator } from './initiator.ts';

describe('core/sync/initiator', () => {
  it('lets what was asked for automatically give way, and what a person asked for stand', () => {
    expect(rulesOf(automation).givesWay).toBe(true);
    expect(rulesOf(userInitiator('ada')).givesWay).toBe(false);
    expect(rulesOf(systemInitiator('settings-file')).givesWay).toBe(false);
  });

  it.each([
    [{ username: 'ada', automated: false }, 'account'],
    [{ username: '', automated: true }, 'project'],
  ])('knows an initiator that an earlier release stored: %o', (stored, rights) => {
    expect(rulesOf(stored).rights).toBe(rights);
  });

  it('has automated initiators act with the rights of the project, never with an account’s', () => {
    expect(rulesOf({ kind: 'rollout', username: '', automated: true })).toEqual(rulesOf(automation));
    expect(rulesOf({ kind: 'application-set', username: '', automated: true }).rights).toBe('project');
  });
});
