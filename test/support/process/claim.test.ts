import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { claim } from './claim.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-claims-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('test/support/process/claim', () => {
  const cluster = join(folder, 'one.kubeconfig');
  const by = (file: string, kubeconfigPath = cluster) => ({ kubeconfigPath, file });

  it('lets a file have a namespace as often as it likes', () => {
    claim(by('a.test.ts'), 'namespace', 'web');
    claim(by('a.test.ts'), 'namespace', 'web');
  });

  it('refuses it to another file, and names both', () => {
    claim(by('a.test.ts'), 'application', 'shop');
    expect(() => claim(by('b.test.ts'), 'application', 'shop')).toThrow(
      "application shop is a.test.ts's, and b.test.ts wants it on the same cluster: give it another name",
    );
  });

  it('keeps names of applications and of namespaces apart', () => {
    claim(by('a.test.ts'), 'namespace', 'apart');
    claim(by('b.test.ts'), 'application', 'apart');
  });

  it('knows nothing of other clusters', () => {
    claim(by('a.test.ts'), 'namespace', 'far');
    claim(by('b.test.ts', join(folder, 'two.kubeconfig')), 'namespace', 'far');
  });
});
