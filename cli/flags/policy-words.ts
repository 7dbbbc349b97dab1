import type { Command } from 'commander';
import { KeelsonError } from '../../core/errors.ts';
import { readSettingsFile } from '../../core/settings/words/config-maps.ts';
import type { CliContext } from '../command.ts';
import { readNamedFile } from '../files/read-path.ts';
import { readInput } from '../terminal/prompt.ts';

/** Where policies are read from. */
export type PolicyFlags = { readonly policyFile?: string; readonly namespace?: string };

/** The data of `argocd-rbac-cm`, by the keys that it has there. */
export type PolicyData = Readonly<Record<string, string>>;

/** Adds the flags that say where policies are. */
export function addPolicyFlags(command: Command): Command {
  return command
    .option(
      '--policy-file <file>',
      'lines of policies, or a manifest of ConfigMap argocd-rbac-cm; - for standard input',
    )
    .option(
      '--namespace <namespace>',
      'ask the server for the policies in force; there is one namespace of them',
    );
}

/** The policies that the flags mean: of a file, without a server, or those in force on one. */
export async function readPolicyData(
  context: CliContext,
  command: Command,
  { policyFile, namespace }: PolicyFlags,
): Promise<PolicyData> {
  if ((policyFile === undefined) === (namespace === undefined)) {
    throw new KeelsonError(
      'invalid-argument',
      'policies are missing; give one of --policy-file and --namespace',
    );
  }
  if (policyFile === undefined) {
    const { configMaps } = await context.withClient(command, (client) => client.settings.get());
    return configMaps['argocd-rbac-cm'] ?? {};
  }
  const text = policyFile === '-' ? await readInput(context) : await readNamedFile(policyFile);
  return dataOf(text, policyFile);
}

/** Lines begin with `p`, `g` or `#`; a manifest has a kind. */
function dataOf(text: string, file: string): PolicyData {
  const isManifest = /^(?:kind|apiVersion):/m.test(text) || text.trimStart().startsWith('{');
  if (!isManifest) return { 'policy.csv': text };
  const { 'argocd-rbac-cm': data } = readSettingsFile(text, file);
  if (data !== undefined) return data;
  throw new KeelsonError(
    'manifest-invalid',
    `${file}: holds no ConfigMap argocd-rbac-cm; give the one that has it`,
  );
}
