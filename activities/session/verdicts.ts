import { createHash } from 'node:crypto';
import type { ClusterClient } from '../../cluster/client.ts';
import { isUnchanged, liveFingerprintSource } from '../../core/diff/compare.ts';
import { KeelsonError } from '../../core/errors.ts';
import type { Manifest } from '../../core/object/manifest.ts';

/** Remembered verdicts per cluster; the oldest go first. */
const remembered = 50_000;

export type Verdict = {
  readonly changed: boolean;
  /** Why the API server couldn't tell, when it couldn't; the object then counts as changed. */
  readonly reason?: string;
};

/** Tells whether applying a manifest would change the live object, asking the API server once per pair of contents. */
export type Verdicts = {
  compare(desired: { manifest: Manifest; digest: string }, live: Manifest): Promise<Verdict>;
};

export function createVerdicts(client: ClusterClient): Verdicts {
  const known = new Map<string, Promise<Verdict>>();
  return {
    compare(desired, live) {
      const fingerprint = createHash('sha256').update(liveFingerprintSource(live)).digest('base64');
      const id = `${desired.digest}/${fingerprint}`;
      const found = known.get(id);
      if (found !== undefined) return found;
      const asked = ask(client, desired.manifest, live);
      known.set(id, asked);
      asked.catch(() => known.delete(id));
      if (known.size > remembered) {
        const [oldest] = known.keys();
        if (oldest !== undefined) known.delete(oldest);
      }
      return asked;
    },
  };
}

async function ask(client: ClusterClient, desired: Manifest, live: Manifest): Promise<Verdict> {
  try {
    const predicted = await client.applyServerSide(desired, {
      dryRun: true,
      force: true,
      fieldValidation: 'Ignore',
    });
    return { changed: !isUnchanged(live, predicted) };
  } catch (error) {
    if (!(error instanceof KeelsonError) || error.retryable) throw error;
    return { changed: true, reason: error.message };
  }
}
