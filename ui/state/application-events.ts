import type { Application } from '../../core/application/spec/spec.ts';
import type { ApplicationEvent } from '../../core/wire/application.ts';

/** Applications by name, in the order of their names. */
export type Applications = ReadonlyMap<string, Application>;

export function indexApplications(items: readonly Application[]): Applications {
  const sorted = [...items].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return new Map(sorted.map((application) => [application.metadata.name, application]));
}

/** Applies a batch of stream events; the order of names is kept when one is added. */
export function applyEvents(applications: Applications, events: readonly ApplicationEvent[]): Applications {
  const next = new Map(applications);
  let added = false;
  for (const { type, application } of events) {
    const { name } = application.metadata;
    if (type === 'DELETED') {
      next.delete(name);
      continue;
    }
    added ||= !next.has(name);
    next.set(name, application);
  }
  return added ? indexApplications([...next.values()]) : next;
}
