import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Manifest } from '../../core/object/manifest/manifest.ts';
import { readDocuments } from '../../core/yaml/read.ts';

/** What a fragment stands in: everything that it needs around it to be a whole object, and nothing that it says itself. */
export type Frame = (fragment: Fields) => Fields;

type Fields = Readonly<Record<string, unknown>>;

/** The text of a block as users would type it. */
export function blockText(block: string): string {
  return readFileSync(fileURLToPath(new URL(`blocks/${block}`, import.meta.url)), 'utf8');
}

/** The objects of a block, in its frame where it is a fragment. */
export function blockObjects(block: string, frame: Frame = (whole) => whole): Manifest[] {
  return readDocuments(blockText(block), 'manifests').map((document) => {
    if (!('value' in document)) throw new Error(`${block}:${document.line}: ${document.problem}`);
    const framed: Manifest = JSON.parse(JSON.stringify(frame(document.value as Fields)));
    return framed;
  });
}

const destinationOf = (namespace: string) => ({ server: 'https://kubernetes.default.svc', namespace });
const plainSource = {
  repoURL: 'https://github.com/my-org/my-app.git',
  targetRevision: 'main',
  path: 'overlays/production',
};

/** An Application around fields of its spec. */
export const applicationSpec =
  (name: string) =>
  (fragment: Fields): Manifest => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd' },
    spec: { project: 'default', source: plainSource, destination: destinationOf(name), ...fragment },
  });

/** An Application around `spec:` or `metadata:` of one, or around one that lacks its spec. */
export const applicationPart =
  (name: string): Frame =>
  ({ metadata, spec }) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace: 'argocd', ...(metadata as object) },
    spec: { project: 'default', source: plainSource, destination: destinationOf(name), ...(spec as object) },
  });

/** A ConfigMap of settings around its `data:`. */
export const settingsMap: Frame = (fragment) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'argocd-cm', namespace: 'argocd' },
  ...fragment,
});

/** An ApplicationSet around fields of its spec. */
export const applicationSetSpec =
  (name: string): Frame =>
  (fragment) => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name, namespace: 'argocd' },
    spec: { goTemplate: true, ...fragment },
  });

/** An ApplicationSet whose generator is left open: a list of one element. */
export const openGenerator: Frame = (set) => ({
  ...set,
  spec: {
    ...(set['spec'] as object),
    generators: [
      {
        list: {
          elements: [
            {
              name: 'web',
              environment: 'staging',
              repoURL: 'https://github.com/my-org/my-app.git',
              revision: 'main',
              path: 'overlays/staging',
              cluster: 'https://kubernetes.default.svc',
              namespace: 'web-staging',
            },
          ],
        },
      },
    ],
  },
});
