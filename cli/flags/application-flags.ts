import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { readApplication } from '../../core/application/spec/read-application.ts';
import type { Application, ApplicationSpec } from '../../core/application/spec/spec.ts';
import type { SyncPolicy } from '../../core/application/spec/sync-policy.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatIssues } from '../../core/issue.ts';
import { ownField } from '../../core/own-field.ts';
import { parseDuration } from '../../core/text/duration.ts';
import { splitName } from '../../core/wire/requests/application-name.ts';
import { parseInteger } from './flag-value.ts';
import { assignments, type Flag, sourceFlags } from './source-flags.ts';

const foregroundFinalizer = 'resources-finalizer.argocd.argoproj.io';

/** An Application before it is checked: the parts that flags can set are always there. */
export type Draft = {
  readonly metadata: { readonly name: string } & Readonly<Record<string, unknown>>;
  readonly spec: Readonly<Record<string, unknown>> & {
    readonly destination: ApplicationSpec['destination'];
    readonly syncPolicy: SyncPolicy;
  };
};

const destination = (draft: Draft, change: Partial<ApplicationSpec['destination']>): Draft =>
  withSpec(draft, { destination: { ...draft.spec.destination, ...change } });
const policy = (draft: Draft, change: Partial<SyncPolicy>): Draft =>
  withSpec(draft, { syncPolicy: { ...draft.spec.syncPolicy, ...change } });
const metadata = (draft: Draft, change: Readonly<Record<string, unknown>>): Draft => ({
  ...draft,
  metadata: { ...draft.metadata, ...change },
});

function withSpec(draft: Draft, change: Partial<Draft['spec']>): Draft {
  return { ...draft, spec: { ...draft.spec, ...change } };
}

/** Flags that say where to, in which project, and by which rules an application is synced; in order of effect. */
export const draftFlags: readonly Flag<Draft>[] = [
  text('dest-server', 'API URL of the cluster', (draft, server) => destination(draft, { server })),
  text('dest-name', 'name of the cluster', (draft, name) => destination(draft, { name })),
  text('dest-namespace', 'namespace for objects that name none', (draft, namespace) =>
    destination(draft, { namespace }),
  ),
  text('project', 'project', (draft, project) => withSpec(draft, { project })),
  text('sync-policy', 'none (manual) or auto', setSyncPolicy),
  automated('auto-prune', 'prune in automated syncs', 'prune'),
  automated('self-heal', 'sync again when the cluster drifts', 'selfHeal'),
  automated('allow-empty', 'let automated syncs delete everything', 'allowEmpty'),
  {
    kind: 'list',
    name: 'sync-option',
    description: 'sync option such as CreateNamespace=true; !OPTION removes one',
    apply: setSyncOptions,
  },
  retry('sync-retry-limit', 'retries of a failed sync; below 0 unlimited', (earlier, value) => ({
    ...earlier,
    limit: parseInteger(value, '--sync-retry-limit'),
  })),
  backoff('sync-retry-backoff-duration', 'wait before the first retry (5s)', (value) => ({
    duration: checkedDuration(value),
  })),
  backoff('sync-retry-backoff-factor', 'growth of the wait with each retry (2)', (value) => ({
    factor: parseInteger(value, '--sync-retry-backoff-factor'),
  })),
  backoff('sync-retry-backoff-max-duration', 'longest wait (3m)', (value) => ({
    maxDuration: checkedDuration(value),
  })),
  text('revision-history-limit', 'syncs kept for rollback (10)', (draft, value) =>
    withSpec(draft, { revisionHistoryLimit: parseInteger(value, '--revision-history-limit') }),
  ),
  {
    kind: 'switch',
    name: 'set-finalizer',
    description: 'delete the objects together with the application',
    apply: (draft, on) => (on ? metadata(draft, { finalizers: [foregroundFinalizer] }) : draft),
  },
  {
    kind: 'list',
    name: 'label',
    short: 'l',
    description: 'label NAME=VALUE',
    apply: (draft, values) => setMetadataMap(draft, 'labels', values, '--label'),
  },
  {
    kind: 'list',
    name: 'annotations',
    description: 'annotation NAME=VALUE',
    apply: (draft, values) => setMetadataMap(draft, 'annotations', values, '--annotations'),
  },
  text('app-namespace', 'namespace of the application itself', (draft, namespace) =>
    metadata(draft, { namespace }),
  ),
];

/** Values of flags by their long name; a flag that was not given is absent. */
export type FlagValues = Readonly<Record<string, unknown>>;

/** Where the Application starts from: nothing, or what a file says. */
export type ApplicationBase = { readonly name: string | undefined; readonly file?: unknown };

/** Builds an Application from a name, a file's content and flags, which win over the file; throws on any issue. */
export function buildApplication(base: ApplicationBase, values: FlagValues): Application {
  const file = asFields(base.file);
  const fileSpec = asFields(file['spec']);
  const fileMetadata = asFields(file['metadata']);
  const given = splitName(base.name ?? '');
  const name = agreed('name', given.name, fileMetadata['name']);
  const namespace = agreed(
    'namespace',
    given.namespace ?? '',
    values['app-namespace'] ?? fileMetadata['namespace'],
  );
  let draft: Draft = {
    metadata: { ...fileMetadata, name, ...(namespace === '' ? {} : { namespace }) },
    spec: {
      ...fileSpec,
      project: fileSpec['project'] ?? 'default',
      destination: asFields(fileSpec['destination']),
      syncPolicy: asFields(fileSpec['syncPolicy']),
    },
  };
  draft = applyFlags(draftFlags, draft, values);
  const source = sourceOf(fileSpec, values);
  const { syncPolicy, ...spec } = draft.spec;
  const read = readApplication({
    apiVersion: file['apiVersion'] ?? 'argoproj.io/v1alpha1',
    kind: file['kind'] ?? 'Application',
    metadata: draft.metadata,
    spec: {
      ...spec,
      ...(source === undefined ? {} : { source }),
      ...(Object.keys(syncPolicy).length === 0 ? {} : { syncPolicy }),
    },
  });
  if (read.value !== undefined) return read.value;
  throw new KeelsonError('invalid-argument', `application ${name}: ${formatIssues(read.issues)}`);
}

