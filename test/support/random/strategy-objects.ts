import type { Manifest } from '../../../core/object/manifest/manifest.ts';

/** The fields of a container that strategies differ in. */
export type Container = { readonly env?: readonly object[]; readonly ports?: readonly object[] };

/** A Deployment; without replicas for what an autoscaler owns. */
export function web(replicas: number | undefined, container: Container, more: object = {}): Manifest {
  const labels = { app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'main', image: 'registry.k8s.io/pause:3.10', ...container, ...more }] },
      },
    },
  };
}

/** A definition of the kind Thing of a group. */
export function definitionOf(group: string): Manifest {
  const text = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `things.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Thing', plural: 'things', singular: 'thing', listKind: 'ThingList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: text } } },
        },
      ],
    },
  };
}
