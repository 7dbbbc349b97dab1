import type { Application } from '../../core/application/spec/spec.ts';
import type { ApplicationEvent } from '../../core/wire/application.ts';
import { qualifiedName } from '../model/application-name.ts';

/** Applications by their qualified names, in the order of these. */
export type Applications = ReadonlyMap<string, Application>;

export function indexApplications(items: readonly Application[]): Applications {
  const named = items.map((application) => [qualifiedName(application), application] as const);
  return new Map(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Applies a batch of stream events; the order of names is kept when one is added. */
export function applyEvents(applications: Applications, events: readonly ApplicationEvent[]): Applications {
  const next = new Map(applications);
  let added = false;
  for (const { type, application } of events) {
    const name = qualifiedName(application);
    if (type === 'DELETED') {
      next.delete(name);
      continue;
    }
    added ||= !next.has(name);
    next.set(name, application);
  }
  return added ? indexApplications([...next.values()]) : next;
}
