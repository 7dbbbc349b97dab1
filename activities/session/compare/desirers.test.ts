import { beforeEach, describe, expect, it } from 'vitest';
import { createDesirers, type Desirers } from './desirers.ts';

const key = (name: string) => ({ group: '', kind: 'ConfigMap', namespace: 'prod', name });
const [a, b, c] = ['a', 'b', 'c'].map((id) => ({ id, instance: `app-${id}` })) as [
  { id: string; instance: string },
  { id: string; instance: string },
  { id: string; instance: string },
];

describe('activities/session/desirers', () => {
  let desirers: Desirers;
  let told: string[];

  beforeEach(() => {
    desirers = createDesirers();
    told = [];
    desirers.onShared((id) => told.push(id));
  });

  it('knows every application that desires an object', () => {
    desirers.note(a, '1', [key('x'), key('y')]);
    desirers.note(b, '1', [key('x')]);
    expect(desirers.of(key('x'))).toEqual([a, b]);
    expect(desirers.of(key('y'))).toEqual([a]);
    expect(desirers.of(key('z'))).toEqual([]);
  });

  it('tells the others when an application comes to share an object, ceases to, or goes', () => {
    desirers.note(a, '1', [key('x')]);
    desirers.note(c, '1', [key('other')]);
    expect(told).toEqual([]);
    desirers.note(b, '1', [key('x')]);
    expect(told).toEqual(['a']);
    desirers.note(b, '2', []);
    expect(told).toEqual(['a', 'a']);
    desirers.note(b, '3', [key('x')]);
    desirers.drop('b');
    expect(told).toEqual(['a', 'a', 'a', 'a']);
    expect(desirers.of(key('x'))).toEqual([a]);
  });

  it('notes one version once, and nothing of objects that have no name yet', () => {
    desirers.note(a, '1', [key('x')]);
    desirers.note(b, '1', [key('x')]);
    desirers.note(b, '1', [key('y')]);
    expect(desirers.of(key('y'))).toEqual([]);
    expect(told).toEqual(['a']);
    desirers.note(a, '2', [key('')]);
    desirers.note(b, '2', [key('')]);
    expect(desirers.of(key(''))).toEqual([]);
  });
});
