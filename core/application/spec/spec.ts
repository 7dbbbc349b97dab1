import { z } from 'zod';
import { ApplicationSource } from '../source/source-spec.ts';
import { ApplicationStatus } from '../status.ts';
import {
  ApplicationOperation,
  Destination,
  IgnoreDifference,
  NamedValue,
  SyncPolicy,
} from './sync-policy.ts';

/** What an application should be: sources, destination and the rules of its syncs. */
export const ApplicationSpec = z.looseObject({
  project: z.string().default('default'),
  /** Ignored entirely when `sources` is not empty. */
  source: ApplicationSource.optional(),
  sources: z.array(ApplicationSource).optional(),
  destination: Destination,
  syncPolicy: SyncPolicy.optional(),
  ignoreDifferences: z.array(IgnoreDifference).optional(),
  info: z.array(NamedValue).optional(),
  revisionHistoryLimit: z.number().int().optional(),
});
export type ApplicationSpec = z.infer<typeof ApplicationSpec>;

/** Metadata of an Application as far as it is read. */
export const ApplicationMetadata = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().int().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
});
export type ApplicationMetadata = z.infer<typeof ApplicationMetadata>;

/** The Application object that users write; fields that Keelson never reads pass through untouched. */
export const Application = z.looseObject({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('Application'),
  metadata: ApplicationMetadata,
  spec: ApplicationSpec,
  operation: ApplicationOperation.optional(),
  status: ApplicationStatus.optional(),
});
export type Application = z.infer<typeof Application>;

/** The spec as it is stored: an empty project is `default`, and blocks that say nothing are left out. */
export function normalizeSpec(spec: ApplicationSpec): ApplicationSpec {
  const { source, sources, syncPolicy, ...rest } = spec;
  return {
    ...rest,
    project: spec.project === '' ? 'default' : spec.project,
    ...(source === undefined ? {} : { source: normalizeSource(source) }),
    ...(sources === undefined ? {} : { sources: sources.map(normalizeSource) }),
    ...(isZero(syncPolicy) ? {} : { syncPolicy }),
  };
}

function normalizeSource(source: ApplicationSource): ApplicationSource {
  const { helm, kustomize, directory, ...rest } = source;
  return {
    ...rest,
    ...(isZero(helm) ? {} : { helm }),
    ...(isZero(kustomize) ? {} : { kustomize }),
    ...(isZero(directory) ? {} : { directory }),
  };
}

/** Whether a block says nothing: `automated: {}` does say something, it turns automated sync on. */
function isZero(block: Readonly<Record<string, unknown>> | undefined): boolean {
  if (block === undefined) return true;
  return Object.values(block).every(
    (value) =>
      value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Kubernetes reads null as absent; inside Helm values it has a meaning of its own and stays. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(
    kept.map(([name, child]) => [name, name === 'valuesObject' ? child : withoutNulls(child)]),
  );
}
