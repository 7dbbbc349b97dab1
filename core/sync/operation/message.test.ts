import { describe, expect, it } from 'vitest';
import { endedMessage, joinCauses } from './message.ts';

const cause = 'namespaces "prod" not found; add CreateNamespace=true';

describe('core/sync/message', () => {
  it('tells a cause once for all objects that have it, and of many names three', () => {
    expect(joinCauses([`Service prod/a: ${cause}`, 'Pod b: no', `Service prod/c: ${cause}`], 3)).toBe(
      `Service prod/a, Service prod/c: ${cause}; Pod b: no`,
    );
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => `Pod ${name}: no`);
    expect(joinCauses(many, 3)).toBe('Pod a, Pod b, Pod c and 2 more: no');
  });

  it('keeps at the end of a step what its write said besides', () => {
    expect(endedMessage('job/a created', 'done')).toBe('done');
    expect(endedMessage('job/a created; one went; and another', 'done')).toBe('done; one went; and another');
    expect(endedMessage('', 'done')).toBe('done');
  });

  it('leaves repeats out and counts the causes that it leaves out', () => {
    expect(joinCauses(['Pod a: no', 'Pod a: no'], 3)).toBe('Pod a: no');
    expect(joinCauses(['Pod a: x', 'Pod a: y', 'Pod b: z', 'Pod b: x'], 2)).toBe(
      'Pod a, Pod b: x; Pod a: y; and 1 more',
    );
  });

  it('takes a message that names no object as it is', () => {
    expect(joinCauses(['it broke', 'it broke', 'Pod a: it broke'], 3)).toBe('Pod a: it broke');
    expect(joinCauses(['it broke'], 3)).toBe('it broke');
    expect(joinCauses([], 3)).toBe('');
  });
});
