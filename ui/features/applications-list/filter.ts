import type { Application } from '../../../core/application/spec/spec.ts';
import {
  type HealthStatus,
  healthStatuses,
  type SyncStatus,
  syncStatuses,
} from '../../../core/application/words.ts';
import { qualifiedName } from '../../model/application-name.ts';

/** What the list is narrowed to; empty sets let everything through. */
export type ListFilter = {
  readonly search: string;
  readonly sync: ReadonlySet<string>;
  readonly health: ReadonlySet<string>;
  readonly projects: ReadonlySet<string>;
};

export type FilterField = 'sync' | 'health' | 'projects';

/** Query parameters of the address by field, as the reference names them. */
export const filterParameters: Readonly<Record<FilterField, string>> = {
  sync: 'sync',
  health: 'health',
  projects: 'proj',
};

export function readFilter(query: URLSearchParams): ListFilter {
  return {
    search: query.get('search') ?? '',
    sync: readSet(query.get(filterParameters.sync)),
    health: readSet(query.get(filterParameters.health)),
    projects: readSet(query.get(filterParameters.projects)),
  };
}

/** A field's new query value after one of its choices was clicked; undefined when none is left. */
export function toggled(values: ReadonlySet<string>, value: string): string | undefined {
  const next = new Set(values);
  if (!next.delete(value)) next.add(value);
  return next.size === 0 ? undefined : [...next].sort().join(',');
}

export function isNarrowed(filter: ListFilter): boolean {
  return filter.search !== '' || filter.sync.size + filter.health.size + filter.projects.size > 0;
}

export function filterApplications(
  applications: readonly Application[],
  filter: ListFilter,
): readonly Application[] {
  return applications.filter((application) => matches(application, filter));
}

export type Choice = { readonly value: string; readonly count: number };

/**
 * The choices of one field with their counts. A count says how many applications the choice would show, so the
 * field's own selection is left out while all other filters hold.
 */
export function choicesOf(
  field: FilterField,
  applications: readonly Application[],
  filter: ListFilter,
): readonly Choice[] {
  const others = { ...filter, [field]: new Set<string>() };
  const counts = new Map<string, number>(fixedChoices[field].map((value) => [value, 0]));
  for (const application of applications) {
    const value = choiceOf(field, application);
    const known = counts.get(value) ?? 0;
    counts.set(value, matches(application, others) ? known + 1 : known);
  }
  const choices = [...counts].map(([value, count]) => ({ value, count }));
  return field === 'projects' ? choices.sort((a, b) => (a.value < b.value ? -1 : 1)) : choices;
}

export function syncOf(application: Application): SyncStatus {
  return application.status?.sync?.status ?? 'Unknown';
}

export function healthOf(application: Application): HealthStatus {
  return application.status?.health?.status ?? 'Unknown';
}

const fixedChoices: Readonly<Record<FilterField, readonly string[]>> = {
  sync: syncStatuses,
  health: healthStatuses,
  projects: [],
};

function choiceOf(field: FilterField, application: Application): string {
  if (field === 'sync') return syncOf(application);
  return field === 'health' ? healthOf(application) : application.spec.project;
}

function matches(application: Application, filter: ListFilter): boolean {
  const name = qualifiedName(application);
  const text = `${name} ${application.spec.destination.namespace ?? ''}`.toLowerCase();
  const words = filter.search.toLowerCase().split(/\s+/);
  if (!words.every((word) => text.includes(word))) return false;
  return (['sync', 'health', 'projects'] as const).every((field) => {
    const wanted = filter[field];
    return wanted.size === 0 || wanted.has(choiceOf(field, application));
  });
}

function readSet(value: string | null): ReadonlySet<string> {
  return new Set((value ?? '').split(',').filter((part) => part !== ''));
}
