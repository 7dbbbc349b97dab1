import { describe, expect, it } from 'vitest';
import { hasOtherArms } from './union-arms.ts';

const deployment = (strategy: unknown) => ({ spec: { replicas: 1, strategy } });
const pod = (...volumes: object[]) => ({ spec: { volumes } });
const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } };

describe('core/apply/union-arms', () => {
  it.each<[string, string, unknown, unknown, boolean]>([
    [
      'a strategy whose parameters stay behind',
      'Deployment',
      deployment({ type: 'Recreate' }),
      deployment(rolling),
      true,
    ],
    ['a strategy that is desired as it is', 'Deployment', deployment(rolling), deployment(rolling), false],
    ['a strategy that nobody asks for', 'Deployment', { spec: {} }, deployment(rolling), false],
    [
      'a volume with another source',
      'Pod',
      pod({ name: 'v', configMap: {} }),
      pod({ name: 'v', emptyDir: {} }),
      true,
    ],
    [
      'volumes of other names',
      'Pod',
      pod({ name: 'v', configMap: {} }),
      pod({ name: 'w', emptyDir: {} }),
      false,
    ],
    ['defaults that are no union', 'Pod', { spec: {} }, { spec: { restartPolicy: 'Always' } }, false],
  ])('knows %s', (_name, kind, desired, live, expected) => {
    expect(hasOtherArms(kind, desired, live)).toBe(expected);
  });
});
