import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPluginFile } from '../../core/plugin/plugin-file.ts';
import { createFileLock } from '../git/mirror/lock.ts';
import { withCache } from './cache.ts';

const file = `
apiVersion: argoproj.io/v1alpha1
kind: ConfigManagementPlugin
metadata:
  name: own
  annotations: {keelson.dev/cache: "true"}
spec:
  generate: {command: [/bin/true]}
`;

describe('activities/plugin/cache', () => {
  it.each([
    ['..', '..'],
    ['.', 'default'],
    ['../../out', '../out'],
    ['/etc', '/etc'],
    ['a%2Fb', '...'],
  ])(
    'gives plugin %s and project %s a folder of their own below that of all caches',
    async (address, project) => {
      const dir = await mkdtemp(join(tmpdir(), 'keelson-plugin-cache-'));
      const read = readPluginFile(file, (message) => expect.unreachable(message));
      if (read === undefined) expect.unreachable('the file of the plugin was not read');
      const limits = { timeoutSeconds: 10, maxOutputBytes: 1000 };
      const task = { root: dir, folder: dir, project, variables: {}, scratch: dir, limits };
      const caches = { dir, lock: createFileLock() };
      const path = await withCache({ ...read, address }, task, caches, async (cache) => cache?.path);
      expect(dirname(dirname(path ?? ''))).toBe(dir);
      await rm(dir, { recursive: true });
    },
  );
});
