import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ClusterChoice } from '../../cli/command.ts';
import { credentialsFromKubeconfig } from '../../cluster/access/kubeconfig.ts';
import { type ClusterClient, createClusterClient } from '../../cluster/request/client.ts';
import { KeelsonError } from '../../core/errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Runs something with the cluster that an operator means: of the flags, else the home cluster of the roles in whose
 * environment the command runs, else the one that kubectl would use.
 */
export async function withOperatorCluster<Result>(
  env: Environment,
  choice: ClusterChoice,
  run: (client: ClusterClient) => Promise<Result>,
): Promise<Result> {
  const path = kubeconfigPath(env, choice);
  const context = choice.context ?? (isOfRoles(env, choice) ? env['KEELSON_IN_CLUSTER_CONTEXT'] : undefined);
  const client = createClusterClient(
    credentialsFromKubeconfig(await readKubeconfig(path), {
      directory: dirname(path),
      ...(context === undefined ? {} : { context }),
    }),
  );
  try {
    return await run(client);
  } finally {
    await client.close();
  }
}

function isOfRoles(env: Environment, { kubeconfig }: ClusterChoice): boolean {
  return kubeconfig === undefined && Boolean(env['KEELSON_IN_CLUSTER_KUBECONFIG']);
}

function kubeconfigPath(env: Environment, { kubeconfig }: ClusterChoice): string {
  // kubectl merges several files; the first is the one that it writes to.
  const [ofKubectl] = (env['KUBECONFIG'] ?? '').split(':').filter(Boolean);
  const path = kubeconfig ?? (env['KEELSON_IN_CLUSTER_KUBECONFIG'] || ofKubectl);
  return resolve(path ?? join(env['HOME'] ?? '.', '.kube', 'config'));
}

async function readKubeconfig(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new KeelsonError(
      'invalid-argument',
      `kubeconfig ${path} can't be read; name the file of the cluster with --kubeconfig FILE`,
      { cause },
    );
  }
}
