import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { toolPath } from '../../local/obtain/tools.ts';

/** Name of the application that a new user applies. */
const firstName = 'hello';

/** Leaves a `kubectl` in the state directory that speaks to the local cluster, whatever else a user has; its path. */
export async function writeKubectl(stateDir: string, kubeconfig: string): Promise<string> {
  const path = join(stateDir, 'kubectl');
  const words = [await toolPath('kubectl'), '--kubeconfig', kubeconfig].map(quoted).join(' ');
  writeFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
  return path;
}

/** Leaves an Application beside it that syncs an example of the sample's repository by itself; its path. */
export function writeFirstApplication(stateDir: string, repository: string, namespace: string): string {
  const path = join(stateDir, `${firstName}.yaml`);
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: firstName, namespace },
    spec: {
      project: 'default',
      source: { repoURL: pathToFileURL(repository).href, targetRevision: 'HEAD', path: 'guestbook' },
      destination: { server: 'https://kubernetes.default.svc', namespace: firstName },
      syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
    },
  };
  writeFileSync(path, stringify(application));
  return path;
}

/** A word of a shell as it is. */
function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
