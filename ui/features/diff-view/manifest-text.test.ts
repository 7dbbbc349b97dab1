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

  test('a whole number beyond 2^53 is shown with every digit, judged or laid over', () => {
    const live =
      '{"metadata":{"name":"a","uid":"u"},"spec":{"id":9007199254740992,"top":9223372036854775807}}';
    const desired = '{"metadata":{"name":"a"},"spec":{"id":9007199254740993}}';
    expect(manifestText(live, { full: false })).toContain(
      'id: 9007199254740992\n  top: 9223372036854775807\n',
    );
    expect(predictedText(live, desired)).toContain('id: 9007199254740993\n  top: 9223372036854775807\n');
  });

  test.each([undefined, '', 'null'])('a missing state (%j) is empty', (missing) => {
    expect(manifestText(missing, { full: false })).toBe('');
  });
});
