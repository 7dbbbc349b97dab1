import { KeelsonError } from '../../core/errors.ts';
import type { RepositoryAccess } from '../../core/repository/access.ts';
import type { RenderDeps } from '../deps.ts';

/** Whether an address is one of an OCI artifact. */
export function isArtifact(url: string): boolean {
  return /^oci:\/\//i.test(url);
}

/** Throws in words why a repository can't be read. */
export async function requireReadable(
  deps: RenderDeps,
  access: RepositoryAccess,
  signal: AbortSignal,
): Promise<void> {
  if (access.type === 'git') {
    await deps.git.listRefs({ access, signal });
    return;
  }
  const isWeb = /^https?:\/\//i.test(access.url) && access.credentials.enableOCI !== true;
  if (access.type === 'helm' && isWeb) {
    await deps.charts.list({ access, signal });
    return;
  }
  const url = isArtifact(access.url) ? access.url : `oci://${access.url.replace(/^https?:\/\//i, '')}`;
  try {
    await deps.artifacts.tags({ access: { ...access, url }, signal });
  } catch (error) {
    // A folder of charts is no repository itself; that the registry says so means that it lets us ask.
    if (access.type !== 'helm' || reasonOf(error) !== 'not-found') throw error;
  }
}

function reasonOf(error: unknown): unknown {
  return error instanceof KeelsonError ? error.details['reason'] : undefined;
}
