import type { Application } from '../../../core/application/spec/spec.ts';
import type { Issue } from '../../../core/issue.ts';
import { sameJson } from '../../../core/object/json/canonical.ts';

/** What the form asks for, as texts and switches. */
export type Draft = {
  readonly name: string;
  readonly project: string;
  readonly repoURL: string;
  readonly targetRevision: string;
  /** Whether `place` is a folder in Git or a chart of a Helm repository. */
  readonly sourceKind: 'path' | 'chart';
  readonly place: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly automated: boolean;
  readonly prune: boolean;
  readonly selfHeal: boolean;
  readonly createNamespace: boolean;
  readonly deleteResources: boolean;
};

export const emptyDraft: Draft = {
  name: '',
  project: 'default',
  repoURL: '',
  targetRevision: 'HEAD',
  sourceKind: 'path',
  place: '',
  cluster: 'https://kubernetes.default.svc',
  namespace: '',
  automated: false,
  prune: false,
  selfHeal: false,
  createNamespace: true,
  deleteResources: true,
};

/** Deleting the application deletes what it deployed, as long as it carries this. */
const resourcesFinalizer = 'resources-finalizer.argocd.argoproj.io';

/** The Application object that a filled form describes. */
export function applicationOf(draft: Draft): Record<string, unknown> {
  const trimmed = (text: string) => text.trim();
  const cluster = trimmed(draft.cluster);
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name: trimmed(draft.name),
      ...(draft.deleteResources ? { finalizers: [resourcesFinalizer] } : {}),
    },
    spec: {
      project: trimmed(draft.project),
      source: {
        repoURL: trimmed(draft.repoURL),
        targetRevision: trimmed(draft.targetRevision),
        [draft.sourceKind]: trimmed(draft.place),
      },
      destination: {
        ...(cluster.includes('://') ? { server: cluster } : { name: cluster }),
        namespace: trimmed(draft.namespace),
      },
      ...syncPolicyOf(draft),
    },
  };
}

/**
 * The form's fields for an application that was edited as text; undefined when it says something that the form has
 * no field for, since going back would silently drop it.
 */
export function draftOfApplication(application: Application): Draft | undefined {
  const { metadata, spec } = application;
  const { source, destination, syncPolicy } = spec;
  const draft: Draft = {
    name: metadata.name,
    project: spec.project,
    repoURL: source?.repoURL ?? '',
    targetRevision: source?.targetRevision ?? '',
    sourceKind: source?.chart === undefined ? 'path' : 'chart',
    place: source?.chart ?? source?.path ?? '',
    cluster: destination.server ?? destination.name ?? '',
    namespace: destination.namespace ?? '',
    automated: syncPolicy?.automated !== undefined,
    prune: syncPolicy?.automated?.prune ?? false,
    selfHeal: syncPolicy?.automated?.selfHeal ?? false,
    createNamespace: syncPolicy?.syncOptions?.includes('CreateNamespace=true') ?? false,
    deleteResources: metadata.finalizers?.includes(resourcesFinalizer) ?? false,
  };
  return sameJson(applicationOf(draft), application) ? draft : undefined;
}

function syncPolicyOf(draft: Draft): Record<string, unknown> {
  const automated = { prune: draft.prune, selfHeal: draft.selfHeal };
  const syncPolicy = {
    ...(draft.automated ? { automated } : {}),
    ...(draft.createNamespace ? { syncOptions: ['CreateNamespace=true'] } : {}),
  };
  return Object.keys(syncPolicy).length === 0 ? {} : { syncPolicy };
}

const fields: readonly (readonly [RegExp, keyof Draft])[] = [
  [/^metadata\.name/, 'name'],
  [/^spec\.project/, 'project'],
  [/^spec\.source\.repoURL/, 'repoURL'],
  [/^spec\.source\.targetRevision/, 'targetRevision'],
  [/^spec\.source\.(path|chart)/, 'place'],
  [/^spec\.destination\.namespace/, 'namespace'],
  [/^spec\.destination/, 'cluster'],
];

/** Issues by the form field that they belong to; those of no field stay with the form as a whole. */
export function issuesByField(issues: readonly Issue[]): {
  readonly byField: Partial<Record<keyof Draft, string>>;
  readonly others: readonly Issue[];
} {
  const byField: Partial<Record<keyof Draft, string>> = {};
  const others: Issue[] = [];
  for (const issue of issues) {
    const field = fields.find(([pattern]) => pattern.test(issue.path))?.[1];
    if (field === undefined) others.push(issue);
    else
      byField[field] = byField[field] === undefined ? issue.message : `${byField[field]}; ${issue.message}`;
  }
  return { byField, others };
}
