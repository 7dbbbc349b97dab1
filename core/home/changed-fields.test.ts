import { describe, expect, it } from 'vitest';
import { changedFields } from './changed-fields.ts';

const seen = { project: 'web', source: { path: 'a', helm: { valuesObject: { x: 1, y: 2 } } }, info: [1] };

describe('core/home/changed-fields', () => {
  it('keeps what somebody else changed meanwhile beside what is changed now', () => {
    const live = { ...seen, project: 'shop', source: { ...seen.source, targetRevision: 'v2' } };
    const wanted = { ...seen, source: { ...seen.source, path: 'b' } };
    expect(changedFields(live, seen, wanted)).toEqual({
      ...live,
      source: { ...seen.source, path: 'b', targetRevision: 'v2' },
    });
  });

  it('removes what is left out now, adds what is new, and replaces lists as a whole', () => {
    const live = { ...seen, info: [1, 2], extra: true };
    const wanted = { source: seen.source, info: [3], added: {} };
    expect(changedFields(live, seen, wanted)).toEqual({
      source: seen.source,
      info: [3],
      extra: true,
      added: {},
    });
  });

  it('takes the values of a chart as one value, in which a null stays', () => {
    const helm = { valuesObject: { x: null } };
    const wanted = { ...seen, source: { ...seen.source, helm } };
    expect(changedFields(seen, seen, wanted)).toEqual(wanted);
  });

  it('lets the last one win where both change the same field', () => {
    const live = { ...seen, project: 'shop' };
    expect(changedFields(live, seen, { ...seen, project: 'ops' }).project).toBe('ops');
    expect(changedFields({ source: 'text' }, seen, { ...seen, source: { path: 'b' } })).toMatchObject({
      source: { path: 'b' },
    });
  });

  it('leaves everything as it is where nothing is changed', () => {
    const live = { project: 'other' };
    expect(changedFields(live, seen, seen)).toEqual(live);
  });
});
