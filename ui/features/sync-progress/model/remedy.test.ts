import { describe, expect, test } from 'vitest';
import { adviceFor } from './remedy.ts';

describe('ui/features/sync-progress/remedy', () => {
  test('the order after the last semicolon is the remedy', () => {
    expect(adviceFor('apps/Deployment web/api: is missing; add it to the folder')).toEqual({
      what: 'apps/Deployment web/api: is missing',
      remedy: 'add it to the folder',
    });
  });

  test('a remedy of the server says what it costs, however long that is', () => {
    const remedy =
      'revert the change, or have the object deleted and created anew, once with keelson app sync NAME --force or ' +
      'whenever it takes that with the annotation argocd.argoproj.io/sync-options: Force=true on it (that deletes ' +
      'the data of its volume unless the volume has the reclaim policy Retain, and waits until no pod uses it)';
    expect(adviceFor(`PersistentVolumeClaim a/b: field is immutable; ${remedy}`)).toEqual({
      what: 'PersistentVolumeClaim a/b: field is immutable',
      remedy,
    });
  });

  test('a cause with a semicolon of its own stays whole', () => {
    const message = 'exit status 1; "chart.yaml": no such file';
    expect(adviceFor(message)).toEqual({ what: message });
  });

  test('an unknown failure is shown as it is', () => {
    expect(adviceFor('it broke')).toEqual({ what: 'it broke' });
  });
});
