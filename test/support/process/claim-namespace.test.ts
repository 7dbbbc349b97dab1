import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { claimNamespace } from './claim-namespace.ts';

const folder = mkdtempSync(join(tmpdir(), 'keelson-claims-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('test/support/process/claim-namespace', () => {
  const cluster = join(folder, 'one.kubeconfig');

  it('lets a file have a namespace as often as it likes', () => {
    claimNamespace(cluster, 'web', 'a.test.ts');
    claimNamespace(cluster, 'web', 'a.test.ts');
  });

  it('refuses it to another file, and names both', () => {
    claimNamespace(cluster, 'shop', 'a.test.ts');
    expect(() => claimNamespace(cluster, 'shop', 'b.test.ts')).toThrow(
      "namespace shop is a.test.ts's, and b.test.ts deploys to it on the same cluster: give it another name",
    );
  });

  it('knows nothing of other clusters', () => {
    claimNamespace(cluster, 'far', 'a.test.ts');
    claimNamespace(join(folder, 'two.kubeconfig'), 'far', 'b.test.ts');
  });
});
