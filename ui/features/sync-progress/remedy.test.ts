import { describe, expect, test } from 'vitest';
import { adviceFor } from './remedy.ts';

describe('ui/features/sync-progress/remedy', () => {
  test('the order after the last semicolon is the remedy', () => {
    expect(adviceFor('apps/Deployment web/api: is missing; add it to the folder')).toEqual({
      what: 'apps/Deployment web/api: is missing',
      remedy: 'add it to the folder',
    });
  });

  test('a failure that Kubernetes words without a remedy gets one', () => {
    const { what, remedy } = adviceFor('Service "a" is invalid: spec.clusterIP: field is immutable');
    expect(what).toContain('field is immutable');
    expect(remedy).toContain('Replace');
  });

  test('a cause with a semicolon of its own stays whole', () => {
    const message = 'exit status 1; "chart.yaml": no such file';
    expect(adviceFor(message)).toEqual({ what: message });
  });

  test('an unknown failure is shown as it is', () => {
    expect(adviceFor('it broke')).toEqual({ what: 'it broke' });
  });
});
