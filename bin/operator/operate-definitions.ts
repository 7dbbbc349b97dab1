import type { OperatorOfDefinitions } from '../../cli/command.ts';
import {
  type InstalledDefinition,
  installDefinitions,
} from '../../cluster/installation/install-definitions.ts';
import { definitionTexts, ownDefinitions } from '../compose/definitions.ts';
import { withOperatorCluster } from './operator-cluster.ts';

/** Prints and installs the definitions of our kinds; installing needs a kubeconfig, and no role. */
export function operatorOfDefinitions(
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): OperatorOfDefinitions {
  return {
    text: async () => [...(await definitionTexts()).values()].join('---\n'),
    install: (choice, takeOver): Promise<readonly InstalledDefinition[]> =>
      withOperatorCluster(env, choice, async (client) =>
        installDefinitions(client, await ownDefinitions(), { signal, takeOver }),
      ),
  };
}
