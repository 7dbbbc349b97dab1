import type { FoundCondition } from '../application/conditions.ts';
import { ApplicationSpec } from '../application/spec/spec.ts';
import { sameJson } from '../object/json/canonical.ts';
import { ownField } from '../own-field.ts';
import { type WrittenField, writtenFields } from './fields.ts';
import { noEffectOf, noEffectYet } from './table.ts';

/** Type of the conditions that name what an application or its project says without effect. */
export const noEffectWarning = 'NoEffectWarning';

type Subject = {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly finalizers: readonly string[];
};

type Project = { readonly name: string; readonly spec: Readonly<Record<string, unknown>> };

/** Rules of a project that allow everything: nobody believes that these protect. */
const open: Readonly<Record<string, readonly unknown[]>> = {
  clusterResourceWhitelist: [[{ group: '*', kind: '*' }]],
  destinations: [[{ server: '*', namespace: '*' }], [{ name: '*', namespace: '*', server: '*' }]],
  namespaceResourceWhitelist: [[{ group: '*', kind: '*' }]],
  sourceRepos: [['*']],
};

/** Fields without effect whose value says what holds anyway. */
const harmless: Readonly<Record<string, unknown>> = { 'spec.source.helm.version': 'v3' };

/** What an application says, and its project for it, that has no effect yet. */
export function noEffectConditions(application: Subject, project: Project | undefined): FoundCondition[] {
  const marks = [
    ...Object.keys(application.annotations).map((name) => `metadata.annotations.${name}`),
    ...application.finalizers.map((name) => `metadata.finalizers.${name}`),
  ].flatMap((path) => warn(path, noEffectOf('Application', path)));
  const fields = writtenFields(ApplicationSpec, application.spec, 'spec').flatMap((field) =>
    warn(field.path, whyWithout(field)),
  );
  const rules = Object.entries(noEffectYet.AppProject).flatMap(([key, words]) =>
    project !== undefined && restricts(key, ownField(project.spec, key))
      ? warn(`${key} of project ${project.name}`, words)
      : [],
  );
  return [...marks, ...fields, ...rules];
}

/** Fields without which something else would be deployed than their owner means. */
const decisive: ReadonlySet<string> = new Set(['spec.sourceHydrator', 'spec.source.tagPrefix']);

/** Why an application is not synced by itself: a field that has no effect yet, and would change what is deployed. */
export function misdeployment(spec: Readonly<Record<string, unknown>>): string | undefined {
  const field = writtenFields(ApplicationSpec, spec, 'spec').find(
    ({ path, value }) => value !== '' && decisive.has(rowOf(path)),
  );
  const words = field === undefined ? undefined : noEffectOf('Application', rowOf(field.path));
  return words === undefined
    ? undefined
    : `Skipping automated sync: ${field?.path} has no effect yet, and without it something else would be deployed (${words})`;
}

/** Rows of a source are for each of several, too. */
function rowOf(path: string): string {
  return path.replace(/^spec\.sources\[\d+\]/, 'spec.source');
}

/** A field that nothing here knows of is in no row, mostly. */
function whyWithout({ path, value, isKnown }: WrittenField): string | undefined {
  const row = rowOf(path);
  if (ownField(harmless, row) === value) return undefined;
  return noEffectOf('Application', row) ?? (isKnown ? undefined : 'it is not a known field');
}

function restricts(key: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (Array.isArray(value) && value.length === 0) return false;
  return !(ownField(open, key) ?? []).some((allowed) => sameJson(allowed, value));
}

function warn(what: string, words: string | undefined): FoundCondition[] {
  return words === undefined
    ? []
    : [{ type: noEffectWarning, message: `${what} has no effect yet: ${words}` }];
}
