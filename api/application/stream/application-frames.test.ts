import { describe, expect, test } from 'vitest';
import { readFields } from '../../request/fields.ts';
import type { ApplicationEvent } from './application-feed.ts';
import { createFramer } from './application-frames.ts';

function event(type: ApplicationEvent['type'], version: number, path = '.'): ApplicationEvent {
  return {
    type,
    id: 'id',
    application: {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'web', namespace: 'argocd', resourceVersion: String(version) },
      spec: { project: 'default', source: { repoURL: '/git', path }, destination: { name: 'in-cluster' } },
    },
  };
}

describe('api/application-frames', () => {
  test('a state that the reader has seen, or an older one, is not sent', () => {
    const { frame } = createFramer(readFields(undefined), 10);
    expect(frame(event('MODIFIED', 10))).toBeUndefined();
    expect(frame(event('MODIFIED', 12))).toContain('"resourceVersion":"12"');
    // A replay that was read before the change and is put after it.
    expect(frame(event('ADDED', 11, 'old'))).toBeUndefined();
    expect(frame(event('MODIFIED', 12))).toBeUndefined();
  });

  test('a change that the wanted fields do not show is not sent', () => {
    const { frame } = createFramer(
      readFields('result.type,result.application.spec.source.path', 'result'),
      0,
    );
    expect(frame(event('ADDED', 1))).toBe(
      '{"result":{"type":"ADDED","application":{"spec":{"source":{"path":"."}}}}}',
    );
    expect(frame(event('MODIFIED', 2))).toBeUndefined();
    expect(frame(event('MODIFIED', 3, 'other'))).toContain('other');
    expect(frame(event('DELETED', 4, 'other'))).toContain('DELETED');
  });

  test('a reader is told once that an application is new', () => {
    const { frame } = createFramer(readFields('result.type', 'result'), 0);
    expect(frame(event('ADDED', 1))).toBe('{"result":{"type":"ADDED"}}');
    const { frame: all } = createFramer(readFields(undefined), 0);
    all(event('ADDED', 1));
    // Its creation and its first change, read together after the replay.
    expect(all(event('ADDED', 2, 'other'))).toContain('"type":"MODIFIED"');
  });

  test('what may not be seen any more goes without a word of what it is now, and what may be comes', () => {
    const framer = createFramer(readFields(undefined), 10);
    const application = { id: 'id', name: 'web', namespace: 'argocd' };
    expect(framer.hide('id')).toBeUndefined();
    expect(framer.known().has('id')).toBe(false);
    // Older than what the reader knows of the others.
    expect(framer.reveal(event('ADDED', 7, 'old'))).toContain('"type":"ADDED"');
    expect(framer.reveal(event('ADDED', 8))).toBeUndefined();
    expect(framer.known().has('id')).toBe(true);
    framer.frame(event('MODIFIED', 12, 'secret'));
    const hidden = framer.hide('id');
    expect(hidden).toBe(
      '{"result":{"type":"DELETED","application":{"apiVersion":"argoproj.io/v1alpha1","kind":"Application","metadata":{"name":"web","namespace":"argocd","uid":"id","resourceVersion":"12"},"spec":{"project":"","destination":{}}}}}',
    );
    expect(framer.hide('id')).toBeUndefined();
    framer.begin([application]);
    expect(framer.frame(event('MODIFIED', 10))).toBeUndefined();
    expect(framer.hide('id')).toContain('"resourceVersion":"10"');
  });
});
