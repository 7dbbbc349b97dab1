import { waitUntilEstablished } from '../../../cluster/discovery/established.ts';
import type { ClusterClient } from '../../../cluster/request/client.ts';
import type { Manifest } from '../../../core/object/manifest/manifest.ts';

const kinds = [
  ['Application', 'applications'],
  ['AppProject', 'appprojects'],
] as const;

function definitionOf([kind, plural]: (typeof kinds)[number]): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.argoproj.io` },
    spec: {
      group: 'argoproj.io',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  };
}

/** Makes a cluster serve the kinds that are mirrored; what is there stays. */
export async function installHomeKinds(client: ClusterClient): Promise<void> {
  for (const kind of kinds) {
    const definition = definitionOf(kind);
    await client.applyServerSide(definition, { fieldManager: 'keelson-definitions' });
    await waitUntilEstablished(client, definition, AbortSignal.timeout(30_000));
  }
}