/** A part of the name, which may be said twice but not in two ways. */
function agreed(part: 'name' | 'namespace', given: string, elsewhere: unknown): string {
  const other = typeof elsewhere === 'string' ? elsewhere : '';
  if (given === '') return other;
  if (other === '' || other === given) return given;
  throw new KeelsonError(
    'invalid-argument',
    `application ${part} "${given}" is not the file's metadata.${part} "${other}"; leave one of them out`,
  );
}

function sourceOf(fileSpec: Fields, values: FlagValues): unknown {
  if (!hasSourceFlags(values)) return fileSpec['source'];
  if (Array.isArray(fileSpec['sources'])) {
    throw new KeelsonError(
      'invalid-argument',
      'application has several sources, and source flags do not say which one they mean; edit the file, or use keelson app set --source-position',
    );
  }
  return applySourceFlags({ repoURL: '', ...asFields(fileSpec['source']) }, values);
}

/** Whether any flag that was given is about a source. */
export function hasSourceFlags(values: FlagValues): boolean {
  return (
    sourceFlags.some((flag) => ownField(values, flag.name) !== undefined) ||
    values['values-literal'] !== undefined
  );
}

/** A source as the flags that were given want it. */
export function applySourceFlags(source: ApplicationSource, values: FlagValues): ApplicationSource {
  const changed = applyFlags(sourceFlags, source, values);
  const literal = values['values-literal'];
  return typeof literal === 'string' ? { ...changed, helm: { ...changed.helm, values: literal } } : changed;
}

/** Applies the flags that were given, in order of effect. */
export function applyFlags<Target>(
  flags: readonly Flag<Target>[],
  target: Target,
  values: Readonly<Record<string, unknown>>,
): Target {
  let result = target;
  for (const flag of flags) {
    const value = ownField(values, flag.name);
    if (flag.kind === 'text' && typeof value === 'string') result = flag.apply(result, value);
    if (flag.kind === 'switch' && typeof value === 'boolean') result = flag.apply(result, value);
    if (flag.kind === 'list' && Array.isArray(value)) result = flag.apply(result, value.map(String));
  }
  return result;
}

function setSyncPolicy(draft: Draft, value: string): Draft {
  if (value === 'none' || value === 'manual') {
    const { automated: _, ...rest } = draft.spec.syncPolicy;
    return withSpec(draft, { syncPolicy: rest });
  }
  if (value === 'auto' || value === 'automated' || value === 'automatic') {
    return policy(draft, { automated: draft.spec.syncPolicy.automated ?? {} });
  }
  throw new KeelsonError('invalid-argument', `--sync-policy "${value}" is unknown; use none or auto`);
}

function automated(
  name: string,
  description: string,
  field: 'prune' | 'selfHeal' | 'allowEmpty',
): Flag<Draft> {
  const apply = (draft: Draft, on: boolean): Draft => {
    const earlier = draft.spec.syncPolicy.automated;
    if (earlier !== undefined) return policy(draft, { automated: { ...earlier, [field]: on } });
    throw new KeelsonError('invalid-argument', `--${name} is about automated sync; add --sync-policy auto`);
  };
  return { kind: 'switch', name, description, apply };
}

function setSyncOptions(draft: Draft, values: readonly string[]): Draft {
  let syncOptions = draft.spec.syncPolicy.syncOptions ?? [];
  for (const value of values) {
    const removed = value.startsWith('!') ? value.slice(1) : value;
    syncOptions = syncOptions.filter((option) => option !== removed);
    if (removed === value) syncOptions = [...syncOptions, value];
  }
  return policy(draft, { syncOptions });
}

type Retry = NonNullable<SyncPolicy['retry']>;

function retry(name: string, description: string, change: (earlier: Retry, value: string) => Retry) {
  return text(name, description, (draft, value) =>
    policy(draft, { retry: change(draft.spec.syncPolicy.retry ?? {}, value) }),
  );
}

/** The backoff flags refine a retry; alone they would turn one on with no limit said. */
function backoff(name: string, description: string, read: (value: string) => Partial<Retry['backoff']>) {
  return retry(name, description, (earlier, value) => {
    const change = read(value);
    if (earlier.limit === undefined) {
      throw new KeelsonError('invalid-argument', `--${name} refines retries; add --sync-retry-limit`);
    }
    return { ...earlier, backoff: { ...earlier.backoff, ...change } };
  });
}

function checkedDuration(value: string): string {
  parseDuration(value);
  return value;
}

function setMetadataMap(
  draft: Draft,
  field: 'labels' | 'annotations',
  values: readonly string[],
  flag: string,
): Draft {
  return metadata(draft, { [field]: { ...asFields(draft.metadata[field]), ...assignments(values, flag) } });
}

function text(name: string, description: string, apply: (draft: Draft, value: string) => Draft): Flag<Draft> {
  return { kind: 'text', name, description, apply };
}

type Fields = Readonly<Record<string, unknown>>;

function asFields(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value));
}
