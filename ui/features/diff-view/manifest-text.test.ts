import { describe, expect, test } from 'vitest';
import { manifestText, predictedText } from './manifest-text.ts';

const state = JSON.stringify({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: { name: 'a', uid: 'u', managedFields: [{ manager: 'keelson' }] },
  status: { ready: true },
});

describe('ui/features/diff-view/manifest-text', () => {
  test('a comparison leaves out status and what the cluster fills in, and sorts its fields', () => {
    expect(manifestText(state, { full: false })).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n',
    );
  });

  test('the full text keeps everything but the managed fields', () => {
    const text = manifestText(state, { full: true });
    expect(text).toContain('uid: u');
    expect(text).toContain('ready: true');
    expect(text).not.toContain('managedFields');
  });

  test('a desired state that the API server did not judge is laid over the live one', () => {
    const live = JSON.stringify({ metadata: { name: 'a', uid: 'u' }, spec: { a: 1, filled: true } });
    const desired = JSON.stringify({ metadata: { name: 'a' }, spec: { a: 2 } });
    expect(predictedText(live, desired)).toContain('filled: true');
    const judged = JSON.stringify({ metadata: { name: 'a', uid: 'u' }, spec: { a: 2 } });
    expect(predictedText(live, judged)).not.toContain('filled');
  });

  test.each([undefined, '', 'null'])('a missing state (%j) is empty', (missing) => {
    expect(manifestText(missing, { full: false })).toBe('');
  });
});
