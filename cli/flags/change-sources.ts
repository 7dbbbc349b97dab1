import { hasMultipleSources } from '../../core/application/source/source.ts';
import type { ApplicationSource } from '../../core/application/source/source-spec.ts';
import { ApplicationSpec } from '../../core/application/spec/spec.ts';
import { KeelsonError } from '../../core/errors.ts';
import { formatIssues } from '../../core/issue.ts';
import {
  applyFlags,
  applySourceFlags,
  type Draft,
  draftFlags,
  type FlagValues,
  hasSourceFlags,
} from './application-flags.ts';
import { parseInteger } from './flag-value.ts';

/** An application whose spec is to be changed. */
export type Changed = { readonly name: string; readonly spec: ApplicationSpec };

const ofMetadata: ReadonlySet<string> = new Set(['set-finalizer', 'label', 'annotations', 'app-namespace']);

/** Flags that change where to, in which project, and by which rules an application is synced. */
export const specFlags = draftFlags.filter(({ name }) => !ofMetadata.has(name));

/** A position that somebody gave, from 1; undefined where none was given. */
export function readPosition(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const position = parseInteger(text, '--source-position');
  if (position > 0) return position;
  throw new KeelsonError('invalid-argument', '--source-position counts from 1; give a larger one');
}

/** The spec as flags want it; source flags change the source at a position, which only several sources need. */
export function changeSpec(
  { name, spec }: Changed,
  values: FlagValues,
  position: number | undefined,
): ApplicationSpec {
  const draft: Draft = {
    metadata: { name },
    spec: { ...spec, syncPolicy: spec.syncPolicy ?? {} },
  };
  const { syncPolicy, ...rest } = applyFlags(specFlags, draft, values).spec;
  const changed = Object.keys(syncPolicy).length === 0 ? rest : { ...rest, syncPolicy };
  const sources = hasSourceFlags(values) ? changeSource({ name, spec }, values, position) : {};
  return checked(name, { ...changed, ...sources });
}

/** The spec with one source more, which the flags describe. */
export function addSource({ name, spec }: Changed, values: FlagValues): ApplicationSpec {
  const source = applySourceFlags({ repoURL: '' }, values);
  if (source.repoURL === '') {
    throw new KeelsonError('invalid-argument', 'the new source has no repository; add --repo');
  }
  return checked(name, { ...spec, sources: [...listed({ name, spec }), source] });
}

/** The spec without the source at a position. */
export function removeSource({ name, spec }: Changed, position: number): ApplicationSpec {
  const sources = listed({ name, spec });
  sourceAt({ name, spec }, position);
  if (sources.length === 1) {
    throw new KeelsonError(
      'invalid-argument',
      `application ${name} has no other source; delete the application, or add a source first`,
    );
  }
  return checked(name, { ...spec, sources: sources.filter((_, index) => index !== position - 1) });
}

/** The source at a position, from 1; without one the only source. */
export function sourceAt(
  { name, spec }: Changed,
  position: number | undefined,
): { readonly source: ApplicationSource; readonly index: number } {
  const sources = hasMultipleSources(spec) ? (spec.sources ?? []) : spec.source ? [spec.source] : [];
  if (position === undefined && hasMultipleSources(spec)) {
    throw new KeelsonError(
      'invalid-argument',
      `application ${name} has a list of sources; say which with --source-position, 1 to ${sources.length}`,
    );
  }
  const index = (position ?? 1) - 1;
  const source = sources[index];
  if (source !== undefined) return { source, index };
  throw new KeelsonError(
    'invalid-argument',
    `application ${name} has no source at position ${index + 1}; it has ${sources.length}`,
  );
}

function changeSource(
  application: Changed,
  values: FlagValues,
  position: number | undefined,
): Pick<ApplicationSpec, 'source' | 'sources'> {
  const { source, index } = sourceAt(application, position);
  const changed = applySourceFlags(source, values);
  const { sources } = application.spec;
  return hasMultipleSources(application.spec)
    ? { sources: sources?.map((one, at) => (at === index ? changed : one)) }
    : { source: changed };
}

function listed({ name, spec }: Changed): readonly ApplicationSource[] {
  if (hasMultipleSources(spec)) return spec.sources ?? [];
  throw new KeelsonError(
    'invalid-argument',
    `application ${name} has spec.source and no list; move it into spec.sources first (keelson app create --upsert -f FILE)`,
  );
}

function checked(name: string, spec: unknown): ApplicationSpec {
  const read = ApplicationSpec.safeParse(spec);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }));
  throw new KeelsonError('invalid-argument', `application ${name}: ${formatIssues(issues)}`);
}
