/** How a text is divided into documents. */
type Division =
  /** As kubectl does: JSON objects one after another, or YAML between lines of `---`. */
  | 'stream'
  /** The first document alone: what comes after it is never looked at. */
  | 'first'
  /** JSON as a whole, or else the first document. */
  | 'json-or-first';

type Reading = {
  readonly documents: Division;
  /** Refused beyond, since the process stands still while it reads: a million characters take about 0.3 s. */
  readonly maxCharacters: number;
};

const megabyte = 1024 * 1024;

/**
 * Each kind of foreign file, read as the program reads it that has the last word on it. All of them turn YAML into
 * JSON with the same library (sigs.k8s.io/yaml), where the last of two equal keys counts, so they differ in little.
 */
export const fileKinds = {
  /** Manifests and what tools print, for kubectl. Callers limit folders and output, so this is a last resort. */
  manifests: { documents: 'stream', maxCharacters: 256 * megabyte },
  /** Values of `argocd-cm`, plugin.yaml and overrides, for the reference. A ConfigMap holds 1 MiB. */
  settings: { documents: 'first', maxCharacters: 2 * megabyte },
  /** `.argocd-source.yaml`, for the reference. */
  sourceOverride: { documents: 'first', maxCharacters: 2 * megabyte },
  /** kustomization.yaml, for Kustomize. */
  kustomization: { documents: 'first', maxCharacters: 4 * megabyte },
  /** Configurations of Kustomize's generators and transformers: objects, for Kustomize. */
  configuration: { documents: 'stream', maxCharacters: 4 * megabyte },
  /** Chart.yaml, requirements.yaml and locks, for Helm. */
  chart: { documents: 'first', maxCharacters: 4 * megabyte },
  /** Values of a chart, for Helm. */
  values: { documents: 'first', maxCharacters: 4 * megabyte },
  /** index.yaml of a Helm repository; larger ones are cut before they are read. */
  index: { documents: 'json-or-first', maxCharacters: 4 * megabyte },
  /** Files that belong to this program. */
  own: { documents: 'first', maxCharacters: 4 * megabyte },
} as const satisfies Readonly<Record<string, Reading>>;

/** A kind of foreign file. */
export type FileKind = keyof typeof fileKinds;

/** Nesting beyond this is refused, in JSON too. Kubernetes stops at 10,000 levels, objects use some 30. */
export const maxDepth = 500;

/**
 * Characters and nodes that the aliases of one document may add. Above the 1.5 MB that etcd stores per object, and
 * small enough that a chain of aliases is refused within a fraction of a second.
 */
export const maxExpansion = 2_000_000;
